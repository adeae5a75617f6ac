"""What agents do, and whether it is a loop."""

import pytest

from support.circling import Chat
from switchgear.engine.loop.read import handoff_of, refusal_of

FLIGHT = '{"flights": [{"number": "HAT069", "price": 121}]}'


def test_the_fourth_same_call_with_the_same_result_is_acted_on_and_not_the_third() -> None:
    chat = Chat()
    for _ in range(3):
        chat.call("search", FLIGHT, to="SEA")
    assert not chat.fired
    (signal,) = chat.call("search", FLIGHT, to="SEA")
    assert signal.act
    assert (
        signal.evidence == "search with the same arguments and the same result 4 times in 4 turns"
    )


def test_each_further_repetition_is_a_new_occurrence() -> None:
    chat = Chat()
    for _ in range(7):
        chat.call("search", FLIGHT, to="SEA")
    assert len({each.occurrence for each in chat.fired if each.code == "exact_repeat"}) == 4


def test_other_thoughts_ids_orders_of_keys_and_request_ids_hide_no_repetition() -> None:
    chat = Chat()
    for number in range(4):
        fields: dict[str, object] = {"to": "SEA", "from": "JFK", "request_id": f"r{number}"}
        keys = sorted(fields, reverse=bool(number % 2))
        chat.call(
            "search",
            FLIGHT,
            f"Thought {number}",
            f"x{number}",
            **{key: fields[key] for key in keys},
        )
    assert chat.acted == {"exact_repeat"}


@pytest.mark.parametrize("name", ["call_0", ""])
def test_ids_that_are_always_the_same_or_missing_hide_no_repetition(name: str) -> None:
    chat = Chat()
    for _ in range(4):
        chat.call("search", FLIGHT, call_id=name, to="SEA")
    assert chat.acted == {"exact_repeat"}


def test_one_id_for_different_calls_makes_them_no_repetition() -> None:
    chat = Chat()
    for number in range(8):
        chat.call("search", f"result {number}", call_id="call_0", to=f"city {number}")
    assert not chat.fired


def test_times_in_results_hide_no_repetition() -> None:
    chat = Chat()
    for number in range(4):
        chat.call(
            "list_jobs", f"[2026-05-20 10:0{number}:17] no job\n(took {number} ms)", queue="a"
        )
    assert chat.acted == {"exact_repeat"}


def test_a_result_that_changes_is_progress() -> None:
    chat = Chat()
    for number in range(30):
        chat.call("get_build", f"built {number} of 30", call_id="call_0", job=7)
    assert not chat.acted


def test_a_changed_result_begins_the_count_anew() -> None:
    chat = Chat()
    for _ in range(3):
        chat.call("search", FLIGHT, to="SEA")
    chat.call("search", "[]", to="SEA")
    for _ in range(3):
        chat.call("search", FLIGHT, to="SEA")
    assert not chat.fired


def test_four_of_a_kind_far_apart_are_none() -> None:
    chat = Chat()
    for number in range(24):
        if number % 6 == 0:
            chat.call("git_status", "clean")
        else:
            chat.call("read", f"text {number}", file=f"{number}.py")
    assert not chat.acted


def test_a_poll_may_come_seven_times_and_not_eight() -> None:
    chat = Chat()
    for _ in range(7):
        chat.call("get_job_status", "no change", job=7)
    assert not chat.acted
    assert chat.call("get_job_status", "no change", job=7)[0].code == "exact_repeat"


def test_still_running_five_times_is_waiting_whatever_the_tool_is_called() -> None:
    chat = Chat()
    for _ in range(5):
        chat.call("fetch_export", '{"state": "still running"}', job=7)
    assert not chat.fired


def test_waiting_and_looking_in_turn_is_polling_too() -> None:
    chat = Chat()
    for _ in range(5):
        chat.call("sleep", "", seconds=10)
        chat.call("get_export", "nothing yet", job=7)
    assert "cycle" not in chat.acted


def test_five_identical_calls_in_one_turn_count_once() -> None:
    chat = Chat()
    chat.calls([("search", {"to": "SEA"}, FLIGHT)] * 5)
    assert not chat.fired


def test_many_reads_at_once_are_no_loop() -> None:
    chat = Chat()
    for batch in range(4):
        chat.calls([("read", {"file": f"{batch}-{n}"}, f"text {batch} {n}") for n in range(8)])
    assert not chat.fired


def test_many_missing_files_in_one_turn_are_one_error() -> None:
    chat = Chat()
    chat.calls([("read", {"file": f"/a/{n}.py"}, f"Error: no file /a/{n}.py") for n in range(8)])
    assert not chat.fired


def test_editing_and_testing_with_moving_errors_is_work() -> None:
    chat = Chat()
    for number in range(8):
        chat.call("edit", "done", file="a.py", text=f"x = {number}")
        chat.call("run_tests", f"exit code 1\n{8 - number} failed, {number} passed", suite="all")
    assert not chat.acted


def test_editing_and_testing_with_one_error_is_acted_on() -> None:
    chat = Chat()
    for number in range(5):
        chat.call("edit", "done", file="a.py", text=f"x = {number}")
        chat.call("run_tests", f"exit code 1\nTypeError: x at line {number}", suite=f"s{number}")
    assert chat.acted == {"same_error"}


def test_two_refusals_of_a_server_and_then_an_answer_are_none() -> None:
    chat = Chat()
    for _ in range(2):
        chat.call("fetch", "Error: 503 Service Unavailable", url="https://a.example")
    chat.call("fetch", "<p>hello</p>", url="https://a.example")
    assert not chat.fired


def test_one_error_whatever_the_arguments_is_acted_on_at_the_fifth() -> None:
    chat = Chat()
    for number in range(4):
        chat.call("pay", f"Error: card_{number} not found", card=number)
    assert not chat.fired
    (signal,) = chat.call("pay", "Error: card_99 not found", card=99)
    assert (signal.code, signal.act) == ("same_error", True)
    assert signal.evidence == "pay failed with the same error 5 times in its last 5 calls"


def test_different_errors_of_one_tool_are_none() -> None:
    chat = Chat()
    for word in ("seat", "fare", "gate", "crew", "meal", "route", "bag"):
        chat.call("book", f"Error: the {word} is missing", what=word)
    assert not chat.acted


def test_hopping_from_tool_to_tool_with_nothing_but_errors_is_acted_on_at_the_eighth() -> None:
    chat = Chat()
    for number in range(8):
        assert not chat.acted
        chat.call(f"tool_{'abcdefgh'[number]}", f"Error: {'abcdefgh'[number]} is broken")
    assert chat.acted == {"same_error"}


def test_hopping_from_tool_to_tool_with_results_is_work() -> None:
    chat = Chat()
    for number in range(20):
        chat.call(f"tool_{number % 5}", f"result {number}", of=number)
    assert not chat.fired


def test_arguments_that_drift_with_results_that_do_are_work() -> None:
    chat = Chat()
    for number in range(20):
        chat.call("search", f"hit {number}", query=f"flights page {number}")
    assert not chat.fired


def test_arguments_that_drift_with_nothing_found_are_written_down() -> None:
    chat = Chat()
    for number in range(8):
        assert not chat.fired
        chat.call("search", ("[]", "No results found.", "{}")[number % 3], query=f"q{number}")
    assert chat.seen == {"no_new_information"}
    assert not chat.acted


def test_empty_results_among_writes_are_work() -> None:
    chat = Chat()
    for number in range(6):
        chat.call("search", "[]", query=f"q{number}")
        chat.call("write_note", "ok", text=f"nothing on q{number}")
    assert not chat.fired


@pytest.mark.parametrize("period", [2, 3, 4, 5, 6])
def test_a_cycle_is_acted_on_when_it_closes_for_the_third_time(period: int) -> None:
    chat = Chat()
    for number in range(3 * period):
        assert "cycle" not in chat.acted
        chat.call(f"step_{number % period}", f"result {number % period}")
    assert "cycle" in chat.acted


def test_a_b_a_b_is_no_cycle_yet() -> None:
    chat = Chat()
    for number in range(4):
        chat.call(f"step_{number % 2}", f"result {number % 2}")
    assert not chat.fired


def test_a_round_with_other_results_is_no_cycle() -> None:
    chat = Chat()
    for number in range(18):
        chat.call(f"step_{number % 3}", f"result {number}")
    assert not chat.fired


def test_handing_back_and_forth_is_acted_on_whatever_the_reasons() -> None:
    chat = Chat()
    for number in range(7):
        agent = ("billing", "sales")[number % 2]
        chat.call(f"transfer_to_{agent}", f"You are {agent}.", reason=f"because {number}")
    assert chat.acted == {"ping_pong"}
    assert "billing and sales handed over to each other 6 times" in chat.fired[0].evidence


def test_agents_that_call_in_turn_on_one_list_hand_back_and_forth() -> None:
    chat = Chat()
    for number in range(8):
        chat.agent = ("planner", "writer")[number % 2]
        chat.say(f"I leave this to you, for reason {number}.", "Go on.")
    assert chat.acted == {"ping_pong"}


def test_agents_with_lists_of_their_own_that_work_at_once_hand_over_nothing() -> None:
    one, other = Chat("one"), Chat("other")
    for number in range(12):
        other.ring = one.ring
        other.call("read", f"text {number}", file=f"o{number}")
        one.ring = other.ring
        one.call("read", f"words {number}", file=f"i{number}")
    assert not one.fired
    assert not other.fired


def test_agents_that_bring_results_may_hand_over_often() -> None:
    chat = Chat()
    for number in range(5):
        chat.call("delegate", "done", agent="researcher", task=f"find {number}")
        chat.call("look_up", f"found {number}", what=number)
        chat.call("transfer_back_to_supervisor", "done")
    assert not chat.acted


def test_a_human_between_hand_offs_begins_their_count_anew() -> None:
    chat = Chat()
    for number in range(10):
        chat.call("delegate", "done", agent="researcher", task=f"find {number}")
        chat.call("transfer_back_to_supervisor", "done")
        chat.human(f"Fine, and number {number}?")
    assert not chat.acted


def test_hand_offs_that_go_ever_deeper_are_acted_on() -> None:
    chat = Chat()
    for number in range(9):
        assert not chat.acted
        chat.call("handoff", "done", agent=f"expert {number}")
    assert chat.acted == {"ping_pong"}


def test_hand_offs_that_we_were_told_of_count() -> None:
    chat = Chat("a")
    for number in range(6):
        pair = ("a", "b") if number % 2 == 0 else ("b", "a")
        chat.ring = chat.ring.add((handoff_of(*pair, chat.ring),))
    chat.send()
    assert chat.acted == {"ping_pong"}


def test_the_same_text_three_times_is_acted_on() -> None:
    chat = Chat()
    chat.say("I will look into it.")
    chat.say("I will look into it.")
    chat.say("I will look into it.")
    assert not chat.acted, "the first 'Go on.' was a human's word"
    chat.say("I will look into it.")
    assert chat.acted == {"repeated_text"}


def test_the_same_text_with_news_between_is_none() -> None:
    chat = Chat()
    for number in range(6):
        chat.call("look_up", f"result {number}", "Let me continue.", page=number)
    assert not chat.fired


def test_the_same_text_to_a_human_who_says_something_new_each_time_is_none() -> None:
    chat = Chat()
    for number in range(6):
        chat.say("Shall I book it?", f"What about flight {number}?")
    assert not chat.fired


def test_nearly_the_same_text_is_written_down() -> None:
    chat = Chat()
    words = " ".join(f"point {place} stays as it is," for place in range(30))
    for number in range(4):
        chat.say(f"{words} version {number}.")
    assert chat.seen == {"near_text"}
    assert not chat.acted


def test_the_same_request_after_our_refusal_is_futile_and_each_time_again() -> None:
    chat = Chat()
    chat.call("search", FLIGHT, to="SEA")
    chat.ring = chat.ring.add((refusal_of(chat.talk, chat.ring),))
    first = chat.send()
    chat.ring = chat.ring.add((refusal_of(chat.talk, chat.ring),))
    second = chat.send()
    assert [each.code for each in first + second] == ["futile_retry"] * 2
    assert first[0].act
    assert chat.ring.forgiven().total == chat.ring.total


def test_another_request_after_our_refusal_is_none() -> None:
    chat = Chat()
    chat.ring = chat.ring.add((refusal_of(chat.talk, chat.ring),))
    chat.call("search", FLIGHT, to="SEA")
    assert not chat.fired


def test_a_human_who_speaks_begins_every_count_anew() -> None:
    chat = Chat()
    for number in range(8):
        if number % 3 == 2:
            chat.human(f"Look again, please, for the {number}th time.")
        chat.call("search", FLIGHT, to="SEA")
    assert not chat.acted
    assert chat.ring.humans == 3


def test_an_input_that_grows_without_news_is_written_down() -> None:
    chat = Chat()
    chat.call("read", "x" * 4_000, file="a")
    for number in range(12):
        chat.say(f"Plan {number}: " + f"words about {number} " * 120)
    assert "growth" in chat.seen
    assert not chat.acted


def test_a_list_that_is_cut_and_read_again_thrice_is_written_down() -> None:
    chat = Chat()
    for round_ in range(4):
        for file in ("a", "b", "c", "d"):
            chat.call("read", f"text of {file}, {round_}", file=file)
        chat.turns = [chat.turns[0], *chat.turns[-2:]]
    assert "growth" in chat.seen
