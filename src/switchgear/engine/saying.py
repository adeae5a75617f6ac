"""What somebody may say of a decision, read strictly, and made an outcome."""

from collections.abc import Mapping
from hashlib import blake2b
from math import isfinite
from typing import Literal

import msgspec

from switchgear.domain.errors import MalformedBody
from switchgear.domain.outcome import IMPLICIT, Fitness, Outcome, Source
from switchgear.domain.target import Tier
from switchgear.domain.units import UnixMs
from switchgear.engine.outcome import GOOD, HALF, HUMAN

LONGEST_ID, LONGEST_NAME = 100, 200
ID_BYTES = 10
MOST_SHOWN = 40
"""Letters of what was sent that a message repeats."""
MOST_WORDS = 200
"""And of a message about what has no name of ours."""
EXPLICIT = tuple(each.value for each in Source if each not in IMPLICIT)
"""Who may be said to say it."""
SAYS = ("score", "thumbs", "verdict", "override", "tool")
THUMBS = {"up": 1.0, "down": 0.0}


class Saying(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that is said of one decision, as it was sent."""

    decision: str
    """Its id, as the header ``x-switchgear-decision`` had it."""
    score: float | None = None
    """How good the answer was, 0 to 1."""
    thumbs: Literal["up", "down"] | None = None
    """The score 1 or 0."""
    verdict: Fitness | None = None
    """How the target fitted."""
    override: str | None = None
    """The target that a person would have chosen; ``human`` for a person."""
    tool: Literal["right", "wrong"] | bool | None = None
    """Whether the right tool was called."""
    source: Source = Source.USER
    """Who says it."""
    id: str | None = None
    """The sayer's own: what comes twice under it counts once."""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What is said, without whom of, by whom and when."""

    score: float | None
    verdict: Fitness | None
    override: str
    tool: bool | None


def read_saying(values: object, *, strict: bool = True) -> Saying:
    """Return what was sent as something said; ``strict=False`` reads numbers from texts.

    Raises:
        MalformedBody: it cannot be said; the message says where and why.
    """
    try:
        saying = msgspec.convert(values, Saying, strict=strict)
    except (msgspec.ValidationError, RecursionError) as error:
        raise MalformedBody(_in_words(values, error)) from None
    _check_names(saying)
    _check_source(saying)
    _check_said(saying)
    return saying


def content_of(saying: Saying) -> Content:
    """Return what is said, each thing in one form only."""
    score = saying.score if saying.thumbs is None else THUMBS[saying.thumbs]
    tool = saying.tool
    return Content(
        score=score,
        verdict=saying.verdict,
        override=saying.override or "",
        tool=tool if tool is None or isinstance(tool, bool) else tool == "right",
    )


def said_before(content: Content, outcome: Outcome) -> bool:
    """Whether an outcome that was kept says the same."""
    return content == Content(
        score=outcome.score,
        verdict=outcome.verdict,
        override=outcome.override,
        tool=outcome.tool,
    )


def name_of(content: Content, source: Source, by: str, after: str = "") -> str:
    """Return the id of what came without one: the same for the same words by the same sayer.

    ``after`` is the id of what that sayer said last: so a mind that is changed, and changed back,
    is three outcomes, and a request that is sent again is one.
    """
    text = msgspec.json.encode((content, source, by, after))
    return blake2b(text, digest_size=ID_BYTES).hexdigest()


def check_tiers(content: Content, served: Tier | None, wanted: Tier | None) -> None:
    """Check that a verdict and its override do not contradict one another.

    Raises:
        MalformedBody: they do.
    """
    if served is None or wanted is None:
        return
    weaker = content.verdict is Fitness.UNDERPOWERED and wanted < served
    stronger = content.verdict is Fitness.OVERPROVISIONED and wanted > served
    if weaker or stronger:
        raise MalformedBody(
            f"verdict and override contradict one another: {content.override} is of the tier"
            f" {wanted.name.lower()}, the target that answered of {served.name.lower()}."
        )


def moment(now: UnixMs, before: tuple[Outcome, ...]) -> UnixMs:
    """Return when something is said: now, and after all that was said before."""
    return UnixMs(max([now, *[each.at + 1 for each in before]]))


def _check_names(saying: Saying) -> None:
    for name, value, most in (
        ("decision", saying.decision, LONGEST_NAME),
        ("override", saying.override, LONGEST_NAME),
        ("id", saying.id, LONGEST_ID),
    ):
        if value is None:
            continue
        if not value or len(value) > most or not value.isprintable():
            raise MalformedBody(f"{name} is a text of 1 to {most} printable characters.")


def _check_source(saying: Saying) -> None:
    if saying.source in IMPLICIT:
        known = ", ".join(EXPLICIT)
        raise MalformedBody(
            f"source is one of {known}; what is {saying.source.value} the gateway sees by itself."
        )


def _check_said(saying: Saying) -> None:
    score, verdict = saying.score, saying.verdict
    if all(getattr(saying, each) is None for each in SAYS):
        raise MalformedBody(f"Nothing is said: give at least one of {', '.join(SAYS)}.")
    if score is not None and not (isfinite(score) and 0 <= score <= 1):
        raise MalformedBody(f"score is a number from 0 to 1; this is {score:.6g}.")
    if score is not None and saying.thumbs is not None:
        raise MalformedBody("thumbs is another way to give the score 1 or 0; give one of the two.")
    good = content_of(saying).score
    if good is None or verdict is None:
        _check_override(saying)
        return
    if (good > HALF and not GOOD[verdict]) or (good < HALF and GOOD[verdict]):
        said = "good" if good > HALF else "bad"
        raise MalformedBody(
            f"The score says {said}, the verdict {verdict.value}; give one of them."
        )
    _check_override(saying)


def _check_override(saying: Saying) -> None:
    verdict = saying.verdict
    fits = verdict in {Fitness.GOOD_FIT, Fitness.OVERPROVISIONED}
    if saying.override == HUMAN and verdict is not None and fits:
        raise MalformedBody(f"override human says that no target would do, {verdict.value} not.")


def _in_words(values: object, error: Exception) -> str:
    """Return what is wrong, with the names that there are where one is not among them."""
    if isinstance(error, RecursionError):
        return "This is nested too deep."
    text = str(error).replace("`", "")
    field = text.rpartition("$.")[2] if "$." in text else ""
    value = values.get(field) if isinstance(values, Mapping) else None
    if field == "verdict":
        return f"verdict is one of {', '.join(each.value for each in Fitness)}{_shown(value)}."
    if field == "source":
        return f"source is one of {', '.join(EXPLICIT)}{_shown(value)}."
    if field == "thumbs":
        return f"thumbs is up or down{_shown(value)}."
    if field == "tool":
        return f"tool is right or wrong{_shown(value)}."
    return f"{_plain(text, MOST_WORDS)}."


def _shown(value: object) -> str:
    if not isinstance(value, str):
        return ""
    return f"; this is {_plain(value, MOST_SHOWN)!r}"


def _plain(text: str, most: int) -> str:
    return "".join([each for each in text[:most] if each.isprintable()])
