"""Secrets planted in every place there is one, run through every fault, and then looked for.

They are looked for as they are, and as base64, addresses and JSON write them: in what callers get,
in the log at its finest, in all files of the ledger and each of its values, in metrics and pages.
"""

import asyncio
import logging
import sqlite3
import tempfile
import time
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any, Self

import msgspec
from faults.cell import Cell, cell, noted
from faults.config import NOW, SHORT
from faults.echo import SHAPES, STATUSES, Echo
from faults.matrix import AT_ONCE, served
from typing_extensions import override

from switchgear.adapters.upstreams.veil import forms
from switchgear.config.error import ConfigError
from switchgear.config.read import read_setup
from switchgear.config.setup import Setup
from switchgear.domain.dialect import Dialect
from switchgear.domain.errors import SwitchgearError
from switchgear.rehearsal.catalogue import CATALOGUE
from switchgear.rehearsal.client import Wish, call
from switchgear.rehearsal.fault import Fault
from switchgear.rehearsal.faultd import Faultd
from switchgear.rehearsal.stand import Stand, standing

CHAT, MESSAGES = Dialect.OPENAI_CHAT, Dialect.ANTHROPIC_MESSAGES
PLANTED = {
    "key of a chat provider": "sk-proj-9aF+/x7Qm2wZ=LkPr",
    "key of a messages provider": "sk-ant-api03-Vb8/c+Nn4tYq==Hu",
    "key of a Gemini provider": "AIzaSyD3+kW/eR8uJ-oT5bM",
    "value of a header": "team \\7Gh/2+pLw9 x",
    "token in an address": "qtok-5Xc8vB2nM4sD",
    "AWS secret key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCY",
    "AWS session token": "FwoGZXIvYXdzEJr//////////wEaDJ+8==",
    "caller's key in the file": "caller-file-+8jKd/3mPq",
    "admin's key in the file": "admin-file-+2hTy/7nRw",
    "password in a prompt": 'pa55"w/rd+Zürich-77',
    "password of Redis": "r3d1s-pw-8uHbGv",
    "password of Postgres": "p0stgr3s-pw-4rFcDx",
}
"""The key of the key store is the thirteenth: it is made while the gateway runs."""
STORED = "key in the key store"
PROOFS: dict[Dialect, dict[str, Any]] = {
    CHAT: {"api_key": PLANTED["key of a chat provider"]},
    MESSAGES: {"api_key": PLANTED["key of a messages provider"]},
    Dialect.GEMINI: {"api_key": PLANTED["key of a Gemini provider"]},
    Dialect.BEDROCK_CONVERSE: {
        "vendor": "bedrock",
        "aws": {
            "region": "eu-central-1",
            "access_key_id": "AKIAIOSFODNN7EXAMPLE",
            "secret_access_key": PLANTED["AWS secret key"],
            "session_token": PLANTED["AWS session token"],
        },
    },
}
"""What each house is told in confidence."""
PAGES = (
    *("/metrics", "/v1/decisions?limit=200", "/v1/models", "/healthz", "/readyz", "/", "/nowhere"),
    *("/admin/keys", "/admin/keys/stored/history", "/admin/budgets", "/admin/halts"),
)
MOST_SHOWN = 60
"""Decisions whose page is looked at one by one."""
Place = tuple[str, str, dict[str, Any]]
"""A target, its model, and the provider that is its alone."""
Found = dict[str, list[str]]
"""What was found, by where."""


async def secrets() -> list[Cell]:
    """Plant them, try every fault, and look for them."""
    found, searched = await hunted(CATALOGUE, STATUSES)
    return [
        noted(cell("secret", where, hits), f"{searched[where]:,} bytes looked through")
        for where, hits in sorted(found.items())
    ]


async def hunted(faults: Sequence[Fault], statuses: Sequence[int]) -> tuple[Found, dict[str, int]]:
    """Return what was found of secrets, and how much was looked through, by where."""
    heard = _Log()
    with tempfile.TemporaryDirectory() as folder, heard:
        book = Path(folder) / "ledger.db"
        async with served() as daemon, echoing() as echo:
            setup = _setup(_config(faults, statuses, daemon, echo, book))
            async with standing(setup) as stand:
                planted = dict(PLANTED)
                planted[STORED] = await _stored(stand)
                answers = await _calls(stand, faults, statuses, planted)
                pages = await _pages(stand)
                shelves = _shelves(Path(folder))  # with its log of what is not in place yet
        shelves += _shelves(Path(folder))
        values = _values(book)
    unusable = await _unusable()
    places = {
        "answers": answers,
        "log": b"\n".join(heard.lines),
        "ledger's files": shelves,
        "ledger's values": values,
        "pages": pages,
        "words of what cannot start": unusable,
    }
    return (
        {where: _hits(content, planted) for where, content in places.items()},
        {where: len(content) for where, content in places.items()},
    )


def _hits(content: bytes, planted: dict[str, str]) -> list[str]:
    return [
        f"{name} {content.count(form.encode())} times as {form!r}"
        for name, secret in planted.items()
        for form in sorted(forms(secret))
        if form.encode() in content
    ]


def _config(
    faults: Sequence[Fault], statuses: Sequence[int], daemon: Faultd, echo: Echo, book: Path
) -> dict[str, Any]:
    places = [*_faulty(faults, daemon), *_repeating(statuses, echo)]
    return {
        "providers": {name: provider for name, _, provider in places},
        "targets": {name: _target(name, model) for name, model, _ in places},
        "aliases": {f"ask-{name}": {"targets": [name]} for name, _, _ in places},
        "ledger": {"path": str(book)},
        "patience": SHORT,
        "keys": [
            {"id": "file", "secret": PLANTED["caller's key in the file"]},
            {
                "id": "admin",
                "secret": PLANTED["admin's key in the file"],
                "rights": ["admin", "metrics"],
                "debug": True,
            },
        ],
        "redis": {"url": f"redis://:{PLANTED['password of Redis']}@127.0.0.1:1/0"},
    }


def _target(provider: str, model: str) -> dict[str, Any]:
    price = {"input_usd": 1, "output_usd": 1}
    return {"provider": provider, "model": model, "tier": "small", "window": 9_000, "price": price}


def _faulty(faults: Sequence[Fault], daemon: Faultd) -> Iterator[Place]:
    for number, fault in enumerate(faults):
        model = f"{fault.name}@{number}"
        for dialect in (CHAT, MESSAGES):
            url = daemon.base_url(model)
            yield f"fault-{dialect.value}-{number}", model, _provider(dialect, url)


def _repeating(statuses: Sequence[int], echo: Echo) -> Iterator[Place]:
    for status in statuses:
        for shape in SHAPES:
            for dialect in PROOFS:
                url = f"{echo.url}/{status}/{shape}/v1"
                yield f"echo-{dialect.value}-{status}-{shape}", "m", _provider(dialect, url)


def _provider(dialect: Dialect, url: str) -> dict[str, Any]:
    header = {"x-team": PLANTED["value of a header"]}
    return {"dialect": dialect.value, "base_url": url, "headers": header, **PROOFS[dialect]}


def _setup(config: dict[str, Any]) -> Setup:
    return read_setup(msgspec.json.encode(config), {}, NOW).setup


@asynccontextmanager
async def echoing() -> AsyncIterator[Echo]:
    """Yield a provider that repeats what it is told."""
    echo = Echo()
    await echo.start()
    try:
        yield echo
    finally:
        await echo.stop()


async def _stored(stand: Stand) -> str:
    """Make a key in the key store, and return its secret."""
    body = await _http(stand, "POST", "/admin/keys", b'{"id":"stored"}')
    made = msgspec.json.decode(body.partition(b"\r\n\r\n")[2])
    return str(made["secret"])


async def _calls(
    stand: Stand, faults: Sequence[Fault], statuses: Sequence[int], planted: dict[str, str]
) -> bytes:
    """Make every call, and return all that callers got."""
    models = [f"fault-{each.value}-{at}" for at in range(len(faults)) for each in (CHAT, MESSAGES)]
    models += [
        f"echo-{dialect.value}-{status}-{shape}"
        for status in statuses
        for shape in SHAPES
        for dialect in PROOFS
    ]
    callers = (planted["caller's key in the file"], planted[STORED], "nobody's-key-" + "9" * 20)
    gate, said = asyncio.Semaphore(AT_ONCE), []
    prompt = [{"role": "user", "content": f"Log in with {planted['password in a prompt']}"}]

    async def one(number: int, model: str, dialect: Dialect, *, stream: bool) -> None:
        secret = callers[number % 2 if number % 40 else 2]
        name = "authorization" if dialect is CHAT else "x-api-key"
        value = f"Bearer {secret}" if dialect is CHAT else secret
        wish = Wish(
            dialect=dialect,
            model=f"ask-{model}",
            stream=stream,
            headers={name: value, "x-switchgear-debug": "true"},
            more={"messages": prompt},
        )
        async with gate:
            seen = await call(stand.port, wish, time.monotonic)
        said.append(msgspec.json.encode((seen.status, seen.headers, seen.errors)) + seen.raw)

    async with asyncio.TaskGroup() as group:
        ways = [
            (model, dialect, stream)
            for model in models
            for dialect in (CHAT, MESSAGES)
            for stream in (True, False)
        ]
        for number, (model, dialect, stream) in enumerate(ways):
            group.create_task(one(number, model, dialect, stream=stream))
    return b"\n".join(said)


async def _pages(stand: Stand) -> bytes:
    """Return every page that tells something, as the admin sees it."""
    token = PLANTED["token in an address"]
    found = [await _http(stand, "GET", path) for path in PAGES]
    found += [await _http(stand, "GET", f"{path}?token={token}") for path in ("/v1/models", "/no")]
    found.append(await _http(stand, "POST", f"/v1/chat/completions?token={token}", b"{}"))
    listed = msgspec.json.decode(found[1].partition(b"\r\n\r\n")[2])
    for row in listed["data"][:MOST_SHOWN]:
        found.append(await _http(stand, "GET", f"/v1/decisions/{row['id']}"))
    return b"\n".join(found)


async def _http(stand: Stand, method: str, path: str, body: bytes = b"") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", stand.port)
    admin = PLANTED["admin's key in the file"]
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n"
        f"authorization: Bearer {admin}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    try:
        return await reader.read()
    finally:
        writer.close()


def _shelves(folder: Path) -> bytes:
    """Return what is in all files; what was set aside at the end of one is empty."""
    return b"\0".join([each.read_bytes().rstrip(b"\0") for each in folder.iterdir()])


def _values(book: Path) -> bytes:
    """Return every value of every table, unpacked where it is packed."""
    with closing(sqlite3.connect(book)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = [row for (name,) in names for row in connection.execute(f'SELECT * FROM "{name}"')]  # noqa: S608  (its own names)
    return b"\n".join([_plain(value) for row in rows for value in row])


def _plain(value: object) -> bytes:
    if not isinstance(value, bytes):
        return str(value).encode(errors="replace")
    with suppress(zlib.error):
        return zlib.decompress(value)
    return value


async def _unusable() -> bytes:
    """Return what is said of addresses that cannot be used, by everything that reads them."""
    redis, postgres = PLANTED["password of Redis"], PLANTED["password of Postgres"]
    address = f"https://host/v1?token={PLANTED['token in an address']}"
    plain: dict[str, Any] = {"targets": {}, "keys": []}
    said = []
    for more in (
        {"ledger": {"url": f"postgresql://u:{postgres}@127.0.0.1:1/book"}},
        {"ledger": {"url": f"postgresql://u:{postgres}@[::1/book"}},
        {"redis": {"url": f"redis://:{redis}@127.0.0.1:port/0"}},
        {"redis": {"url": f"wrong://:{redis}@127.0.0.1/0"}},
        {"keys": [{"id": "a", "secret": PLANTED["caller's key in the file"], "odd": 1}]},
        {"providers": {"p": {"base_url": address, "dialect": CHAT.value}}},
        {"providers": {"p": {"base_url": "nowhere", "api_key": PLANTED["key of a chat provider"]}}},
    ):
        try:
            async with standing(_setup(_one_target() | plain | more)):
                pass
        except (ConfigError, SwitchgearError, OSError, ValueError) as error:
            said.append(f"{type(error).__name__}: {error!r} {error}".encode())
    return b"\n".join(said)


def _one_target() -> dict[str, Any]:
    return {
        "providers": {"p": {"dialect": CHAT.value, "base_url": "http://127.0.0.1:1/v1"}},
        "aliases": {},
    }


class _Log(logging.Handler):
    """Everything that is logged, at the finest, with its traces."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[bytes] = []
        self._before = logging.WARNING

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record).encode(errors="replace"))

    def __enter__(self) -> Self:
        root = logging.getLogger()
        self._before = root.level
        root.setLevel(logging.DEBUG)
        root.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        root = logging.getLogger()
        root.setLevel(self._before)
        root.removeHandler(self)
