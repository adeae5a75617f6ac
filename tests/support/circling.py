"""An agent's conversation, grown turn by turn, and what the detector sees in it."""

import json
from collections.abc import Sequence

from switchgear.domain.turn import Conversation, Role, Text, ToolResult, ToolUse, Turn
from switchgear.engine.loop.detect import detect
from switchgear.engine.loop.read import moves_of
from switchgear.engine.loop.ring import EMPTY, Ring
from switchgear.engine.loop.signal import Signal
from switchgear.engine.loop.tolerance import Tolerance

TOLERANCE = Tolerance()


class Chat:
    """A client's list of turns; each call to ``send`` is a request that carries it all."""

    def __init__(self, agent: str = "") -> None:
        self.turns: list[Turn] = [Turn(Role.SYSTEM, (Text("You are an agent."),))]
        self.ring: Ring = EMPTY
        self.agent = agent
        self.fired: list[Signal] = []
        self._number = 0
        self.human("Do the task, please.")

    def human(self, text: str) -> list[Signal]:
        self.turns.append(Turn(Role.USER, (Text(text),)))
        return self.send()

    def say(self, text: str, then: str = "Go on.") -> list[Signal]:
        self.turns.append(Turn(Role.ASSISTANT, (Text(text),)))
        return self.human(then)

    def call(
        self,
        tool: str,
        result: str,
        thought: str = "",
        call_id: str | None = None,
        **arguments: object,
    ) -> list[Signal]:
        return self.calls([(tool, arguments, result)], thought, call_id)

    def calls(
        self,
        some: Sequence[tuple[str, dict[str, object], str]],
        thought: str = "",
        call_id: str | None = None,
    ) -> list[Signal]:
        """All in one turn."""
        uses, results = [], []
        for tool, arguments, result in some:
            self._number += 1
            name = f"call_{self._number}" if call_id is None else call_id
            uses.append(ToolUse(id=name, name=tool, arguments=json.dumps(arguments)))
            results.append(ToolResult(id=name, parts=(Text(result),)))
        said = (Text(thought),) if thought else ()
        self.turns += [Turn(Role.ASSISTANT, (*said, *uses)), Turn(Role.USER, tuple(results))]
        return self.send()

    @property
    def talk(self) -> Conversation:
        return Conversation(model="m", turns=tuple(self.turns))

    def send(self) -> list[Signal]:
        """Return the signals of this request that were not there before."""
        self.ring = self.ring.add(moves_of(self.talk, self.ring, self.agent))
        known = {each.occurrence for each in self.fired}
        fresh = [each for each in detect(self.ring, TOLERANCE) if each.occurrence not in known]
        self.fired += fresh
        return fresh

    @property
    def acted(self) -> set[str]:
        """Codes of signals that asked for action."""
        return {each.code for each in self.fired if each.act}

    @property
    def seen(self) -> set[str]:
        return {each.code for each in self.fired}
