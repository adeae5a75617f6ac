from hypothesis import given
from hypothesis import strategies as st

from switchgear.adapters.upstreams.endpoint import PATHS, Path, filled


def test_a_stream_is_asked_for_where_a_whole_answer_is_unless_it_is_said() -> None:
    assert Path("/a").of(stream=True) == "/a"
    assert Path("/a", "/b").of(stream=True) == "/b"
    assert Path("/a", "/b").of(stream=False) == "/a"


@given(st.text())
def test_no_name_of_a_model_can_leave_its_place_in_the_path(model: str) -> None:
    found = filled("/models/{model}:go", model)
    assert found.isascii()
    assert found.count("/") == 2
    assert not set(found) & set(" ?#\r\n")


def test_every_path_is_below_the_base_url() -> None:
    assert all(path.whole.startswith("/") for path in PATHS.values())
