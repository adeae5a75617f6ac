"""What the database does to us: it goes, comes back, stands still, is locked, and is shared."""

import asyncio
from collections import Counter
from pathlib import Path

import asyncpg
import pytest

from support.entries import decision, entry
from support.paperwork import write
from support.postgres import Server, with_ledger
from switchgear.adapters.ledgers.postgres import PostgresLedger, fault, open_postgres
from switchgear.adapters.ledgers.postgres.line import place
from switchgear.adapters.ledgers.postgres.schema import scripts_known
from switchgear.adapters.ledgers.postgres.table import ATTEMPTS, BODIES, DECISIONS, type_of
from switchgear.adapters.ledgers.spill import Spilling
from switchgear.adapters.papers.postgres import PostgresPapers
from switchgear.domain.errors import LedgerDown
from switchgear.domain.secret import Secret
from switchgear.domain.situation import Reading, Situation
from switchgear.domain.units import UnixMs
from switchgear.ports.ledger import Query
from switchgear.ports.papers import PaperKind

EVIL = "'; DROP TABLE decisions; --"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'switchgear'"
KNOWN = len(scripts_known())
JOURNAL = Spilling(journal=1_000_000)


def ids(server: Server, url: str) -> Counter[str]:
    return Counter(row[0] for row in server.say("SELECT id FROM decisions", url))


async def stream(ledger: PostgresLedger, name: str, count: int) -> tuple[list[str], int]:
    """Write one after the other; return what was acknowledged, and how many were not."""
    kept, failed = [], 0
    for number in range(count):
        try:
            await ledger.write(entry(f"{name}{number}"))
            kept.append(f"{name}{number}")
        except LedgerDown:
            failed += 1
            await asyncio.sleep(0.02)
    return kept, failed


async def until_it_takes(ledger: PostgresLedger, name: str) -> None:
    """Write a row as soon as that can be."""
    for number in range(500):
        try:
            await ledger.write(entry(f"{name}{number}"))
        except LedgerDown:
            await asyncio.sleep(0.02)
        else:
            return
    raise AssertionError("it never took a row again")


def test_connections_that_are_cut_are_opened_again_and_no_row_is_lost_or_doubled(
    postgres_server: Server, postgres_url: str
) -> None:
    said: list[str] = []

    async def life(ledger: PostgresLedger) -> None:
        async def cut() -> None:
            for _ in range(3):
                await asyncio.sleep(0.02)
                await asyncio.to_thread(postgres_server.say, CUT)

        writing = [stream(ledger, f"n{number}_", 30) for number in range(4)]
        found, _ = await asyncio.gather(asyncio.gather(*writing), cut())
        for kept, failed in found:
            said.extend(kept)
            assert len(kept) + failed == 30
            assert len(kept) > failed
        assert await ledger.find("n0_0") == entry("n0_0")

    with_ledger(postgres_url, life)
    there = ids(postgres_server, postgres_url)
    assert set(said) <= set(there)
    assert set(there.values()) == {1}


def test_a_server_that_stops_and_starts_loses_no_row_that_was_acknowledged(
    postgres_server: Server, postgres_url: str
) -> None:
    said: list[str] = []

    async def life(ledger: PostgresLedger) -> None:
        async def restart() -> None:
            await asyncio.sleep(0.02)
            await asyncio.to_thread(postgres_server.stop)
            with pytest.raises(LedgerDown, match="cannot be reached"):
                await ledger.write(entry("refused"))
            with pytest.raises(LedgerDown, match="cannot be reached"):
                await ledger.find("refused")
            await asyncio.to_thread(postgres_server.start)

        writing = [stream(ledger, f"n{number}_", 40) for number in range(3)]
        found, _ = await asyncio.gather(asyncio.gather(*writing), restart())
        for kept, _ in found:
            said.extend(kept)
        await until_it_takes(ledger, "again")

    with_ledger(postgres_url, life)
    there = ids(postgres_server, postgres_url)
    assert set(said) <= set(there)
    assert set(there.values()) == {1}
    assert "refused" not in there


def test_a_journal_takes_the_rows_until_the_server_is_back(
    postgres_server: Server, postgres_url: str, tmp_path: Path
) -> None:
    async def life(ledger: PostgresLedger) -> None:
        await ledger.write(entry("before"))
        await asyncio.to_thread(postgres_server.stop)
        await asyncio.gather(*[ledger.write(entry(f"during{number}")) for number in range(9)])
        assert ledger.waiting == 9
        assert await ledger.find("during3") == entry("during3")
        await asyncio.to_thread(postgres_server.start)
        for _ in range(500):
            await asyncio.sleep(0.02)
            if not ledger.waiting:
                break
        page = await ledger.list(Query())
        assert len(page) == 10

    with_ledger(postgres_url, life, JOURNAL, tmp_path)
    there = ids(postgres_server, postgres_url)
    assert there == Counter(["before", *[f"during{number}" for number in range(9)]])


@pytest.mark.usefixtures("hasty")
def test_a_server_that_stands_still_fails_the_waiters_and_is_got_over(
    postgres_server: Server, postgres_url: str
) -> None:
    async def life(ledger: PostgresLedger) -> None:
        await ledger.write(entry("before"))
        postgres_server.freeze()
        try:
            writes = [ledger.write(entry(f"during{number}")) for number in range(3)]
            found = await asyncio.gather(*writes, return_exceptions=True)
        finally:
            postgres_server.thaw()
        assert {type(each) for each in found} == {LedgerDown}
        await until_it_takes(ledger, "after")

    with_ledger(postgres_url, life)
    assert set(ids(postgres_server, postgres_url).values()) == {1}


@pytest.mark.usefixtures("hasty")
def test_a_table_locked_for_too_long_fails_the_waiter_and_is_got_over(
    postgres_server: Server, postgres_url: str
) -> None:
    async def life(ledger: PostgresLedger) -> None:
        await ledger.write(entry("before"))
        other = await asyncpg.connect(postgres_url)
        async with other.transaction():
            await other.execute("LOCK TABLE decisions IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(LedgerDown, match="it took too long"):
                await ledger.write(entry("during"))
        await other.close()
        await ledger.write(entry("after"))

    with_ledger(postgres_url, life)
    assert set(ids(postgres_server, postgres_url)) == {"before", "after"}


def test_nodes_that_begin_at_once_make_the_tables_once_and_share_them(
    postgres_server: Server, postgres_url: str
) -> None:
    async def life() -> None:
        nodes = await asyncio.gather(*[open_postgres(Secret(postgres_url)) for _ in range(4)])
        writes = [
            node.write(entry(f"sg_{number}_{place}"))
            for number, node in enumerate(nodes)
            for place in range(20)
        ]
        await asyncio.gather(*writes)
        assert len(await nodes[0].list(Query(limit=99))) == 80
        await asyncio.gather(*[node.aclose() for node in nodes])

    asyncio.run(life())
    numbers = postgres_server.say("SELECT number FROM migrations ORDER BY number", postgres_url)
    assert numbers == [(number,) for number in range(1, KNOWN + 1)]
    doubled = "SELECT number FROM decisions GROUP BY number HAVING count(*) > 1"
    assert postgres_server.say(doubled, postgres_url) == []


def test_tables_of_a_newer_release_are_refused(postgres_server: Server, postgres_url: str) -> None:
    async def nothing(_ledger: PostgresLedger) -> None:
        await asyncio.sleep(0)

    with_ledger(postgres_url, nothing)
    postgres_server.say("INSERT INTO migrations (number) VALUES (99)", postgres_url)
    with pytest.raises(
        LedgerDown, match=f"newer Switchgear .*number 99, this version knows {KNOWN}"
    ):
        with_ledger(postgres_url, nothing)


def test_names_are_values_whatever_they_say(postgres_url: str) -> None:
    odd = [EVIL, "\0", "\x1a", "\x1a0", "a\0b\x1a1", "%_\\", "☃"]

    async def life(ledger: PostgresLedger) -> None:
        for number, name in enumerate(odd):
            written = entry(
                f"{name}{number}",
                key=name,
                tenant=name,
                task=name,
                target=name,
                model=name,
                code=name,
                situation=Situation(id=name, readings={name: Reading()}),
                decision=decision(policy=name),
            )
            await ledger.write(written)
            assert await ledger.find(written.id) == written
            query = Query(key=name, tenant=name, task=name, target=name, model=name, code=name)
            assert [each.id for each in await ledger.list(query)] == [written.id]
            assert written.id in await ledger.shelf.ids(name, 50)
            await ledger.keep_policy(name, b'{"targets": []}')
            assert await ledger.find_policy(name) == b'{"targets": []}'
        assert len(await ledger.list(Query())) == len(odd)
        assert await ledger.list(Query(before=EVIL)) == ()

    with_ledger(postgres_url, life)


def test_a_value_that_cannot_be_kept_harms_no_other(postgres_url: str) -> None:
    async def life(ledger: PostgresLedger) -> None:
        odd = [entry("lone", agent="\ud800"), entry("huge", status=2**70), entry("big", cost=2**63)]
        writes = [ledger.write(each) for each in [entry("sg_1"), *odd, entry("sg_2")]]
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert [type(each) for each in results] == [type(None), *[LedgerDown] * 3, type(None)]
        assert {each.id for each in await ledger.list(Query())} == {"sg_2", "sg_1"}

    with_ledger(postgres_url, life)


def test_closing_writes_what_waits_and_takes_no_more(
    postgres_server: Server, postgres_url: str
) -> None:
    async def life() -> None:
        ledger = await open_postgres(Secret(postgres_url))
        writes = [asyncio.ensure_future(ledger.write(entry(f"sg_{n}"))) for n in range(300)]
        await asyncio.sleep(0)
        await ledger.aclose()
        await asyncio.gather(*writes)
        with pytest.raises(LedgerDown, match="closed"):
            await ledger.write(entry("late"))
        with pytest.raises(LedgerDown, match="closed"):
            await ledger.find("late")

    asyncio.run(life())
    assert len(ids(postgres_server, postgres_url)) == 300


def test_more_than_it_can_hold_is_refused(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchgear.adapters.ledgers.postgres.job.MOST_PENDING", 0)

    async def life(ledger: PostgresLedger) -> None:
        with pytest.raises(LedgerDown, match="More calls wait"):
            await ledger.write(entry())

    with_ledger(postgres_url, life)


def test_old_calls_are_dropped_whole_and_what_others_may_refer_to_stays(
    postgres_server: Server, postgres_url: str
) -> None:
    def seen(name: str) -> Situation:
        return Situation(id=name, readings={})

    async def life(ledger: PostgresLedger) -> None:
        for number in range(3):
            old = entry(f"old{number}", at=UnixMs(5), situation=seen(f"s{number}"), request=b"x")
            await ledger.write(old)
        await ledger.write(entry("new", situation=seen("s0"), request=b"x"))
        papers = PostgresPapers(Secret(postgres_url))
        for name, made in (("old0", 5), ("old1", 5), ("new", 9)):
            await papers.write((write(name, 1, "n", kind=PaperKind.OUTCOME, made=made),))
        ago = "UPDATE situations SET seen = seen - 9000000 WHERE id IN ('s0', 's1')"
        await asyncio.to_thread(postgres_server.say, ago, postgres_url)
        assert await ledger.prune(UnixMs(6)) == 3
        assert await papers.find(PaperKind.OUTCOME, "old0") is None
        assert await papers.notes(PaperKind.OUTCOME, "old1") == ()
        assert len(await papers.notes(PaperKind.OUTCOME, "new")) == 1
        await papers.aclose()
        assert await ledger.find("new") == entry("new", situation=seen("s0"), request=b"x")

    with_ledger(postgres_url, life)
    counts = "SELECT (SELECT count(*) FROM decisions), (SELECT count(*) FROM attempts), count(*)"
    assert postgres_server.say(f"{counts} FROM bodies", postgres_url) == [(1, 1, 1)]
    left = postgres_server.say("SELECT id FROM situations ORDER BY id", postgres_url)
    assert left == [("s0",), ("s2",)]


WIDE = {"bigint": {"bigint", "integer", "smallint"}}


def test_every_column_that_is_sent_is_in_its_table_with_its_type(
    postgres_server: Server, postgres_url: str
) -> None:
    async def nothing(_ledger: PostgresLedger) -> None:
        await asyncio.sleep(0)

    with_ledger(postgres_url, nothing)
    query = (
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = current_schema()"
    )
    there = {(table, name): kind for table, name, kind in postgres_server.say(query, postgres_url)}
    for table, columns in (("decisions", DECISIONS), ("attempts", ATTEMPTS), ("bodies", BODIES)):
        assert {name for where, name in there if where == table} == set(columns)
        for name in columns:
            kind = type_of(name)
            assert there[table, name] in WIDE.get(kind, {kind})


def test_what_goes_wrong_is_said_plainly_and_never_with_the_address(tmp_path: Path) -> None:
    async def life() -> None:
        for url in (
            f"postgresql://u:hush@/x?host={tmp_path}",
            "postgresql://u:hush@127.0.0.1:1/x",
            "postgresql://u:hush@127.0.0.1:port/x",
            "nonsense:hush",
        ):
            with pytest.raises(LedgerDown, match="cannot be opened") as told:
                await open_postgres(Secret(url))
            assert "hush" not in str(told.value)

    asyncio.run(life())
    assert place(Secret("postgresql://u:hush@db:5/x?password=hush")) == "db:5/x"


def test_a_user_or_database_that_is_not_there_is_said(postgres_url: str) -> None:
    async def life() -> None:
        nobody = postgres_url.replace("switchgear@", "nobody@")
        with pytest.raises(LedgerDown, match="does not know this user"):
            await open_postgres(Secret(nobody))
        nowhere = postgres_url.replace("/postgres?", "/nowhere?")
        with pytest.raises(LedgerDown, match="no database of that name"):
            await open_postgres(Secret(nowhere))

    asyncio.run(life())


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault, "asyncpg", None)

    async def life() -> None:
        with pytest.raises(LedgerDown, match=r"install switchgear\[scale\]"):
            await open_postgres(Secret("postgresql://db/x"))

    asyncio.run(life())


def test_every_code_is_said_in_words_and_one_that_is_not_known_as_it_is() -> None:
    def told(code: str) -> str:
        error = asyncpg.PostgresError()
        error.sqlstate = code
        return fault.said(error)

    assert told("57014") == "it took too long"
    assert told("57P01") == "the server is stopping or starting"
    assert told("53100") == "the disk is full"
    assert told("53200") == "it has not enough of what it needs"
    assert told("42704") == "the server says 42704"
    assert fault.said(TimeoutError()) == "the server does not answer"
    assert fault.said(asyncpg.InterfaceError("hush")) == "the connection broke"
