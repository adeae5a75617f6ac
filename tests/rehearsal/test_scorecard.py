from rich.console import Console

from switchgear.rehearsal.rehearse import Result, Verdict
from switchgear.rehearsal.scorecard import draw


def a_result(verdict: Verdict, **more: object) -> Result:
    made = Result(
        model="auto",
        fault="html",
        form="stream",
        everywhere=False,
        struck="a",
        answered_by="b",
        code="",
        attempts=2,
        seconds=0.123,
        verdict=verdict,
    )
    return Result(**{name: getattr(made, name) for name in made.__struct_fields__} | more)


def test_it_names_who_answered_and_sums_up() -> None:
    results = [
        a_result(Verdict.ANSWERED),
        a_result(
            Verdict.LOST, model="fast", answered_by="", code="no_target", flaws=("no answer",)
        ),
        a_result(Verdict.TOLD, everywhere=True, answered_by=""),
    ]
    console = Console(width=160, record=True, file=None)
    with console.capture() as shown:
        console.print(draw(results))
    text = shown.get()
    assert text.index("auto") < text.index("fast")
    for words in ("nobody: no_target", "lost: no answer", "0.12", "all"):
        assert words in text
    assert "3 calls: 1 answered, 1 told, 1 lost" in text
