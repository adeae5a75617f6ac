"""What a simulated model says: a recorded outcome, or the next step of the scripted errand."""

import msgspec

from switchgear.demo.errand import next_step
from switchgear.demo.question import Question
from switchgear.demo.sample import Outcome, Sample, tokens

FILLER = "Let us go through it step by step, write down what is known, and work it out. "
STRANGER = (
    "This is a simulated provider of the switchgear demo. It knows the prompts of its sample and"
    " its errand, and nothing else; point the config at a real provider for real answers."
)


class Saying(msgspec.Struct, frozen=True, kw_only=True):
    """One answer: words, or a request for a tool."""

    text: str = ""
    tool: str = ""
    """Name of the tool asked for; empty when there are only words."""
    arguments: str = ""
    """JSON text."""
    heard_tokens: int
    said_tokens: int


class Mind:
    """One simulated model: it replays one recorded model's outcomes."""

    def __init__(self, sample: Sample, rank: int) -> None:
        """Learn the outcomes of the sample's model number ``rank``."""
        self._known = {
            prompt.text: (prompt.answer, prompt.outcomes[rank]) for prompt in sample.prompts
        }

    def answer(self, question: Question) -> Saying:
        """Return what this model says; the same to the same question."""
        heard = tokens(question.chars)
        step = next_step(question)
        if step is not None:
            said = tokens(len(step.text) + len(step.arguments))
            return Saying(
                text=step.text,
                tool=step.tool,
                arguments=step.arguments,
                heard_tokens=heard,
                said_tokens=said,
            )
        known = self._known.get(question.last)
        text = STRANGER if known is None else recite(*known)
        return Saying(text=text, heard_tokens=heard, said_tokens=tokens(len(text)))


def recite(answer: str, outcome: Outcome) -> str:
    """Return words of the recorded length that end in the right number, or in a wrong one."""
    number = answer if outcome.correct else wrong(answer)
    end = f"The answer is {number}."
    room = max(0, outcome.chars - len(end))
    return (FILLER * (room // len(FILLER) + 1))[:room] + end


def wrong(answer: str) -> str:
    """Return a whole number near the right one that is not it."""
    number = int(answer)
    return str(number + max(1, abs(number) // 10))
