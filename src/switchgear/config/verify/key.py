"""Whether the keys can be told apart, and the server is not open to strangers."""

import re
from collections.abc import Iterator

from switchgear.config.error import Finding
from switchgear.config.verify.provider import loopback
from switchgear.config.verify.subject import Subject, check_id, found

_SECRET = re.compile(r"[\x21-\x7e]{1,4096}")


def check_keys(subject: Subject) -> Iterator[Finding]:
    """Find keys without secret or name of their own."""
    names: set[str] = set()
    secrets: set[str] = set()
    for at, key in enumerate(subject.file.keys):
        path = ("keys", at)
        yield from check_id((*path, "id"), key.id)
        if key.id in names:
            yield found("duplicate_name", (*path, "id"), "an earlier key has this id")
        if not key.secret:
            message = "without a secret nobody can use it; write secret: ${NAME}"
            yield found("missing_secret", path, message)
        elif not _SECRET.fullmatch(key.secret):
            message = "it holds a blank, a line end or a letter beyond ASCII"
            yield found("bad_header", (*path, "secret"), message)
        elif key.secret in secrets:
            yield found("duplicate_secret", (*path, "secret"), "an earlier key has this secret")
        names.add(key.id)
        secrets.add(key.secret)
    host = subject.file.server.host
    if not subject.file.keys and not loopback(host):
        message = "it would serve anybody on the network; declare keys, or listen on 127.0.0.1"
        yield found("open_to_network", ("server", "host"), message)
