import gzip
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchgear.demo.sample import (
    LADDER,
    Sample,
    pack,
    read_folder,
    read_packaged,
    spread,
    tokens,
)


def test_the_packaged_sample_names_its_source_and_rises_in_price_and_accuracy() -> None:
    sample = read_packaged()
    assert tuple(model.name for model in sample.models) == LADDER
    assert "WildEval/ZeroEval, Apache-2.0" in sample.note
    right = [
        sum(prompt.outcomes[rank].correct for prompt in sample.prompts)
        for rank in range(len(LADDER))
    ]
    assert right == sorted(set(right))
    prices = [model.output_usd for model in sample.models]
    assert all(high > 5 * low for low, high in pairwise(prices))


def test_packing_is_undone_by_reading_and_always_gives_the_same_bytes(tmp_path: Path) -> None:
    sample = spread(read_packaged(), 5)
    path = tmp_path / "sample.json.gz"
    path.write_bytes(pack(sample))
    assert read_packaged(path) == sample
    assert pack(sample) == path.read_bytes()


@given(st.integers(0, 500))
def test_a_spread_has_the_wanted_number_of_different_prompts(count: int) -> None:
    sample = read_packaged()
    chosen = spread(sample, count).prompts
    assert len(chosen) == min(count, len(sample.prompts))
    assert len({prompt.text for prompt in chosen}) == len(chosen)


@given(st.integers(0, 10_000))
def test_a_token_is_four_characters_rounded_up(chars: int) -> None:
    assert 4 * (tokens(chars) - 1) < chars <= 4 * tokens(chars)


def folder(path: Path, outcomes: str) -> Path:
    path.joinpath("prices_2024.csv").write_text(
        "model,usd_per_1m_input,usd_per_1m_output,source\nweak,0.1,0.2,x\nstrong,3,15,x\n"
    )
    header = "task,prompt_id,model,correct,no_answer,prompt_chars,output_chars\n"
    path.joinpath("zeroeval_outcomes.csv.gz").write_bytes(
        gzip.compress((header + outcomes).encode())
    )
    lines = [
        {"task": "gsm", "prompt_id": "g1", "prompt": "How many?", "answer": "# 1,200"},
        {"task": "gsm", "prompt_id": "g2", "prompt": "And now?", "answer": "# 3"},
    ]
    path.joinpath("zeroeval_prompts.jsonl.gz").write_bytes(
        gzip.compress(b"\n".join(map(msgspec.json.encode, lines)))
    )
    return path


def read(path: Path, outcomes: str) -> Sample:
    return read_folder(folder(path, outcomes), ("weak", "strong"))


def test_the_full_data_is_read_without_prompts_that_a_model_lacks(tmp_path: Path) -> None:
    rows = (
        "gsm,g1,weak,0,0,9,80\ngsm,g1,strong,1,0,9,70\n"
        "gsm,g2,weak,1,0,9,5\ncrux,g2,strong,1,0,9,5\n"
    )
    sample = read(tmp_path, rows)
    assert [prompt.text for prompt in sample.prompts] == ["How many?"]
    assert sample.prompts[0].answer == "1200"
    assert [(one.correct, one.chars) for one in sample.prompts[0].outcomes] == [
        (False, 80),
        (True, 70),
    ]
    assert sample.models[1].output_usd == 15


def test_a_folder_without_the_data_is_an_error_of_the_file_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_folder(tmp_path)
