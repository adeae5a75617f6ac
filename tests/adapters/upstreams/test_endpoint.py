import msgspec
from hypothesis import given
from hypothesis import strategies as st

from switchgear.adapters.upstreams.endpoint import PATHS, Path, filled, paths_of
from switchgear.config.service import Service
from switchgear.config.setup import Provider
from switchgear.domain.dialect import Dialect


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


def test_azures_newer_addresses_have_the_paths_of_openais() -> None:
    made = Provider(
        id="a", dialect=Dialect.OPENAI_CHAT, base_url="https://x", service=Service.AZURE
    )
    plain = msgspec.structs.replace(made, service=Service.PLAIN)
    older = msgspec.structs.replace(made, api_version="2024-10-21")
    assert paths_of(made) == paths_of(plain)
    assert set(paths_of(older)) == set(paths_of(plain))
    assert all("{version}" in path.whole for path in paths_of(older).values())
