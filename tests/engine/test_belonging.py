"""Which task a call belongs to, in words."""

import pytest

from support.entries import entry
from switchgear.engine.belonging import SOURCES, belonging
from switchgear.pipeline.task.identity import AGAIN, BY_PREFIX, BY_TOOL, NEW


def test_what_told_is_said_with_how_sure_it_is() -> None:
    found = belonging(
        entry(
            task="tk_1",
            task_name="fix",
            task_source="x-session-id",
            task_confidence=0.95,
            parent_task="tk_0",
            step=3,
        )
    )
    assert found is not None
    assert (found.task, found.name, found.step, found.parent) == ("tk_1", "fix", 3, "tk_0")
    assert found.sentence == "Its caller said so by x-session-id (0.95)."


def test_a_doubt_says_what_it_means() -> None:
    found = belonging(entry(task="tk_1", task_source="new", task_confidence=0.4))
    assert found is not None
    assert found.sentence.endswith("(0.40, too unsure to stop a call by).")


def test_a_row_of_before_says_that_it_does_not_know_and_one_without_a_task_nothing() -> None:
    found = belonging(entry(task="job"))
    assert found is not None
    assert found.sentence == "It is not kept how that was known."
    assert belonging(entry()) is None


@pytest.mark.parametrize("source", [BY_TOOL, BY_PREFIX, AGAIN, NEW])
def test_all_that_is_inferred_has_words(source: str) -> None:
    assert source in SOURCES
