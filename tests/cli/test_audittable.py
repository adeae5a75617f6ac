from io import StringIO

from rich.console import Console

from support.cast import ask
from support.pastime import POLICY, observed
from switchgear.cli.audittable import MOST_LINES, draw, notes_of
from switchgear.engine.audit.evidence import Goal
from switchgear.engine.audit.reckoning import Audit, Auditor


def audited(agents: list[str]) -> Audit:
    auditor = Auditor(POLICY, Goal())
    for number, agent in enumerate(agents):
        auditor.add(observed(f"sg_{number}", ask(agent=agent)), ())
    return auditor.audit()


def shown(found: Audit) -> str:
    out = StringIO()
    console = Console(width=200, file=out)
    for each in draw(found):
        console.print(each)
    return out.getvalue()


def test_a_guess_is_called_one_and_says_what_would_tell() -> None:
    found = audited(["clerk"])
    assert "a guess; needs 29 labels" in shown(found)
    assert notes_of(found, ())[0].startswith("Of 1 group(s) only a guess")


def test_a_long_table_is_cut_and_says_so() -> None:
    found = audited([f"a{number}" for number in range(MOST_LINES + 2)])
    assert "… 2 more" in shown(found)


def test_what_an_agent_calls_itself_cannot_steer_the_terminal() -> None:
    told = shown(audited(["\x1b[2J[red]x"]))
    assert "\x1b" not in told
    assert "[red]x" in told
