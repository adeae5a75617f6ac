"""The config file's fields and their docstrings, as JSON Schema and for the reference page."""

import ast
import inspect
import textwrap
from functools import cache

import msgspec

from switchgear.config import learning, rule, schema, spending, supervision, tariff
from switchgear.config.part import Entry

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def entries() -> dict[str, type[Entry]]:
    """Return every part of the file by its class's name, the file itself last."""
    found = {
        **vars(spending),
        **vars(tariff),
        **vars(supervision),
        **vars(learning),
        **vars(rule),
        **vars(schema),
    }
    used = msgspec.json.schema(schema.File)["$defs"]
    return {
        name: each
        for name, each in found.items()
        if name in used and isinstance(each, type) and issubclass(each, Entry)
    }


@cache
def field_docs(entry: type[Entry]) -> dict[str, str]:
    """Return what the docstring under each field says, on one line."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(entry))).body[0]
    base = entry.__bases__[0]
    docs = dict(field_docs(base)) if issubclass(base, Entry) and base is not Entry else {}
    name = ""
    for node in tree.body if isinstance(tree, ast.ClassDef) else []:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and name:
            docs[name] = " ".join(str(node.value.value).split())
            name = ""
    return docs


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of the config file, with every field's description."""
    made = msgspec.json.schema(schema.File)
    for name, part in made["$defs"].items():
        entry = entries().get(name)
        docs = field_docs(entry) if entry else {}
        for field, shape in part.get("properties", {}).items():
            if field in docs:
                # beside a $ref a description is allowed since draft 2019-09
                shape["description"] = docs[field]
    return {"$schema": DIALECT, "title": "switchgear.yaml", **made}
