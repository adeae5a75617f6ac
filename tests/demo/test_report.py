from io import StringIO

from rich.console import Console

from support.simulated import SAMPLE
from switchgear.demo import report
from switchgear.demo.agent import Errand, Step
from switchgear.demo.score import Point, Score, Tier

SCORE = Score(
    routed=Point(name="switchgear", usd=0.2, accuracy=0.9),
    margin=(0.85, 0.95),
    always=(
        Point(name="always a", usd=0.1, accuracy=0.8),
        Point(name="always b", usd=1.0, accuracy=0.96),
    ),
    mix=0.92,
    tiers=(Tier(target="a", calls=3, right=2, usd=0.1), Tier(target="b", calls=0, right=0, usd=0)),
    took_ms=(10.0, 20.0),
    overhead_ms=(0.5, 1.25),
    told_usd=0.2,
)


def printed(*, width: int = 120) -> tuple[Console, StringIO]:
    page = StringIO()
    return Console(file=page, width=width), page


def test_a_loss_against_the_static_mix_is_printed_as_a_loss() -> None:
    console, page = printed()
    report.figures(console, SCORE)
    text = page.getvalue()
    assert "Against the static mix at this cost: -2.0%, which is within chance." in text
    for words in ("20.0%", "100.0%", "66.7%", "p50 0.50 ms", "p99 1.25 ms", "replayed"):
        assert words in text


def test_the_cast_is_called_simulated_and_names_what_it_replays() -> None:
    console, page = printed()
    report.cast(console, SAMPLE)
    assert "SIMULATED" in page.getvalue()
    for model in SAMPLE.models:
        assert model.name in page.getvalue()


def test_the_path_has_a_line_for_each_step_and_names_who_failed() -> None:
    step = Step(
        what="w" * 200,
        status=200,
        decision="d",
        target="t",
        tier="mid",
        reason="fallback after s",
        attempts=3,
        task="",
    )
    console, page = printed()
    report.path(console, Errand(steps=(step, step), finished=True, words="done"), "sim-x")
    text = page.getvalue()
    assert text.count("fallback after s") == 2
    assert "sim-x began to fail" in text
    assert "w" * 50 not in text
