"""Whom a package waits for."""

from switchgear.domain.handoff import pending_for
from switchgear.domain.task import Task
from switchgear.domain.units import UnixMs


def test_a_package_is_for_its_receiver_and_the_last_for_who_says_no_name() -> None:
    task = Task(id="tk_a", opened=UnixMs(1), pending=(("b", "ho_1"), ("c", "ho_2")))
    assert pending_for(task, "b") == "ho_1"
    assert pending_for(task, "c") == "ho_2"
    assert pending_for(task, "a") == ""
    assert pending_for(task, "") == "ho_2"
    assert pending_for(Task(id="tk_b", opened=UnixMs(1)), "") == ""
