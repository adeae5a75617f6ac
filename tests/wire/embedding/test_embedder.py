"""What is guessed where a provider of vectors tells nothing."""

from switchgear.wire.embedding.body import parse
from switchgear.wire.embedding.embedder import guessed


def test_a_guess_grows_with_every_text() -> None:
    assert guessed(parse(b'{"model":"e","input":"abcd"}')) == 2
    assert guessed(parse(b'{"model":"e","input":["abcd","abcdefgh"]}')) == 5
