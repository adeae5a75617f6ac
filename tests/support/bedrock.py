"""A simulated Bedrock, which refuses what is not signed, or not as botocore would take it."""

import asyncio
import hmac
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.converse import check
from switchgear.domain.errors import SwitchgearError, UpstreamDenied
from switchgear.domain.event import Event
from switchgear.domain.turn import Conversation
from switchgear.domain.units import Tokens
from switchgear.wire.bedrock_converse import TONGUE

ACCESS, SECRET, TOKEN, REGION = "AKIDEXAMPLE", "never-shown", "token-of-a-session", "eu-central-1"
AWS = {"region": REGION, "access_key_id": ACCESS, "secret_access_key": SECRET}
STREAM = "application/vnd.amazon.eventstream"
PROOF = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(\w+)/(\d{8})/([\w-]+)/bedrock/aws4_request, "
    r"SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})"
)
OPERATIONS = {
    "converse": "Converse",
    "converse-stream": "ConverseStream",
    "count-tokens": "CountTokens",
}


class Asked(NamedTuple):
    """One request that was properly signed."""

    model: str
    operation: str
    conversation: Conversation | None
    body: bytes


Answers = Callable[[Asked], Sequence[Event | SwitchgearError]]
"""Return what is said; an error is told as such, in the stream if words came before it."""


def read_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Return method, path and headers."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    pairs = [line.split(": ", 1) for line in lines if line]
    return method, path, {name.lower(): value for name, value in pairs}


def signed(head: bytes, body: bytes, *, secret: str = SECRET, token: str = "") -> bool:
    """Say whether a request is signed with this secret: by botocore's own canonical form of it."""
    method, path, headers = read_head(head)
    proof = PROOF.fullmatch(headers.get("authorization", ""))
    if proof is None or headers.get("x-amz-security-token", "") != token:
        return False
    access, day, region, names, signature = proof.groups()
    date = headers.get("x-amz-date", "")
    must = {"host", "x-amz-date", *(name for name in headers if name.startswith("x-amz-"))}
    if access != ACCESS or not date.startswith(day) or not must <= set(names.split(";")):
        return False
    request = AWSRequest(
        method=method,
        url=f"http://{headers['host']}{path}",
        headers={name: headers[name] for name in names.split(";")},
        data=body,
    )
    request.context["timestamp"] = date
    signer = SigV4Auth(Credentials(access, secret, token or None), "bedrock", region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    return hmac.compare_digest(signer.signature(text, request), signature)


class Bedrock:
    """One provider; ``heads`` is where its town keeps the heads of requests."""

    def __init__(self, answers: Answers, *, token: str = "", key: str = "") -> None:
        self.answers = answers
        self.asked: list[Asked] = []
        self.heads: list[bytes] = []
        self._token = token
        self._key = key

    async def respond(self, body: bytes, writer: asyncio.StreamWriter) -> None:
        _, path, headers = read_head(self.heads[-1])
        if not self._knows(self.heads[-1], body, headers):
            self._refuse(writer, 403, UpstreamDenied("who is it?"))
            return
        model, operation = path.split("/")[-2:]
        check(body, OPERATIONS[operation], unquote(model))
        counts = operation == "count-tokens"
        conversation = None if counts else TONGUE.parse(body).conversation
        asked = Asked(unquote(model), operation, conversation, body)
        self.asked.append(asked)
        if counts:
            self._say(writer, 200, "application/json", TONGUE.counter.write_answer(Tokens(42)))
            return
        said = self.answers(asked)
        if isinstance(said[0], SwitchgearError):
            self._refuse(writer, said[0].status, said[0])
        elif operation == "converse":
            events = [each for each in said if not isinstance(each, SwitchgearError)]
            self._say(writer, 200, "application/json", TONGUE.write_whole("sg_1", events))
        else:
            self._say(writer, 200, STREAM, b"".join(self._frames(said)))

    def _knows(self, head: bytes, body: bytes, headers: dict[str, str]) -> bool:
        if self._key:
            return headers.get("authorization") == f"Bearer {self._key}"
        return signed(head, body, token=self._token)

    @staticmethod
    def _frames(said: Sequence[Event | SwitchgearError]) -> list[bytes]:
        writer = TONGUE.stream_writer("sg_1", Conversation(model="", turns=(), stream=True))
        return [
            TONGUE.write_stream_error(each, "sg_1")
            if isinstance(each, SwitchgearError)
            else writer.write([each])
            for each in said
        ]

    def _refuse(self, writer: asyncio.StreamWriter, status: int, error: SwitchgearError) -> None:
        self._say(writer, status, "application/json", TONGUE.write_error(error, "sg_1"))

    @staticmethod
    def _say(writer: asyncio.StreamWriter, status: int, kind: str, body: bytes) -> None:
        head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
