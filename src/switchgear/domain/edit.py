"""The closed set of changes that a layer may ask of a request body."""

from enum import Enum

import msgspec

from switchgear.domain.turn import ToolChoice, Turn


class PrefillForm(Enum):
    """How a provider is told to go on from the last assistant message: OpenAI's API has no way."""

    PLAIN = "plain"
    """The message alone says it."""
    PREFIX = "prefix"
    """``prefix: true`` in the message (DeepSeek, Mistral)."""
    CONTINUE = "continue_final_message"
    """``continue_final_message`` beside the messages (vLLM)."""


class UseModel(msgspec.Struct, frozen=True, gc=False, tag="use_model"):
    """Name this model instead of the one that the caller named."""

    model: str


class CapOutput(msgspec.Struct, frozen=True, gc=False, tag="cap_output"):
    """Allow at most so many tokens of output; never more than the caller allowed."""

    tokens: int


class AskUsage(msgspec.Struct, frozen=True, gc=False, tag="ask_usage"):
    """Ask a streaming target to tell its usage; frames that only answer this are swallowed.

    Only for calls whose caller did not ask for them: see ``Conversation.wants_usage``.
    """


class ChooseTool(msgspec.Struct, frozen=True, gc=False, tag="choose_tool"):
    """Say this of the tools instead of what the caller said; the tools stay as they are.

    So no prompt cache is lost. Where there are no tools it changes nothing. Bedrock cannot say
    NONE: there the tools are left out as long as none was called, and must stay after that, which
    is named among what was dropped.
    """

    choice: ToolChoice


class Append(msgspec.Struct, frozen=True, gc=False, tag="append"):
    """Say these turns after all that the caller sent.

    Words of the assistant that follow words of the assistant are one message with them.
    """

    turns: tuple[Turn, ...]


class Prefill(msgspec.Struct, frozen=True, gc=False, tag="prefill"):
    """Let the target go on from this text as from its own words.

    Only for targets with ``Capability.PREFILL``. An assistant message at the caller's tail is
    made longer by it. It switches thinking off where the API forbids both together.
    """

    text: str
    """Not blank, and with no white space at its end: Anthropic's API refuses that."""
    form: PrefillForm = PrefillForm.PLAIN
    """The adapter writes its provider's in."""


class Recall(msgspec.Struct, frozen=True, gc=False, tag="recall"):
    """Say these turns before the request's own input, instead of naming the answer they led to.

    For a target that does not hold the answer which ``Conversation.previous`` names: a rewritten
    request then has the turns, and ``previous_response_id`` no more. A conversation that is written
    for another dialect has them among its turns already, so there it changes nothing.
    """

    turns: tuple[Turn, ...]


class Mend(msgspec.Struct, frozen=True, gc=False, tag="mend"):
    """Make whole what one agent left and another goes on with: providers refuse it otherwise.

    A call of a tool that nobody answered gets a result which says that it was not run; a result
    whose call is not there becomes words. It is made before all that is said besides.
    """

    open: tuple[str, ...] = ()
    """Ids of calls that were left open in what the request only names, by
    ``Conversation.previous``."""


Edit = UseModel | CapOutput | AskUsage | ChooseTool | Append | Prefill | Recall | Mend
