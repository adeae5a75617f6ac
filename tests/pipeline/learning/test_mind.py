"""A version, and what was learnt on top of it."""

from support.cast import ask, policy
from switchgear.domain.learning import Learning
from switchgear.domain.odds import Bar
from switchgear.domain.units import UnixMs
from switchgear.engine.influence import Said
from switchgear.engine.policy import Promise
from switchgear.engine.success.lesson import Lesson, learnt
from switchgear.engine.success.model import UNTAUGHT, predict
from switchgear.engine.success.trait import traits_of
from switchgear.pipeline.learning.mind import Mind


def said(at: int, good: float = 1.0) -> Said:
    return Said(Lesson(traits_of(ask()), "small", good, 1.0, UnixMs(at)))


def mind(promise: Promise | None = None) -> Mind:
    made = Mind()
    made.expect(Learning(), policy(promise=promise))
    return made


def test_it_is_named_by_its_version_and_what_came_since() -> None:
    made = mind()
    assert made.name == ""
    some = [said(5), said(6)]
    made.put(made.after(some), some)
    assert made.name == "v0+2"
    model = learnt(UNTAUGHT, [said(1).lesson])
    made.begin("v3", model, (), UnixMs(9))
    assert made.name == "v3+0"


def test_what_came_later_than_a_version_is_given_back_to_be_learnt_again() -> None:
    made = mind()
    some = [said(at) for at in range(1, 9)]
    made.put(made.after(some), some)
    assert made.begin("v1", UNTAUGHT, (), UnixMs(5)) == tuple(some[5:])
    assert made.begin("v1", UNTAUGHT, (), UnixMs(5)) == ()


def test_what_is_learnt_twice_in_the_same_order_is_the_same() -> None:
    some = [said(at, at % 2) for at in range(50)]
    one, other = mind(), mind()
    one.put(one.after(some), some)
    for each in some:
        other.put(other.after([each]), [each])
    assert one.chances(ask()) == other.chances(ask())


def test_what_is_remembered_of_a_group_is_forgotten_when_more_is_learnt() -> None:
    made = mind()
    for good in (1.0, 0.0):
        some = [said(at, good) for at in range(40)]
        made.put(made.after(some), some)
        first = made.chances(ask())
        assert first == made.chances(ask())
        assert first == predict(made.after([]), traits_of(ask()), made.targets)
    made.begin("v1", UNTAUGHT, (), UnixMs(99))
    assert made.chances(ask()) == ()


def test_it_has_a_bar_for_each_promise_and_target() -> None:
    made = mind(Promise(failures=0.1, confidence=0.9))
    bar = Bar("small", 0.1, 0.9, 0.7)
    made.begin("v1", UNTAUGHT, (bar, Bar("mid", 0.5, 0.9, 0.2)), UnixMs(1))
    found = {each.target: each.least for each in made.bars}
    assert found["small"] == 0.7
    assert all(least > 1 for name, least in found.items() if name != "small")
    assert not made.unkept()
    made.expect(Learning(), policy(promise=Promise(failures=0.2, confidence=0.9)))
    assert made.unkept()
    assert all(each.least > 1 for each in made.bars)
    made.expect(Learning(), policy())
    assert made.bars == ()
