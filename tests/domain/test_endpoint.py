"""What callers can want."""

from switchgear.domain.endpoint import READ, Endpoint


def test_whatever_is_not_read_is_passed_through() -> None:
    assert {each for each in Endpoint if not each.passed} == set(READ)
    assert Endpoint.FILES.passed
    assert not Endpoint.EMBED.passed
