from switchgear.rehearsal.catalogue import BY_NAME
from switchgear.rehearsal.fault import Expect, Form, Rhythm


def test_a_rhythm_says_which_requests_are_struck() -> None:
    struck = {each: [each.strikes(number) for number in range(1, 7)] for each in Rhythm}
    assert struck[Rhythm.ALWAYS] == [True] * 6
    assert struck[Rhythm.ONCE] == [True] + [False] * 5
    assert struck[Rhythm.HALF] == [True, True, False, False, True, True]


def test_what_is_expected_may_differ_by_form() -> None:
    cut = BY_NAME["reset-mid-stream"]
    assert (cut.expected(Form.STREAM), cut.expected(Form.WHOLE)) == (
        Expect.RESCUE,
        Expect.FALLBACK,
    )
    assert BY_NAME["truncated-sse"].expected(Form.WHOLE) is Expect.ANSWER


def test_the_stem_is_the_name_without_its_argument() -> None:
    assert BY_NAME["tiny-events-1000000"].stem == "tiny-events"
    assert BY_NAME["html"].stem == "html"
