from switchgear.domain import errors
from switchgear.domain.errors import SwitchgearError
from switchgear.domain.leaf import leaves

BRANCHES = (errors.CallerError, errors.Refusal, errors.UpstreamError, errors.OwnFault)


def test_every_error_belongs_to_exactly_one_whose_fault_it_is() -> None:
    for leaf in leaves():
        assert sum(issubclass(leaf, branch) for branch in BRANCHES) == 1, leaf


def test_every_code_names_one_error() -> None:
    codes = [leaf.code for leaf in leaves()]
    assert len(codes) == len(set(codes)) > 20


def test_every_error_has_a_status_that_fits_whose_fault_it_is() -> None:
    for leaf in leaves(errors.CallerError):
        assert 400 <= leaf.status < 500, leaf
        assert not leaf.worth_retrying, leaf
    for leaf in leaves(errors.OwnFault):
        assert leaf.status in {500, 503}, leaf


def test_nobody_gets_401_for_what_a_target_refused_us() -> None:
    assert [leaf.code for leaf in leaves() if leaf.status == 401] == [
        "unknown_key",
        "expired_key",
        "revoked_key",
    ]


def test_every_error_says_a_sentence_of_its_own() -> None:
    for leaf in leaves():
        assert leaf().message.endswith("."), leaf


def test_what_was_said_at_the_raise_wins() -> None:
    assert errors.UnknownModel("no model by that name").message == "no model by that name"


def test_a_branch_gives_only_its_own_leaves() -> None:
    assert {errors.NotAllowed, errors.NoTarget} < set(leaves(errors.Refusal))
    assert all(issubclass(each, errors.Refusal) for each in leaves(errors.Refusal))
    assert SwitchgearError not in leaves()
