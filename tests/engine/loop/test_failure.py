import pytest

from switchgear.engine.loop.failure import error_digest

ERRORS = [
    "Error: payment method not found",
    "error executing tool: no such file",
    "[2026-05-20 10:00:00] Error: it broke",
    "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'",
    "some output\nTraceback (most recent call last):\n  File 'a'\nValueError: bad",
    "exit code: 1\nls: no such file",
    "ran it\nProcess exited with exit status 2",
    '{"error": "not found"}',
    '{"error": {"code": 404, "message": "gone"}}',
    '{"success": false, "reason": "full"}',
    '{"isError": true, "content": []}',
]
FINE = [
    "",
    "ok",
    "errors: 0",
    "Error handling is explained in chapter 4.",
    "exit code 0",
    '{"error": null, "rows": 3}',
    '{"errors": [], "rows": 3}',
    '{"text": "Error: x"}',
    "{" * 3_000,
    "def f():\n    raise KeyError",
]


@pytest.mark.parametrize("text", ERRORS)
def test_an_error_is_known_by_its_text(text: str) -> None:
    assert error_digest(text, failed=False)


@pytest.mark.parametrize("text", FINE)
def test_a_result_is_not_taken_for_an_error(text: str) -> None:
    assert not error_digest(text, failed=False)


@pytest.mark.parametrize("text", FINE)
def test_what_the_client_calls_failed_is_an_error(text: str) -> None:
    assert error_digest(text, failed=True)


def same(one: str, other: str) -> bool:
    return error_digest(one, failed=True) == error_digest(other, failed=True)


def test_paths_numbers_and_ids_do_not_make_another_error() -> None:
    assert same("Error: no /data/u/17.json (id c_99)", "Error: no /data/x/18.json (id c_12)")
    assert same(
        "Traceback (most recent call last):\n  File 'a', line 3\nKeyError: 'k1'",
        "Traceback (most recent call last):\n  File 'b', line 99\nKeyError: 'k2'",
    )


def test_another_word_or_status_or_count_of_failures_makes_another_error() -> None:
    assert not same("Error: no seat", "Error: no fare")
    assert not same("Error: 503 from upstream", "Error: 404 from upstream")
    assert not same("exit code 1: 5 failed", "exit code 1: 4 failed")
    assert not same("FAILED tests/a.py::test_one", "FAILED tests/a.py::test_two")
