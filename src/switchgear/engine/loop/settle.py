"""Turns what was found in a conversation into moves: digests, without what is known already."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from switchgear.engine.loop.argument import ask_of
from switchgear.engine.loop.deed import UNKNOWN, Deed
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
"""Characters of a human's first words after the client cut its list; more is a summary."""
NO_DIGITS = str.maketrans("", "", "0123456789")


def settle(deeds: Sequence[Deed], start: Start, ring: Ring, agent: str) -> tuple[Move, ...]:
    """Return the moves that are new, oldest first."""
    if not deeds:
        return ()
    scribe = _Scribe(deeds, start, ring, agent)
    for deed in deeds:
        scribe.write(deed)
    return scribe.done()


class _Scribe:
    """Writes moves, and knows what was there before."""

    def __init__(self, deeds: Sequence[Deed], start: Start, ring: Ring, agent: str) -> None:
        self.moves: list[Move] = []
        self._agent = agent
        self._start = start
        self._lost = Counter([move.id for move in start.lost if move.id])
        self._results = {move.result for move in ring.moves if move.kind is Kind.CALL}
        self._humans = {move.result for move in ring.moves if move.kind is Kind.HUMAN}
        self._asks = [
            ask_of(deed.use.name, deed.use.arguments) if deed.use is not UNKNOWN else b""
            for deed in deeds
            if deed.kind is Kind.CALL
        ]
        self._asks.reverse()
        self._often: Counter[bytes] | None = None
        if len(self._asks) > FEW:
            self._often = Counter(self._asks)
            self._often.update([move.ask for move in ring.moves if move.ask])
        self._holder = _holder(ring, agent)
        self._errand = bool(ring.moves) and ring.moves[-1].agent != agent
        self._handed = bool(ring.moves) and ring.moves[-1].kind is Kind.HANDOFF
        self._said: dict[int, str] = {}
        """Texts, by the place of their moves."""

    def done(self) -> tuple[Move, ...]:
        """Return the moves; those texts have a gist that nothing new followed."""
        for place in range(len(self.moves) - 1, max(len(self.moves) - MOST_LIKENED, 0) - 1, -1):
            if self.moves[place].new:
                break
            if place in self._said:
                gist = gist_of(self._said[place])
                self.moves[place] = msgspec.structs.replace(self.moves[place], gist=gist)
        return tuple(self.moves)

    def write(self, deed: Deed) -> None:
        """Write what was done, unless it is known."""
        if deed.kind is Kind.CALL:
            self._write_call(deed, self._asks.pop())
        elif deed.kind is Kind.TEXT:
            self._write_text(deed)
        else:
            self._write_human(deed)

    def _write_call(self, deed: Deed, ask: bytes) -> None:
        use = deed.use
        error = error_digest(deed.text, failed=deed.failed)
        ask = ask or digest(bytes_of(f"{deed.place} {deed.mark.hex()}"))
        result = error or self._result(deed.text, ask)
        name = digest(bytes_of(use.id) + ask + result)
        receiver = "" if error else receiver_of(use.name, use.arguments)
        if self._is_known(name):
            return
        if receiver:
            self._write_handoff(deed, name, receiver)
            return
        new = result not in self._results and not is_empty(deed.text)
        self._results.add(result)
        self.moves.append(
            Move(
                kind=Kind.CALL,
                turn=deed.turn,
                agent=self._agent,
                mark=deed.mark,
                place=deed.place,
                chars=deed.chars,
                id=name,
                tool=use.name[:LONGEST_NAME],
                ask=ask,
                result=result,
                error=error,
                new=new,
                unready=is_unready(deed.text),
            )
        )

    def _result(self, text: str, ask: bytes) -> bytes:
        if self._often is None or self._often[ask] > 1:
            return result_digest(text)
        return plain_digest(text)

    def _write_handoff(self, deed: Deed, name: bytes, receiver: str) -> None:
        self._add(deed, Kind.HANDOFF, name, giver=self._holder, to=receiver)
        self._holder = receiver

    def _write_text(self, deed: Deed) -> None:
        name = digest(bytes_of(deed.text))
        if self._is_known(name):
            return
        self._said[len(self.moves)] = deed.text
        self._add(deed, Kind.TEXT, name)

    def _write_human(self, deed: Deed) -> None:
        text = deed.text.translate(NO_DIGITS) if deed.aside else deed.text
        name = digest(bytes_of(text))
        if self._is_known(name):
            return
        new = name not in self._humans and self._is_human(deed)
        self._humans.add(name)
        self._add(deed, Kind.HUMAN, name, new=new)

    def _is_human(self, deed: Deed) -> bool:
        """Whether it can be a human who speaks: no summary of what was cut, no agent's errand."""
        if self._handed and not self.moves:
            return False
        if not deed.early or self._start.shared:
            return True
        return not self._errand and not (self._start.cut and len(deed.text) > LONGEST_PLEA)

    def _is_known(self, name: bytes) -> bool:
        if self._lost.get(name):
            self._lost[name] -= 1
            return True
        return False

    def _add(self, deed: Deed, kind: Kind, name: bytes, **more: str | bytes | bool) -> None:
        move = Move(
            kind=kind,
            turn=deed.turn,
            agent=self._agent,
            mark=deed.mark,
            place=deed.place,
            chars=deed.chars,
            id=name,
            result=name,
        )
        self.moves.append(msgspec.structs.replace(move, **more) if more else move)


def _holder(ring: Ring, agent: str) -> str:
    """Return who has the task: the caller, or to whom it has handed over since under its name."""
    for move in reversed(ring.moves):
        if move.to:
            return move.to
        if move.agent != agent:
            break
    return agent
