from random import Random  # noqa: TID251  (seeded: the same draws each time)

from switchgear.engine.success.shift import Watch, watched


def alarms(residuals: list[float]) -> list[int]:
    state, found = Watch(), []
    for place, residual in enumerate(residuals):
        state, changed = watched(state, residual)
        if changed:
            found.append(place)
    return found


def test_a_target_that_breaks_is_seen_within_forty_answers() -> None:
    draw = Random(3)  # noqa: S311  (seeded)
    before = [(draw.random() < 0.8) - 0.8 for _ in range(1000)]
    after = [-0.8] * 40
    found = alarms(before + after)
    assert found
    assert found[0] >= 1000


def test_one_that_gets_better_is_seen_too() -> None:
    assert alarms([0.7] * 40)


def test_a_steady_one_raises_no_alarm() -> None:
    draw = Random(4)  # noqa: S311  (seeded)
    assert not alarms([(draw.random() < 0.5) - 0.5 for _ in range(3000)])
