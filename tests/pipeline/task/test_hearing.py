"""What is learnt from answers, and from what we refused."""

import msgspec

from support.finding import Place
from support.recollected import model, user
from switchgear.domain.denial import OverBudget
from switchgear.domain.errors import UpstreamLost
from switchgear.domain.event import TextDelta
from switchgear.domain.units import UnixMs
from switchgear.pipeline.task import hearing
from switchgear.pipeline.task.hearing import MOST_SAID
from switchgear.pipeline.task.identity import AGAIN_MS


def test_a_call_that_we_refused_is_known_when_it_comes_again_just_so() -> None:
    place = Place()
    call = place.call(user("do it"))
    first = place.ask(call, error=OverBudget())
    again = place.ask(msgspec.structs.replace(call, id="sg_again"), error=OverBudget())
    third = place.ask(msgspec.structs.replace(call, id="sg_third"))
    assert {first.task, again.task, third.task} == {first.task}
    assert again.source == "again"
    assert not again.sure
    other = place.ask(place.call(user("do that")))
    assert other.task != first.task
    late = msgspec.structs.replace(call, id="sg_late", at=UnixMs(call.at + AGAIN_MS + 1))
    assert place.ask(late).task != first.task


def test_what_a_target_broke_is_no_refusal_of_ours() -> None:
    place = Place()
    call = place.call(user("do it"))
    first = place.ask(call, error=UpstreamLost())
    assert place.ask(msgspec.structs.replace(call, id="sg_again")).task != first.task


def test_an_answer_that_was_cut_leads_nowhere() -> None:
    place = Place()
    call = place.call(user("hi"))
    place.finder.identify(call)
    assert place.finder.seen(call.id) is not None
    assert place.finder.seen(call.id) is None
    found = place.said(user("hi"), model("ok"), user("more"))
    assert found.source == "new"


def test_an_answer_that_is_too_long_is_not_remembered() -> None:
    place = Place()
    long = "x" * (MOST_SAID + 1)
    first = place.said(answer=long)
    assert place.said(user("hi"), model(long), user("more")).task != first.task


def test_an_answer_in_very_many_pieces_is_known_again_and_kept_in_few() -> None:
    place, heard = Place(), []
    many = [TextDelta(letter) for letter in "abcd" * 2500]
    join = hearing._Ear._hear_words

    def hear(ear: hearing._Ear, text: str) -> None:
        join(ear, text)
        heard.append(len(ear._said))

    hearing._Ear._hear_words = hear  # type: ignore[method-assign, assignment]  # to see what is kept
    try:
        first = place.said(answer=many)
    finally:
        hearing._Ear._hear_words = join  # type: ignore[method-assign]  # as it was
    assert max(heard) < hearing.MOST_LOOSE
    assert place.said(user("hi"), model("abcd" * 2500), user("more")).task == first.task
