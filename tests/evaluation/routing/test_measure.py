import json
from pathlib import Path

import msgspec
from evaluation.routing.figure import Study, flat
from evaluation.routing.material import Material
from evaluation.routing.measure import STUDIES, measure
from evaluation.routing.page import figures_of, page, write_plots
from evaluation.routing.study import ladders, pairs


def test_a_small_sample_goes_all_the_way_to_the_page(tmp_path: Path) -> None:
    found = measure(Material(40, peers=False), (ladders.zero_study, pairs.gsm_study))
    text = page(found)
    assert text.count("\n### ") == len(found) + 2
    told = json.loads(msgspec.json.encode(flat(figures_of(found))))
    assert {"apgr_gsm8k", "cut_zeroeval", "saving_zeroeval"} <= set(told)
    assert all(set(it) == {"value", "low", "high", "bar", "held"} for it in told.values())
    write_plots(found, tmp_path)
    for study in found:
        for name in study.plots:
            assert f"(evaluation/{name})" in text
            assert (tmp_path / "evaluation" / name).read_text().startswith("<svg")


def test_a_picture_that_no_study_draws_is_taken_away(tmp_path: Path) -> None:
    write_plots([Study(title="a", lead="b", figures=[], plots={"old.svg": "<svg/>"})], tmp_path)
    write_plots([Study(title="a", lead="b", figures=[], plots={"new.svg": "<svg/>"})], tmp_path)
    assert [it.name for it in (tmp_path / "evaluation").iterdir()] == ["new.svg"]


def test_every_study_is_run_once() -> None:
    assert len({study.__name__ + study.__module__ for study in STUDIES}) == len(STUDIES)
