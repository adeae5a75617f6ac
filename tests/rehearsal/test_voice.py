import pytest

from support.rehearsal import an_ask
from support.spoken import SPOKEN
from switchgear.domain.dialect import Dialect
from switchgear.rehearsal.seen import Frames, Seen, read_whole
from switchgear.rehearsal.voice import TEXT, call_parts, parts, whole, whole_call, words_of


@pytest.mark.parametrize("dialect", SPOKEN)
def test_streamed_and_whole_say_the_same(dialect: Dialect) -> None:
    ask, seen, other = an_ask(dialect), Seen(status=200), Seen(status=200)
    frames = Frames(seen, dialect)
    frames.feed(b"".join(parts(ask, words_of(ask)).all()))
    frames.end()
    read_whole(other, dialect, whole(ask, TEXT))
    for each in (seen, other):
        assert (each.text, each.ended, each.flaws) == (TEXT, True, [])


@pytest.mark.parametrize("dialect", SPOKEN)
def test_a_tool_call_has_its_arguments(dialect: Dialect) -> None:
    ask, seen, other = an_ask(dialect), Seen(status=200), Seen(status=200)
    frames = Frames(seen, dialect)
    frames.feed(b"".join(call_parts(ask, '{"a":1}').all()))
    frames.end()
    read_whole(other, dialect, whole_call(ask, '{"a":1}'))
    assert seen.arguments == other.arguments == '{"a":1}'
    assert seen.ended


@pytest.mark.parametrize(
    ("said", "goes_on"),
    [
        ("", TEXT),
        ("one two", " three four five six seven eight nine ten eleven twelve"),
        ("one t", "wo three four five six seven eight nine ten eleven twelve"),
        ("something else", TEXT),
    ],
)
def test_it_goes_on_from_its_own_words(said: str, goes_on: str) -> None:
    turns = [{"role": "assistant", "content": said}]
    assert "".join(words_of(an_ask(Dialect.OPENAI_CHAT, messages=turns))) == goes_on
