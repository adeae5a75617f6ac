from evaluation.routing.promise import kept


def test_a_score_that_foresees_all_routes_down_all_that_does() -> None:
    rights = [1.0] * 300 + [0.0] * 300
    found = kept(rights, rights, times=5)
    assert found.broken == 0
    assert found.failed == 0
    assert 0.4 < found.down < 0.6


def test_a_score_that_knows_nothing_routes_nothing_down() -> None:
    found = kept([0.5] * 80, [1.0, 0.0] * 40, times=3)
    assert found.down == 0
    assert found.broken == 0
