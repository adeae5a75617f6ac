"""Put rules into the text of a config file, and leave all else in it as it is written."""

from collections.abc import Callable, Sequence

import msgspec
import yaml

RULES = "rules"
NAME = "name"


class Unfit(ValueError):
    """The file has no place where rules could be put."""


class Scion(msgspec.Struct, frozen=True):
    """The rules to put in, in both forms that YAML has."""

    block: Callable[[int, frozenset[str]], Sequence[str]]
    """Lines of items that begin at a column, with none of these names."""
    flow: Callable[[frozenset[str]], Sequence[str]]
    """Items in one line."""


def grafted(text: str, scion: Scion) -> str:
    """Return the text with more rules at the end of its own: the first that holds is applied.

    Raises:
        Unfit: it is no config, or its rules are no list.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise Unfit(str(error)) from None
    if not isinstance(root, yaml.MappingNode):
        raise Unfit("it is no mapping")
    rules = next((value for key, value in root.value if key.value == RULES), None)
    if rules is None:
        return _without(text, root, scion)
    if not isinstance(rules, yaml.SequenceNode):
        if isinstance(rules, yaml.ScalarNode) and rules.value in {"", "null", "~"}:
            raise Unfit("its `rules:` are empty; take that line out")
        raise Unfit("its rules are no list")
    names = frozenset(_names(rules))
    if rules.flow_style:
        return _in_flow(text, rules, scion.flow(names))
    lines = text.splitlines(keepends=True)
    end = _last_line(lines, rules)
    return _inserted(lines, end, scion.block(rules.start_mark.column, names))


def _without(text: str, root: yaml.MappingNode, scion: Scion) -> str:
    """Return a text that had no rules, with some."""
    if root.flow_style:
        inside = f'"{RULES}": [{", ".join(scion.flow(frozenset()))}]'
        return _closed(text, root, inside)
    column = root.start_mark.column
    lines = text.splitlines(keepends=True)
    pad = " " * column
    block = ["", f"{pad}{RULES}:", *scion.block(column + 2, frozenset())]
    return _inserted(lines, _last_line(lines, root), block)


def _in_flow(text: str, rules: yaml.SequenceNode, items: Sequence[str]) -> str:
    return _closed(text, rules, ", ".join(items))


def _closed(text: str, node: yaml.CollectionNode, more: str) -> str:
    """Return the text with more before the bracket that closes a node."""
    end = node.end_mark.index - 1
    before = text[:end].rstrip()
    comma = "" if not node.value or before.endswith(",") else ", "
    return f"{before}{comma}{more}{text[end:]}" if more else text


def _last_line(lines: Sequence[str], node: yaml.CollectionNode) -> int:
    """Return the number of the line after a node's last, comments for what follows left out."""
    end = min(node.end_mark.line + (node.end_mark.column > 0), len(lines))
    while end > 0 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _inserted(lines: list[str], at: int, more: Sequence[str]) -> str:
    before = "".join(lines[:at])
    if before and not before.endswith("\n"):
        before += "\n"
    return before + "".join([f"{line}\n" for line in more]) + "".join(lines[at:])


def _names(rules: yaml.SequenceNode) -> list[str]:
    return [
        value.value
        for rule in rules.value
        if isinstance(rule, yaml.MappingNode)
        for key, value in rule.value
        if key.value == NAME and isinstance(value, yaml.ScalarNode)
    ]
