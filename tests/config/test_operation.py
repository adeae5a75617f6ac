"""What the file says of how the gateway is run."""

from switchgear.config.operation import PassthroughEntry
from switchgear.config.spending import PassedEntry
from switchgear.domain.endpoint import Endpoint


def test_a_kind_that_is_passed_through_names_its_target_with_or_without_a_price() -> None:
    entry = PassthroughEntry(files="ours", images=PassedEntry(target="ours", most_usd=0.2))
    assert (entry.target(Endpoint.FILES), entry.most_usd(Endpoint.FILES)) == ("ours", None)
    assert (entry.target(Endpoint.IMAGES), entry.most_usd(Endpoint.IMAGES)) == ("ours", 0.2)
    assert (entry.target(Endpoint.AUDIO), entry.most_usd(Endpoint.AUDIO)) == ("", None)
