"""A plain model of contexts: what each operation must come to, said in the simplest way."""

import json
from typing import Any

TAKES_LIST = {"append", "set_union"}
RULE_OF = {"append": "append", "add": "set_union", "sum": "sum"}


class Board:
    """One document; a value is kept with its revision and its rule."""

    def __init__(self) -> None:
        self.revision = 0
        self.there: dict[str, dict[str, Any]] = {}
        self.done: dict[str, tuple[str, int]] = {}
        """What was asked under each operation's id, and the revision that it led to."""

    def ask(self, said: dict[str, Any]) -> str:
        """Return ``done``, ``again``, ``conflict`` or ``malformed``."""
        name = said.get("id")
        if name in self.done:
            return "again" if self.done[name][0] == json.dumps(said) else "malformed"
        verdict, entry = self._judged(said)
        if verdict != "done":
            return verdict
        self.revision += 1
        if entry is None:
            self.there.pop(said["key"], None)
        else:
            if said["op"] != "pin":
                entry["revision"] = self.revision
            self.there[said["key"]] = entry
        if name:
            self.done[name] = (json.dumps(said), self.revision)
        return "done"

    def values(self) -> dict[str, tuple[Any, int]]:
        return {key: (each["value"], each["revision"]) for key, each in self.there.items()}

    def _judged(self, said: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
        op, old, seen = said["op"], self.there.get(said["key"]), said.get("revision")
        if seen is not None and seen != (old["revision"] if old else 0):
            return "conflict", None
        blind = old is not None and seen is None and old["rule"] == "error"
        if (op == "pin" and not old) or (op in {"delete", "set"} and blind):
            return "conflict", None
        if op in {"pin", "delete"}:
            return "done", dict(old) if old and op == "pin" else None
        if old is None:
            rule = said.get("merge") or RULE_OF.get(op, "error")
            value = [said["value"]] if op in {"append", "add"} else said["value"]
            return self._kept(value, rule)
        if op == "set" and (seen is not None or old["rule"] in {"error", "lww"}):
            return self._kept(said["value"], said.get("merge") or old["rule"])
        return self._joined(said, old)

    def _joined(self, said: dict[str, Any], old: dict[str, Any]) -> tuple[str, Any]:
        rule, own = old["rule"], said.get("merge")
        by = RULE_OF.get(said["op"], rule)
        if own not in {None, rule} or (rule in {*TAKES_LIST, "sum"} and by != rule):
            return "conflict", None
        if not fits(old["value"], by):
            return "conflict", None
        more = [said["value"]] if said["op"] in {"append", "add"} else said["value"]
        if not fits(more, by):
            return "malformed", None
        if by == "set_union":
            more = [each for each in more if each not in old["value"]]
        return self._kept(old["value"] + more, rule)

    def _kept(self, value: Any, rule: str) -> tuple[str, Any]:
        if not fits(value, rule):
            return "malformed", None
        if rule == "set_union":
            value = [json.loads(each) for each in sorted({json.dumps(it) for it in value})]
        return "done", {"value": value, "rule": rule}


def fits(value: Any, rule: str) -> bool:
    if rule in TAKES_LIST:
        return isinstance(value, list)
    return rule != "sum" or isinstance(value, int)
