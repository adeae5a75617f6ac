"""Errors that tools give back, so written that the same failure is the same text."""

from typing import Any

import msgspec

from switchgear.engine.loop.digest import bytes_of, digest

MOST_PARSED = 4_096
"""Characters of JSON in which an error is looked for."""
LEAD, TAIL, REACH = 200, 400, 4_000
"""Characters at the start and at the end of a result that tell whether it is an error; a traceback
may begin further from the end."""
WORDS = 48
"""Words of an error that are compared, at its start; at its end a third as many."""

LEADS = ("error:", "error!", "traceback (most recent", "exception:", "fatal:", "panic:", "err:")
AFTER_ERROR = frozenset({
    *("executing", "calling", "running", "while", "occurred", "in", "during", "reading"),
    *("writing", "parsing", "fetching", "code", "from", "processing", "loading"),
    *("opening", "invoking"),
})  # fmt: skip
EXITS = ("exit code", "exitcode", "exit status", "exit_code", "returncode", "return code")
TRACEBACK = "Traceback (most recent call last)"
COUNTED = frozenset({
    *("failed", "passed", "failed,", "passed,", "errors", "error", "errors,", "failures"),
    *("failures,", "error,", "tests", "tests,", "failing", "warnings", "of"),
})  # fmt: skip
"""Words whose number says how far a run of tests is."""
NUMBERED = frozenset("0123456789")
CODES = frozenset(str(code) for code in range(400, 600))
"""Status codes of HTTP, which tell one failure from another."""

_decode = msgspec.json.Decoder().decode


def error_digest(text: str, *, failed: bool) -> bytes:
    """Return the digest of the error that a result is; nothing where it is none."""
    error = _error(text)
    if not error and not failed:
        return b""
    return digest(bytes_of(_normal(error or text)))


def _error(text: str) -> str:
    """Return what of a result tells of an error; empty where it is none."""
    lead = _past_stamp(text[:LEAD].lstrip())
    if lead[:1] == "{":
        return _of_json(text) if len(text) <= MOST_PARSED else ""
    low = lead.lower()
    if low.startswith(LEADS) or _names_error(low):
        return _cause(text)
    tail = text[-TAIL:]
    if "xit" in low or "eturn" in low or "xit" in tail:
        return _cause(text) if _exited(low) or _exited(tail.lower()) else ""
    if tail and TRACEBACK in text[-REACH:]:
        last = tail.rstrip().rpartition("\n")[2].partition(":")[0]
        return _cause(text) if last.endswith(("Error", "Exception", "Exit", "Interrupt")) else ""
    return ""


def _past_stamp(lead: str) -> str:
    """Return the text behind what logs begin their lines with."""
    if lead[:1] == "[":
        stamp, bracket, rest = lead.partition("]")
        return rest.lstrip() if bracket and "{" not in stamp and '"' not in stamp else lead
    return lead


def _names_error(low: str) -> bool:
    """Whether a text begins with ``Error`` and a word that belongs to it, or a code."""
    words = low.split(None, 2)[:2]
    if len(words) < 2 or words[0] not in {"error", "[error]", "failed"}:  # noqa: PLR2004  (a pair)
        return False
    return words[1] in AFTER_ERROR or words[1][:1].isdigit() or words[0] == "[error]"


def _cause(text: str) -> str:
    """Return the last line of a traceback, else the text."""
    told = TRACEBACK in text[:LEAD] or TRACEBACK in text[-REACH:]
    return text[-TAIL:].rstrip().rpartition("\n")[2] if told else text


def _exited(low: str) -> bool:
    """Whether a text names an exit code that is not 0."""
    for name in EXITS:
        at = low.find(name)
        if at >= 0:
            code = low[at + len(name) : at + len(name) + 12].strip(" :=\"'is")
            return code[:1] in NUMBERED - {"0"} or code[:1] == "-"
    return False


def _of_json(text: str) -> str:
    """Return the error that a JSON object names at its top."""
    try:
        value = _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    if not isinstance(value, dict):
        return ""
    error = value.get("error") or value.get("errors") or value.get("Error")
    if error and error is not True:
        return _told(error)
    bad = (
        error is True
        or value.get("is_error") is True
        or value.get("isError") is True
        or value.get("success") is False
        or value.get("ok") is False
        or value.get("status") in {"error", "failed", "failure"}
    )
    return _told(value) if bad else ""


def _told(value: Any) -> str:  # noqa: ANN401  (JSON is anything)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _normal(text: str) -> str:
    """Return an error without paths, numbers and ids."""
    words = text[: WORDS * 16].split()
    if len(text) > WORDS * 16:
        words = words[:WORDS] + text[-WORDS * 8 :].split()[-WORDS // 3 :]
    words = words[: WORDS * 2]
    return " ".join(map(_word, words, [*words[1:], ""]))


def _word(word: str, after: str) -> str:
    bare = word.strip(".,;:()[]{}<>\"'`")
    if bare in CODES or (bare.isdigit() and after.lower() in COUNTED):
        return word
    if "::" in word:
        return word.rpartition("::")[2].lower()
    if "/" in bare or "\\" in bare or not NUMBERED.isdisjoint(word):
        return "#"
    return word.lower()
