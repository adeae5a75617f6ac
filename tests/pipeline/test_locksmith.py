"""Keys that are made and changed while the gateway runs."""

import asyncio
import logging
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.keys import acts, keys
from support.shop import LIMITED, ROOT, Shop, grant, lived, new
from switchgear.adapters.chance import SeededChance
from switchgear.config.grant import told
from switchgear.config.setup import KeyRecord
from switchgear.domain.caller import Key, Right
from switchgear.domain.denial import (
    KeyConflict,
    WiderThanMaker,
)
from switchgear.domain.errors import MalformedBody
from switchgear.domain.units import UnixMs
from switchgear.engine.chain import LONGEST
from switchgear.engine.credential import complaint
from switchgear.pipeline.locksmith import Locksmith


def test_a_key_that_is_made_is_good_at_once_and_is_shown_once() -> None:
    async def life(shop: Shop) -> None:
        shown, secret = await shop.smith.make(new(id="ci", models=["auto"]), ROOT)
        assert complaint(secret.reveal()) == ""
        assert shop.door.admit(None, secret.reveal()).id == "ci"
        kept = await shop.keyring.find("ci")
        assert kept is not None
        assert kept.digests == (sha256(secret.reveal().encode()).hexdigest(),)
        assert secret.reveal() not in repr((shown, kept, secret))
        assert (kept.by, kept.revision, kept.made) == ("root", 1, shop.clock.date())
        assert shown.effective is not None
        assert shown.effective.makers[0].id == "root"

    lived(life)


def test_what_is_not_said_is_as_the_maker_has_it_but_for_power_and_money() -> None:
    async def life(shop: Shop) -> None:
        shown, _ = await shop.smith.make(new(), LIMITED)
        key = shown.key
        assert (key.models, key.metadata, key.rates) == (
            LIMITED.models,
            LIMITED.metadata,
            LIMITED.rates,
        )
        assert (key.rights, key.debug, key.budgets) == (frozenset(), False, ())
        assert key.id.startswith("key-")
        assert LIMITED.budgets[0] in shop.effective(key.id).budgets

    lived(life)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"models": []}, "models: all"),
        ({"models": ["small"]}, "models: its maker has not small"),
        ({"rights": ["metrics"]}, "rights: its maker has not metrics"),
        ({"debug": True}, "debug"),
        ({"metadata": {"team": "blue"}}, "metadata"),
        ({"mode": "observe"}, "mode"),
        ({"limits": {"requests_per_minute": 11}}, "limits: requests"),
        ({"budgets": {"day": {"usd": 6}}}, "budgets: money in a day"),
    ],
)
def test_no_key_is_made_or_changed_to_be_wider_than_its_maker(
    fields: dict[str, object], words: str
) -> None:
    async def life(shop: Shop) -> None:
        with pytest.raises(WiderThanMaker, match=words):
            await shop.smith.make(new(**fields), LIMITED)
        await shop.smith.make(new(id="child"), LIMITED)
        for by in (LIMITED, ROOT, None):
            with pytest.raises(WiderThanMaker, match=words):
                await shop.smith.change("child", grant(**fields), by)

    lived(life)


def test_a_key_cannot_widen_itself_or_get_the_secret_of_a_wider_one() -> None:
    async def life(shop: Shop) -> None:
        first, _ = await shop.smith.make(new(id="boss", rights=["admin"], models=["auto"]), None)
        boss = first.effective
        assert boss is not None
        with pytest.raises(WiderThanMaker, match="models"):
            await shop.smith.change("boss", grant(models=[]), boss)
        await shop.smith.make(new(id="free"), None)
        for verb in (shop.smith.rotate, shop.smith.revoke):
            with pytest.raises(WiderThanMaker, match="models"):
                await verb("free", boss)
        with pytest.raises(WiderThanMaker):
            await shop.smith.change("free", grant(models=["auto"], debug=True), boss)
        shown, _ = await shop.smith.rotate("boss", boss)
        assert shown.kept is not None

    lived(life)


@settings(max_examples=40)
@given(keys("maker"), keys("wish"))
def test_whatever_is_asked_for_a_made_key_can_do_nothing_that_its_maker_cannot(
    maker: Key, wish: Key
) -> None:
    async def life(shop: Shop) -> None:
        maker_good = msgspec.structs.replace(
            maker, until=None, tenant="acme", rights=maker.rights | {Right.ADMIN}
        )
        shop.ring.declare([KeyRecord(secret_digest="m", key=maker_good)])
        words = told(msgspec.structs.replace(wish, id="child", until=None))
        smith = Locksmith(shop.ring, shop.keyring, shop.clock, SeededChance(1), policy=None)
        try:
            await smith.make(new(id="child", **words), maker_good)
        except WiderThanMaker:
            return
        assert acts(shop.effective("child")) <= acts(maker_good)
        assert set(maker_good.budgets) <= set(shop.effective("child").budgets)

    lived(life)


def test_rotation_has_two_good_secrets_until_one_is_dropped() -> None:
    async def life(shop: Shop) -> None:
        _, old = await shop.smith.make(new(id="k"), ROOT)
        shown, young = await shop.smith.rotate("k", ROOT)
        assert shown.kept is not None
        assert len(set(shown.kept.hint)) == 2
        assert (shop.good(old), shop.good(young)) == (True, True)
        with pytest.raises(KeyConflict, match="has two secrets"):
            await shop.smith.rotate("k", ROOT)
        await shop.smith.rollback("k", ROOT)
        assert (shop.good(old), shop.good(young)) == (True, False)
        _, third = await shop.smith.rotate("k", ROOT)
        await shop.smith.promote("k", ROOT)
        assert (shop.good(old), shop.good(third)) == (False, True)
        for verb in (shop.smith.promote, shop.smith.rollback):
            with pytest.raises(KeyConflict, match="has one secret"):
                await verb("k", ROOT)
        done = await shop.smith.history("k", ROOT)
        assert [it.deed for it in done] == ["made", "rotated", "rolled_back", "rotated", "promoted"]

    lived(life)


@given(st.lists(st.sampled_from(["rotate", "promote", "rollback", "revoke"]), max_size=8))
def test_no_history_of_a_key_leaves_it_with_a_secret_that_it_should_not_have(
    verbs: list[str],
) -> None:
    async def life(shop: Shop) -> None:
        _, first = await shop.smith.make(new(id="k"), ROOT)
        old, young = first, None
        dropped = [first][:0]
        revoked = False
        for verb in verbs:
            possible = not revoked and {
                "rotate": young is None,
                "revoke": True,
            }.get(verb, young is not None)
            try:
                found = await getattr(shop.smith, verb)("k", ROOT)
            except KeyConflict:
                assert not possible
                continue
            assert possible
            if verb == "rotate":
                young = found[1]
            elif verb == "promote":
                assert young is not None
                dropped, old, young = [*dropped, old], young, None
            elif verb == "rollback":
                assert young is not None
                dropped, young = [*dropped, young], None
            revoked = revoked or verb == "revoke"
        assert shop.good(old) is not revoked
        assert young is None or shop.good(young) is not revoked
        assert not any(shop.good(each) for each in dropped)

    lived(life)


def test_a_revoked_key_takes_along_all_that_were_made_with_it() -> None:
    async def life(shop: Shop) -> None:
        _, top = await shop.smith.make(new(id="top", rights=["admin"]), ROOT)
        _, low = await shop.smith.make(new(id="low"), shop.effective("top"))
        await shop.smith.revoke("top", ROOT)
        assert (shop.good(top), shop.good(low)) == (False, False)
        with pytest.raises(KeyConflict, match="is revoked"):
            await shop.smith.change("top", grant(debug=True), ROOT)
        with pytest.raises(WiderThanMaker, match="Its maker may do nothing"):
            await shop.smith.make(new(id="late"), None, parent="top")

    lived(life)


def test_a_maker_that_is_narrowed_narrows_what_it_made() -> None:
    async def life(shop: Shop) -> None:
        await shop.smith.make(new(id="top", rights=["admin"], models=["auto", "small"]), ROOT)
        await shop.smith.make(new(id="low"), shop.effective("top"))
        assert shop.effective("low").models == {"auto", "small"}
        await shop.smith.change("top", grant(models=["auto"]), ROOT)
        assert shop.effective("low").models == {"auto"}

    lived(life)


def test_of_two_who_change_one_revision_one_is_told_the_state() -> None:
    async def life(shop: Shop) -> None:
        await shop.smith.make(new(id="k"), ROOT)
        both = await asyncio.gather(
            shop.smith.rotate("k", ROOT), shop.smith.rotate("k", ROOT), return_exceptions=True
        )
        conflicts = [it for it in both if isinstance(it, KeyConflict)]
        assert len(conflicts) == 1
        assert "has two secrets, an old one and a new one (revision 2)" in conflicts[0].message
        with pytest.raises(KeyConflict, match="Revision 1 was expected"):
            await shop.smith.promote("k", ROOT, 1)
        await shop.smith.promote("k", ROOT, 2)

    lived(life)


def test_keys_of_the_config_are_changed_there() -> None:
    async def life(shop: Shop) -> None:
        for verb in (shop.smith.rotate, shop.smith.promote, shop.smith.revoke):
            with pytest.raises(KeyConflict, match="is of the config file: change it there"):
                await verb("limited", ROOT)
        with pytest.raises(KeyConflict, match="taken"):
            await shop.smith.make(new(id="limited"), ROOT)
        assert await shop.smith.history("limited", ROOT) == ()

    lived(life)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"id": "Ä"}, "id: expected"),
        ({"id": "a_b"}, "id: expected"),
        ({"id": "x" * 65}, "id: expected"),
        ({"models": ["nonsense"]}, "models: nothing goes by the name 'nonsense'"),
        ({"targets": ["auto"]}, "targets: there is no target 'auto'"),
        ({"until": "yesterday"}, "until: expected a date"),
        ({"until": "2001-01-01"}, "until: that moment is over"),
        ({"until": 1}, "until: that moment is over"),
    ],
)
def test_what_cannot_be_is_said(fields: dict[str, object], words: str) -> None:
    async def life(shop: Shop) -> None:
        with pytest.raises(MalformedBody, match=words):
            await shop.smith.make(new(**fields), ROOT)

    lived(life)


def test_a_line_of_makers_has_an_end() -> None:
    async def life(shop: Shop) -> None:
        maker = ROOT
        for number in range(LONGEST - 1):
            await shop.smith.make(new(id=f"k{number}", rights=["admin"]), maker)
            maker = shop.effective(f"k{number}")
        with pytest.raises(WiderThanMaker, match="No more than"):
            await shop.smith.make(new(id="last"), maker)

    lived(life)


def test_what_is_done_is_logged_with_who_did_it_and_without_the_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    secrets: list[str] = []

    async def life(shop: Shop) -> None:
        _, one = await shop.smith.make(new(id="k", until=UnixMs(shop.clock.date() + 5)), ROOT)
        _, two = await shop.smith.rotate("k", None)
        secrets.extend([one.reveal(), two.reveal()])

    with caplog.at_level(logging.INFO):
        lived(life)
    assert "keys: 'k' was made by key 'root', revision 1" in caplog.text
    assert "keys: 'k' was rotated by the owner, revision 2" in caplog.text
    assert not any(each in caplog.text for each in secrets)
