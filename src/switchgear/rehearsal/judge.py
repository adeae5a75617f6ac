"""Whether what a caller saw is what a fault may look like from outside."""

import msgspec

from switchgear.domain.decision import Rescue
from switchgear.rehearsal.act.framing import SMUGGLED
from switchgear.rehearsal.fault import Expect, Fault, Form
from switchgear.rehearsal.seen import OK, Seen
from switchgear.rehearsal.voice import TEXT

STOPPED_BY_FILTER = {"content_filter", "refusal"}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What was tried."""

    fault: Fault
    form: Form
    fallback: bool
    """There is a healthy target to fall back to."""
    rescue: Rescue = Rescue.CONTINUE
    most_attempts: int = 4
    most_s: float = 10.0

    @property
    def expect(self) -> Expect:
        """What the caller is to get."""
        return self.fault.expected(self.form)


def judge(case: Case, seen: Seen, attempts: int) -> list[str]:
    """Return what is wrong with what was seen; nothing when it is as it must be."""
    found = list(seen.flaws)
    if SMUGGLED.encode() in seen.raw or SMUGGLED in seen.text:
        found.append("the caller got an answer that nobody asked for")
    if seen.ended and seen.errors:
        found.append("an error and a proper end")
    if len(seen.errors) > 1:
        found.append(f"{len(seen.errors)} errors for one call")
    if attempts > case.most_attempts:
        found.append(f"{attempts} attempts, not {case.most_attempts} at most")
    if seen.seconds > case.most_s:
        found.append(f"{seen.seconds:.1f} s, not {case.most_s:g} at most")
    return found + _RULES[case.expect](case, seen)


def lost(case: Case, seen: Seen) -> bool:
    """Whether the caller got no answer although there was one to be had."""
    told = {Expect.PASSED_ON, Expect.FILTERED, Expect.TOLD, Expect.BOUNDED}
    rescued = case.expect is not Expect.RESCUE or case.rescue is not Rescue.ERROR
    return case.fallback and rescued and case.expect not in told and not is_good(seen)


def truncated(case: Case, seen: Seen) -> bool:
    """Whether something that is not the whole answer was shown as one."""
    odd = {Expect.FILTERED, Expect.TOLD, Expect.BOUNDED}
    return case.expect not in odd and seen.ended and seen.text != TEXT


def is_good(seen: Seen) -> bool:
    """Whether this is the whole answer, and nothing else."""
    return seen.status == OK and seen.ended and not seen.errors and seen.text == TEXT


def _good(_: Case, seen: Seen) -> list[str]:
    if is_good(seen):
        return []
    if seen.ended:
        return [f"as a success the caller got {seen.text[:80]!r}"]
    return [f"no answer: {_shown(seen)}"]


def _error(_: Case, seen: Seen) -> list[str]:
    """Exactly one error before anything of an answer."""
    if seen.status != OK and seen.errors and not seen.text:
        return [] if seen.code else ["an error without a code"]
    return [f"not one clean error: {_shown(seen)}"]


def _fallback(case: Case, seen: Seen) -> list[str]:
    return _good(case, seen) if case.fallback else _error_or_good(case, seen)


def _error_or_good(case: Case, seen: Seen) -> list[str]:
    """Where nobody else is there: what passes may pass on the second try."""
    return [] if is_good(seen) else _error(case, seen)


def _rescue(case: Case, seen: Seen) -> list[str]:
    if case.fallback and case.rescue is not Rescue.ERROR:
        return _good(case, seen)
    if is_good(seen) and case.rescue is not Rescue.ERROR:
        return []
    if case.rescue is Rescue.HOLD:
        return _error(case, seen)
    if seen.status == OK and len(seen.errors) == 1 and not seen.ended:
        return [] if TEXT.startswith(seen.text) and seen.code else [f"bad words: {_shown(seen)}"]
    return [f"not one error within the stream: {_shown(seen)}"]


def _larger(case: Case, seen: Seen) -> list[str]:
    if case.fallback:
        return _good(case, seen)
    return [] if seen.code == "context_too_long" else [f"not the reason: {_shown(seen)}"]


def _passed_on(case: Case, seen: Seen) -> list[str]:
    found = _error(case, seen)
    if not found and not 400 <= seen.status < 500:  # noqa: PLR2004  (RFC 9110, 15.5)
        found.append(f"status {seen.status} for what the caller caused")
    return found


def _filtered(_: Case, seen: Seen) -> list[str]:
    good = seen.status == OK and seen.ended and seen.stop in STOPPED_BY_FILTER
    return [] if good else [f"the filter does not show: {_shown(seen)}"]


def _told(_: Case, seen: Seen) -> list[str]:
    return [] if seen.ended or seen.errors else [f"neither an answer nor an error: {_shown(seen)}"]


def _bounded(_: Case, seen: Seen) -> list[str]:
    if seen.ended and not seen.errors:
        return []
    one = len(seen.errors) == 1 and seen.code
    return [] if one and not seen.ended else [f"neither an answer nor one error: {_shown(seen)}"]


def _shown(seen: Seen) -> str:
    code = f" {seen.code}" if seen.code else ""
    text = f" {seen.text[:60]!r}" if seen.text else ""
    return f"{seen.status}{code}{text}{'' if seen.ended else ', no end'}"


_RULES = {
    Expect.ANSWER: _good,
    Expect.FALLBACK: _fallback,
    Expect.RESCUE: _rescue,
    Expect.LARGER: _larger,
    Expect.PASSED_ON: _passed_on,
    Expect.FILTERED: _filtered,
    Expect.TOLD: _told,
    Expect.BOUNDED: _bounded,
}
