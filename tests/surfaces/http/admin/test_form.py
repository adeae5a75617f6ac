"""How the admin plane reads and answers."""

import asyncio

import httpx2
import pytest

from support.keyed import keyed
from switchgear.surfaces.http.admin.form import MOST_BYTES


def posted(content: bytes, kind: str = "application/json") -> httpx2.Response:
    async def life() -> httpx2.Response:
        async with keyed() as at:
            headers = {"authorization": "Bearer s-root", "content-type": kind}
            return await at.http.post("/admin/keys", headers=headers, content=content)

    return asyncio.run(life())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"[]", "object"),
        (b"{", "too early"),
        (b'{"id": "a", "id": "b"}', "twice"),
        (b'{"id": NaN}', "not JSON"),
        (b'{"ids": "a"}', "unknown field ids"),
        (b'{"models": "auto"}', "$.models"),
        (b'{"budgets": {"day": {"usd": -1}}}', "$.budgets.day.usd"),
        (b"[" * 100_00 + b"]" * 100_00, "deeper"),
        (b'{"id": "\xff"}', "UTF-8"),
    ],
)
def test_a_body_that_is_not_what_it_should_be_is_400_and_says_where(
    content: bytes, words: str
) -> None:
    answer = posted(content)
    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_a_body_that_is_too_large_or_no_json_is_refused() -> None:
    assert posted(b'{"id": "' + b"a" * MOST_BYTES + b'"}').status_code == 413
    assert posted(b"id=a", "application/x-www-form-urlencoded").status_code == 415


def test_an_answer_may_be_kept_by_nobody_and_has_a_decision_id() -> None:
    answer = posted(b"{}")
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    assert answer.headers["x-switchgear-decision"].startswith("sg_")
