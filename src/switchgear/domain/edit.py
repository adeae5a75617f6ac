"""The closed set of changes that a layer may ask of a request body."""

import msgspec


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


Edit = UseModel | CapOutput | AskUsage
