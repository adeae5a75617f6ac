"""What a Claude model takes, told from its name.

Models before 4.6 think by a token budget; later ones decide themselves and take an effort, and
after 4.6 they also refuse sampling parameters. What is not called Claude is taken for the first
kind, which is what other servers of its dialect copied. Bedrock puts its own words around the name.

Source: the API's model pages, "Extended thinking" and "Adaptive thinking"; checked in 2026.
"""

import re

import msgspec

CLAUDE = "claude-"
BY_BUDGET = re.compile(
    r"claude-(?:v?\d|instant|(?:opus|sonnet|haiku)-4(?:-[0-5])?(?:-\d{8})?(?:$|[^\d-]|-v\d))"
)
TAKES_SAMPLING = re.compile(r"claude-(?:opus|sonnet|haiku)-4-6(?!\d)")


class Generation(msgspec.Struct, frozen=True):
    """The abilities that differ."""

    adaptive: bool = False
    """Thinks by effort; a token budget is refused."""
    samples: bool = True
    """Takes temperature, top_p and top_k."""
    one_of_two: bool = False
    """Refuses temperature and top_p together."""


def generation(model: str) -> Generation:
    """Return what the model of this name takes."""
    if CLAUDE not in model:
        return Generation()
    if BY_BUDGET.search(model):
        return Generation(one_of_two=True)
    return Generation(
        adaptive=True, samples=TAKES_SAMPLING.search(model) is not None, one_of_two=True
    )
