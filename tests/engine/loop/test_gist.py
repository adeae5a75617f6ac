from hypothesis import given, settings
from hypothesis import strategies as st

from switchgear.engine.loop.gist import gist_of, likeness

WORDS = st.lists(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=12, max_size=300)


def exact(one: list[str], other: list[str]) -> float:
    a, b = ({tuple(words[at : at + 5]) for at in range(len(words) - 4)} for words in (one, other))
    return len(a & b) / len(a | b)


@settings(max_examples=50)
@given(WORDS)
def test_a_text_is_like_itself(words: list[str]) -> None:
    gist = gist_of(" ".join(words))
    assert likeness(gist, gist) == 1.0
    assert len(gist) <= 256


@settings(max_examples=50)
@given(WORDS, WORDS)
def test_texts_of_other_words_are_not_alike(one: list[str], other: list[str]) -> None:
    found = likeness(gist_of(" ".join(one)), gist_of(" ".join(other)))
    assert abs(found - exact(one, other)) < 0.25


def test_one_word_of_many_changes_little() -> None:
    words = [f"w{number}" for number in range(200)]
    found = likeness(gist_of(" ".join(words)), gist_of(" ".join([*words[:-1], "other"])))
    assert 0.9 < found < 1.0


def test_a_short_text_has_no_gist() -> None:
    assert gist_of("too few words") == b""
    assert likeness(b"", b"") == 0.0
