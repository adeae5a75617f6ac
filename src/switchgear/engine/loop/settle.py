"""Turns what was found in a conversation into moves: digests, without what is known already."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from switchgear.engine.loop.argument import ask_of
from switchgear.engine.loop.deed import UNKNOWN, Deed, Frame
from switchgear.engine.loop.digest import bytes_of, digest
from switchgear.engine.loop.failure import error_digest
from switchgear.engine.loop.gist import gist_of
from switchgear.engine.loop.handoff import LONGEST_NAME, receiver_of
from switchgear.engine.loop.move import Kind, Move
from switchgear.engine.loop.result import is_empty, is_unready, plain_digest, result_digest
from switchgear.engine.loop.ring import Ring
from switchgear.engine.loop.start import Start

MOST_LIKENED = 12
"""Moves at the end among which texts get a gist."""
FEW = 4
"""Calls that are scrubbed all; of more, only those that were made more than once."""
LONGEST_PLEA = 1_000
"""Characters of a human's first words in a list that goes on from none; more is a summary."""
LONG = 400
"""Characters of a text that may be the fruit of some work; to hand over takes fewer."""
NO_DIGITS = str.maketrans("", "", "0123456789")


def settle(deeds: Sequence[Deed], start: Start, ring: Ring, agent: str) -> tuple[Move, ...]:
    """Return the moves that are new, oldest first."""
    if not deeds:
        return ()
    scribe = _Scribe(start, ring, agent)
    calls = [deed for deed in deeds if deed.kind is Kind.CALL]
    if calls:
        scribe.expect(calls)
    for deed in deeds:
        scribe.write(deed)
    return scribe.done()


class _Scribe:
    """Writes moves, and knows what was there before."""

    def __init__(self, start: Start, ring: Ring, agent: str) -> None:
        self._moves: list[Move] = []
        self._said: dict[int, str] = {}
        """Texts, by the place of their moves."""
        self._agent = agent
        self._first = (start.turn + 1, start.by or agent)
        """The answer to the call before is its caller's."""
        self._start = start
        self._ring = ring
        self._lost = Counter([move.id for move in start.lost if move.id]) if start.lost else None
        self._humans = {move.result for move in ring.moves if move.kind is Kind.HUMAN}
        self._texts = {move.result for move in ring.moves if move.kind is Kind.TEXT}
        self._results: set[bytes] = set()
        self._asks: list[bytes] = []
        self._often: Counter[bytes] | None = None
        self._holder = agent

    def expect(self, calls: Sequence[Deed]) -> None:
        """Learn which calls there are, and whether they were made before."""
        moves = self._ring.moves
        self._results = {move.result for move in moves if move.kind is Kind.CALL}
        self._holder = _holder(self._ring, self._agent)
        self._asks = [_ask(deed) for deed in reversed(calls)]
        if len(calls) > FEW:
            self._often = Counter(self._asks)
            self._often.update([move.ask for move in moves if move.ask])

    def write(self, deed: Deed) -> None:
        """Write what was done, unless it is known."""
        if deed.kind is Kind.CALL:
            self._write_call(deed, self._asks.pop())
            return
        aside = deed.aside and deed.kind is Kind.HUMAN
        text = deed.text.translate(NO_DIGITS) if aside else deed.text
        name = digest(bytes_of(text))
        if self._is_known(name):
            return
        if deed.kind is Kind.TEXT:
            self._said[len(self._moves)] = text
            telling = len(text) >= LONG and name not in self._texts
            self._texts.add(name)
            self._add(deed, name, telling=telling)
        else:
            self._add(deed, name, new=name not in self._humans and self._is_human(deed))
            self._humans.add(name)

    def done(self) -> tuple[Move, ...]:
        """Return the moves; those texts have a gist that nothing new followed."""
        for place in range(len(self._moves) - 1, max(len(self._moves) - MOST_LIKENED, 0) - 1, -1):
            if self._moves[place].new:
                break
            if place in self._said:
                gist = gist_of(self._said[place])
                self._moves[place] = msgspec.structs.replace(self._moves[place], gist=gist)
        return tuple(self._moves)

    def _write_call(self, deed: Deed, ask: bytes) -> None:
        use, frame, text = deed.use, deed.frame, deed.text
        error = error_digest(text, failed=deed.failed)
        result = error or self._result(text, ask)
        name = digest(bytes_of(use.id) + ask + result)
        if self._is_known(name):
            return
        receiver = "" if error else receiver_of(use.name, use.arguments)
        if receiver:
            self._write_handoff(deed, name, receiver)
            return
        new = result not in self._results and not is_empty(text)
        self._results.add(result)
        self._moves.append(
            Move(
                kind=Kind.CALL,
                turn=frame.turn,
                agent=self._actor(frame),
                caller=self._agent,
                mark=frame.mark,
                place=frame.place,
                chars=frame.chars,
                id=name,
                tool=use.name[:LONGEST_NAME],
                ask=ask,
                result=result,
                error=error,
                new=new,
                unready=is_unready(text),
            )
        )

    def _result(self, text: str, ask: bytes) -> bytes:
        if self._often is None or self._often[ask] > 1:
            return result_digest(text)
        return plain_digest(text)

    def _write_handoff(self, deed: Deed, name: bytes, receiver: str) -> None:
        frame = deed.frame
        self._moves.append(
            Move(
                kind=Kind.HANDOFF,
                turn=frame.turn,
                agent=self._actor(frame),
                caller=self._agent,
                mark=frame.mark,
                place=frame.place,
                chars=frame.chars,
                id=name,
                giver=self._holder,
                to=receiver,
            )
        )
        self._holder = receiver

    def _is_human(self, deed: Deed) -> bool:
        """Whether it can be a human who speaks: no summary of what was cut, no agent's errand."""
        moves = self._ring.moves
        if not moves:
            return True
        if moves[-1].kind is Kind.HANDOFF and not moves[-1].mark and not self._moves:
            return False
        if not deed.frame.early or self._start.shared:
            return True
        return moves[-1].caller == self._agent and len(deed.text) <= LONGEST_PLEA

    def _actor(self, frame: Frame) -> str:
        turn, agent = self._first
        return agent if frame.turn <= turn and not frame.early else self._agent

    def _is_known(self, name: bytes) -> bool:
        if self._lost is None or not self._lost.get(name):
            return False
        self._lost[name] -= 1
        return True

    def _add(self, deed: Deed, name: bytes, *, new: bool = False, telling: bool = False) -> None:
        frame = deed.frame
        self._moves.append(
            Move(
                kind=deed.kind,
                turn=frame.turn,
                agent=self._actor(frame),
                caller=self._agent,
                mark=frame.mark,
                place=frame.place,
                chars=frame.chars,
                id=name,
                result=name,
                new=new,
                telling=telling,
            )
        )


def _ask(deed: Deed) -> bytes:
    if deed.use is UNKNOWN:
        return digest(b"%d %s" % (deed.frame.place, deed.frame.mark))  # nothing is like it
    return ask_of(deed.use.name, deed.use.arguments)


def _holder(ring: Ring, agent: str) -> str:
    """Return who has the task: the caller, or to whom it has handed over since under its name."""
    for move in reversed(ring.moves):
        if move.to:
            return move.to
        if move.caller != agent:
            break
    return agent
