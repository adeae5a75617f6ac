"""Who may manage which keys."""

import pytest

from support.shop import ACME, DECLARED, OTHER, ROOT, Shop, grant, lived, new
from switchgear.domain.denial import (
    ExpiredKey,
    RevokedKey,
    UnknownKeyId,
    WiderThanMaker,
)
from switchgear.domain.units import Seconds, UnixMs


def test_an_admin_of_a_tenant_knows_and_makes_keys_of_that_tenant_alone() -> None:
    async def life(shop: Shop) -> None:
        await shop.smith.make(new(id="ours"), ACME)
        await shop.smith.make(new(id="theirs"), OTHER)
        await shop.smith.make(new(id="nobodys"), ROOT)
        assert [it.key.id for it in await shop.smith.all(ACME)] == ["acme-admin", "ours"]
        assert len(await shop.smith.all(ROOT)) == len(DECLARED) + 3
        assert shop.effective("ours").tenant == "acme"
        for name in ("theirs", "nobodys", "root", "no-such"):
            for verb in (shop.smith.find, shop.smith.rotate, shop.smith.revoke, shop.smith.history):
                with pytest.raises(UnknownKeyId) as caught:
                    await verb(name, ACME)
                assert caught.value.message == UnknownKeyId().message
            with pytest.raises(UnknownKeyId):
                await shop.smith.change(name, grant(), ACME)
        for tenant in ("other", ""):
            with pytest.raises(WiderThanMaker, match="tenant"):
                await shop.smith.make(new(tenant=tenant), ACME)
        root_made, _ = await shop.smith.make(new(tenant="acme", id="given"), ROOT)
        assert root_made.key.tenant == "acme"
        assert "given" in [it.key.id for it in await shop.smith.all(ACME)]

    lived(life)


def test_an_admin_that_was_revoked_while_its_request_came_changes_nothing_more() -> None:
    async def life(shop: Shop) -> None:
        await shop.smith.make(new(id="boss", rights=["admin"]), ROOT)
        await shop.smith.make(new(id="plain"), ROOT)
        boss = shop.effective("boss")
        await shop.smith.change("boss", grant(models=["auto"]), ROOT)
        with pytest.raises(WiderThanMaker, match="models"):
            await shop.smith.make(new(models=["small"]), boss)
        for revoked in (False, True):
            if revoked:
                await shop.smith.revoke("boss", ROOT)
            else:
                await shop.smith.change("boss", grant(rights=[]), ROOT)
            with pytest.raises(RevokedKey):
                await shop.smith.make(new(), boss)
            with pytest.raises(RevokedKey):
                await shop.smith.revoke("plain", boss)
            with pytest.raises(RevokedKey):
                await shop.smith.all(boss)

    lived(life)


def test_an_admin_whose_time_is_over_changes_nothing_more() -> None:
    async def life(shop: Shop) -> None:
        end = UnixMs(shop.clock.date() + 1000)
        await shop.smith.make(new(id="boss", rights=["admin"], until=end), ROOT)
        boss = shop.effective("boss")
        shop.clock.advance(Seconds(1.0))
        with pytest.raises(ExpiredKey):
            await shop.smith.make(new(), boss)

    lived(life)
