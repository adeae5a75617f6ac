"""``switchgear outcomes``: read from a file, and listed."""

import json
from pathlib import Path

import pytest

from support.judged import PLAIN, fill, outcomes, run
from switchgear.cli.intake import LONGEST
from switchgear.domain.outcome import Fitness, Source

CSV = """decision,score,thumbs,verdict,override,tool,source,id
sg_1,0.25,,,,,,
sg_2,,up,,,right,user,own-1

sg_1,,,failed,human,,eval,
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return fill(tmp_path / "ledger.db")


def imported(file: Path, text: str | bytes, *more: str, name: str = "a.csv") -> tuple[int, str]:
    source = file.with_name(name)
    source.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = run("outcomes", "import", str(source), *more, "-l", str(file))
    assert "Traceback" not in found.output
    return found.exit_code, found.output


def test_a_csv_is_kept_line_by_line_and_a_second_reading_changes_nothing(file: Path) -> None:
    assert imported(file, CSV) == (0, "3 lines: 3 kept, 0 there already, 0 wrong.\n")
    one, three = outcomes(file, "sg_1")
    assert (one.source, one.score, one.by) == (Source.IMPORT, 0.25, "")
    assert one.id.startswith("import-")
    assert (three.source, three.verdict, three.override) == (Source.EVAL, Fitness.FAILED, "human")
    (two,) = outcomes(file, "sg_2")
    assert (two.id, two.source, two.score, two.tool) == ("own-1", Source.USER, 1.0, True)
    assert imported(file, CSV) == (0, "3 lines: 0 kept, 3 there already, 0 wrong.\n")
    assert len(outcomes(file, "sg_1")) == 2


def test_json_in_lines_is_read_likewise(file: Path) -> None:
    lines = '{"decision":"sg_1","score":0.5}\n\n\ufeff{"decision":"sg_2","thumbs":"down"}'
    code, output = imported(file, lines, name="a.jsonl")
    assert (code, "1 kept, 0 there already, 1 wrong" in output) == (1, True)
    assert "line 3: a byte order mark is not allowed" in output
    fine = '\ufeff{"decision":"sg_2","thumbs":"down","id":"x"}\r\n'
    assert imported(file, fine, name="b.jsonl")[0] == 0
    assert outcomes(file, "sg_2")[0].id == "x"


def test_each_wrong_line_is_told_by_its_number_and_the_others_are_kept(file: Path) -> None:
    lines = [
        '{"decision":"sg_1","score":1}',
        '{"decision":"sg_1","score":2}',
        '{"decision":"sg_9","score":1}',
        "nonsense",
        '{"decision":"sg_3","score":1}',
        '{"decision":"sg_1","score":0.5,"x":1}',
        '{"decision":"sg_1","score":1,"pad":"' + "x" * LONGEST + '"}',
        '{"decision":"sg_1"}',
        '{"decision":"sg_2","score":0}',
    ]
    code, output = imported(file, "\n".join(lines), name="a.jsonl")
    assert code == 1
    for why in (
        "line 2: score is a number from 0 to 1",
        "line 3: No decision on this ledger has that id",
        "line 4: not JSON",
        "line 5: That call was refused (malformed_body)",
        "line 6: Object contains unknown field x",
        f"line 7: The line is longer than {LONGEST} bytes",
        "line 8: Nothing is said",
        "9 lines: 2 kept, 0 there already, 7 wrong.",
    ):
        assert why in output, why
    assert len(outcomes(file, "sg_1")) == len(outcomes(file, "sg_2")) == 1


def test_a_dry_run_checks_and_keeps_nothing(file: Path) -> None:
    assert imported(file, CSV, "--dry-run") == (0, "3 lines: 3 could be kept, 0 wrong.\n")
    code, output = imported(file, CSV + "sg_1,,,,nobody,,,\n", "--dry-run")
    assert (code, "line 6: override is the id of a target" in output) == (1, True)
    assert outcomes(file, "sg_1") == outcomes(file, "sg_2") == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "names the columns"),
        ("score\n1\n", "names the columns"),
        ("decision,scoer\nsg_1,1\n", "there is no column 'scoer'; there are decision, score"),
        ("decision,score,score\n", "twice"),
        (b"decision,score\nsg_1,\xff\n", "line 2 is not UTF-8"),
        ('decision,score\nsg_1,"0.5', "not CSV"),
        ('decision,score\nsg_1,"0.5"x\n', "not CSV"),
        ("decision,score\n" + "x" * (LONGEST + 9) + "\n", "line 2 is longer"),
    ],
)
def test_a_file_that_is_no_csv_is_refused_with_the_place(
    file: Path, text: str | bytes, why: str
) -> None:
    code, output = imported(file, text)
    assert (code, why in output) == (2, True), output


def test_a_line_of_csv_with_too_many_cells_is_wrong_and_one_with_few_is_not(file: Path) -> None:
    code, output = imported(file, "decision,score,tool\nsg_1,1,right,9\nsg_2,1\n")
    assert (code, "line 2: There are 4 cells, and only 3 columns" in output) == (1, True)
    assert len(outcomes(file, "sg_2")) == 1


def test_many_wrong_lines_are_counted_and_not_all_told(file: Path) -> None:
    _, output = imported(file, "decision,score\n" + "sg_9,1\n" * 50)
    assert output.count("line ") == 20
    assert "50 lines: 0 kept, 0 there already, 50 wrong." in output


def test_a_file_that_is_not_there_is_told(file: Path) -> None:
    found = run("outcomes", "import", str(file.with_name("none.csv")), "-l", str(file))
    assert found.exit_code == 2
    assert "cannot be read" in found.output


def test_lines_come_in_by_a_pipe_too(file: Path) -> None:
    line = '{"decision":"sg_1","thumbs":"up"}'
    found = run("outcomes", "import", "-", "-l", str(file), typed=line)
    assert (found.exit_code, "1 kept" in found.output) == (0, True)


def test_what_was_said_is_listed_with_what_it_comes_to(file: Path) -> None:
    assert "Nothing of that kind" in run("outcomes", "list", "-l", str(file)).output
    imported(file, CSV)
    output = run("outcomes", "list", "-l", str(file)).output
    for words in ("sg_1", "score 0.25 (import)", "failed, better human (eval)", "1.00", "mid"):
        assert words in output, words
    only = run("outcomes", "list", "--source", "user", "-l", str(file)).output
    assert ("sg_2" in only, "sg_1" in only) == (True, False)
    lines = run("outcomes", "list", "--json", "-l", str(file)).output.splitlines()
    rows = [json.loads(each) for each in lines]
    assert [each["decision"] for each in rows] == ["sg_2", "sg_1"]
    assert [it["source"] for it in rows[1]["outcomes"]] == ["import", "eval"]
    assert run("outcomes", "list", "--source", "me", "-l", str(file)).exit_code == 2


def test_a_target_of_the_config_in_force_may_be_named(tmp_path: Path) -> None:
    file = fill(tmp_path / "ledger.db", PLAIN)
    config = tmp_path / "switchgear.yaml"
    config.write_text(
        "targets: {fresh: {kind: tool, tool: {function: arithmetic,"
        " arguments: {pattern: '(?P<expression>[0-9])'}}}}\n"
        "aliases: {auto: {targets: [fresh]}}\n"
        f"ledger: {{path: {file}}}\n"
    )
    words = ("label", "sg_1", "--override", "fresh")
    assert run(*words, "-l", str(file)).exit_code == 2
    found = run(*words, "-c", str(config))
    assert (found.exit_code, "kept" in found.output) == (0, True), found.output
    assert outcomes(file, "sg_1")[0].override == "fresh"
