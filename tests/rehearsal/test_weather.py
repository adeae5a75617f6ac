from switchgear.domain.units import Seconds
from switchgear.rehearsal.weather import MOST, Spell, Weather


def test_a_spell_strikes_its_model_until_it_is_over() -> None:
    weather = Weather()
    weather.change(Spell(model="fair@a", fault="503", for_s=60), Seconds(10.0))
    assert weather.of("fair@a", Seconds(69.0)) == "503"
    assert weather.of("fair@a", Seconds(70.0)) == "fair@a"
    assert weather.of("fair@b", Seconds(11.0)) == "fair@b"


def test_a_spell_of_no_time_ends_another() -> None:
    weather = Weather()
    weather.change(Spell(model="a", for_s=60), Seconds(0.0))
    weather.change(Spell(model="a", for_s=0), Seconds(1.0))
    assert weather.of("a", Seconds(1.0)) == "a"


def test_spells_are_bounded() -> None:
    weather = Weather()
    for number in range(MOST + 1):
        weather.change(Spell(model=f"m{number}", for_s=60), Seconds(0.0))
    assert weather.of("m0", Seconds(1.0)) == "m0"
    assert weather.of(f"m{MOST}", Seconds(1.0)) == "503"
