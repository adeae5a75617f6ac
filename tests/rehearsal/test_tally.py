from switchgear.rehearsal.tally import MOST_MODELS, Tally


def test_counts_are_summed_by_the_ending_of_the_name() -> None:
    tally = Tally()
    for name, requests in (("a@1", 2), ("b@1", 3), ("a@2", 5)):
        tally.of(name).requests += requests
    assert tally.total("@1").requests == 5
    assert tally.total().requests == 10
    assert tally.table()["a@2"].requests == 5


def test_it_forgets_all_when_told_and_when_there_are_too_many_names() -> None:
    tally = Tally()
    tally.of("a").requests += 1
    tally.reset()
    assert tally.of("a").requests == 0
    for number in range(MOST_MODELS + 1):
        tally.of(f"m{number}")
    assert len(tally.table()) <= MOST_MODELS
