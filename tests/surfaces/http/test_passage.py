"""Which requests may pass; all of it is shown in tests/scenario/test_passing."""

from hypothesis import given
from hypothesis import strategies as st

from switchgear.surfaces.http.passage import PLAIN_PATH, PLAIN_QUERY


@given(st.text(st.sampled_from("/.%\\ab;:@?#\r\n 2efEF"), max_size=12))
def test_no_path_that_passes_climbs_or_means_two_things(text: str) -> None:
    path = "/v1/files" + text
    if PLAIN_PATH.fullmatch(path):
        parts = path.split("/")[1:]
        assert all(parts)
        assert not any(each.startswith(".") for each in parts)
        assert not set(path) & set("%\\?#;\r\n ")


@given(st.binary(max_size=12))
def test_no_query_that_passes_ends_its_line(raw: bytes) -> None:
    query = raw.decode("latin-1")
    if PLAIN_QUERY.fullmatch(query):
        assert query.isascii()
        assert not set(query) & set(' "#\r\n\t')
