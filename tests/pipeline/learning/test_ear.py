"""What is heard of calls, whoever says it and wherever."""

from support.school import PLAIN, School, lived
from switchgear.domain.units import UnixMs
from switchgear.pipeline.learning.ear import Ear


def test_what_is_said_elsewhere_is_heard_with_the_row_from_the_ledger() -> None:
    async def life(school: School) -> None:
        ear = Ear((school.ledger, school.papers))
        await ear.begin()
        await school.judged(70, 0.0, by="k")
        await ear.listen()
        heard = ear.take(100)
        assert len(heard) == 70
        assert {(each.by, each.lesson.good) for each in heard} == {("k", 0.0)}
        await ear.listen()
        assert not len(ear)

    lived(life)


def test_who_is_told_here_wakes_and_needs_no_ledger() -> None:
    async def life(school: School) -> None:
        ear = Ear((school.ledger, school.papers))
        await ear.begin()
        school.desk.told = ear.told
        row = await school.call("sg_1")
        await school.say(row, 1.0)
        assert ear.woken.is_set()
        del school.ledger.entries["sg_1"]
        await ear.listen()
        assert len(ear) == 1

    lived(life)


def test_what_is_said_of_a_call_that_is_gone_is_let_go() -> None:
    async def life(school: School) -> None:
        ear = Ear((school.ledger, school.papers))
        await ear.begin()
        await school.judged(1, 1.0)
        school.ledger.entries.clear()
        await ear.listen()
        assert not len(ear)

    lived(life)


def test_what_is_known_already_is_not_taken_again() -> None:
    async def life(school: School) -> None:
        ear = Ear((school.ledger, school.papers))
        await ear.begin()
        await school.judged(4, 1.0)
        await ear.listen()
        await school.judged(3, 1.0)
        ear.since = UnixMs(school.now() - 1_000)
        await ear.listen()
        assert ear.new == 5
        assert len(ear.take(99)) == 1

    lived(life)


def test_what_is_put_back_comes_first() -> None:
    async def life(school: School) -> None:
        ear = Ear((school.ledger, school.papers))
        await ear.begin()
        await school.judged(3, 1.0)
        await ear.listen()
        first = ear.take(1)
        ear.put_back(first)
        assert ear.take(1) == first

    lived(life)


def test_an_ear_without_a_store_hears_nothing() -> None:
    async def life(school: School) -> None:
        ear = Ear(None)
        await ear.begin()
        await ear.listen()
        await ear.recall(PLAIN, school.now())
        assert not len(ear)

    lived(life)
