"""What the end of an answer teaches."""

import asyncio

import pytest

from switchgear.domain.errors import (
    BodyTooLarge,
    Broken,
    ContentFiltered,
    Draining,
    UpstreamError,
    UpstreamFailed,
    UpstreamSilent,
    UpstreamUnreachable,
)
from switchgear.domain.leaf import leaves
from switchgear.domain.situation import Fault
from switchgear.engine.fault import FAULTS, LESSONS, Lesson, lesson_of

LEAVES = [leaf for leaf in leaves(UpstreamError) if issubclass(leaf, UpstreamError)]


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_error_of_a_target_has_its_lesson_in_the_table(leaf: type[UpstreamError]) -> None:
    assert lesson_of(leaf()) is LESSONS[next(each for each in leaf.__mro__ if each in LESSONS)]
    assert leaf in LESSONS or leaf.__base__ in LESSONS


def test_an_error_that_no_other_target_could_mend_teaches_nothing() -> None:
    for leaf in LEAVES:
        assert leaf.another or lesson_of(leaf()) is Lesson.NOTHING


@pytest.mark.parametrize(
    "error",
    [None, asyncio.CancelledError(), BodyTooLarge(), Draining(), Broken(), ContentFiltered()],
)
def test_what_the_caller_or_we_did_teaches_nothing(error: BaseException | None) -> None:
    assert lesson_of(error) is Lesson.NOTHING


def test_a_limit_of_ours_is_not_held_against_the_target() -> None:
    full = UpstreamUnreachable()
    full.blameless = True
    assert lesson_of(full) is Lesson.NOTHING
    assert lesson_of(UpstreamUnreachable()) is Lesson.LOST


def test_while_our_own_loop_lags_timeouts_teach_nothing_and_the_rest_does() -> None:
    slow_to_connect = UpstreamUnreachable()
    slow_to_connect.late = True
    for late in (UpstreamSilent(), slow_to_connect):
        assert lesson_of(late, lagging=True) is Lesson.NOTHING
        assert lesson_of(late) is not Lesson.NOTHING
    assert lesson_of(UpstreamFailed(), lagging=True) is Lesson.FAILED


def test_every_fault_but_slowness_has_a_lesson() -> None:
    assert set(FAULTS.values()) == set(Fault) - {Fault.SLOW, Fault.SPENT}
    assert [Lesson.WELL.fault, Lesson.NOTHING.fault] == [None, None]
