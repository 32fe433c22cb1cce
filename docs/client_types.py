"""The types of the client, made from the OpenAPI document: a module for each resource, in `exoscore_client/types/`."""

from __future__ import annotations

import keyword
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

SIMPLE = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "dict[str, object]",
    "array": "list[object]",
}
_REFERENCE = "#/components/schemas/"
METHODS = ("get", "post", "put", "patch", "delete")


def modules(document: Mapping[str, Any]) -> dict[str, str]:
    """The text of each module by its name. A shape that several resources need is in the module of the first of them."""
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    home: dict[str, str] = {}
    queries: dict[str, list[str]] = {}
    for operation in _operations(document):
        module = operation["tags"][0]
        queries.setdefault(module, [])
        for name in _reached(operation["responses"] | {"": operation.get("requestBody", {})}, schemas, document):
            home.setdefault(name, module)
        if named := [one for one in operation.get("parameters", ()) if one["in"] == "query"]:
            queries[module].append(_query(operation, named))
    texts = {}
    for module, asked in queries.items():
        own = [name for name in schemas if home.get(name) == module]
        needed = {name for one in own for name in _named(schemas[one])} - set(own)
        imports = [f"from exoscore_client.types.{home[name]} import {name}" for name in sorted(needed)]
        shapes = [_shape(name, schemas[name]) for name in own]
        head = f'"""Types of {module}. Written by `python docs/write.py` from the OpenAPI document."""\n\n'
        lines = [
            head,
            "from __future__ import annotations\n\nfrom typing import Literal, NotRequired, TypedDict\n",
            *imports,
        ]
        texts[module] = _formatted("\n".join([*lines, *shapes, *asked]))
    return texts


def _operations(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for operations in document["paths"].values():
        yield from (operations[method] for method in METHODS if method in operations)


def _reached(part: object, schemas: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """The names of every schema that a part of the document leads to."""
    found: dict[str, None] = {}
    waiting = [part]
    while waiting:
        for name in _named(waiting.pop(), document["components"]["responses"]):
            if name not in found:
                found[name] = None
                waiting.append(schemas[name])
    return list(found)


def _named(part: object, responses: Mapping[str, Any] | None = None) -> Iterator[str]:
    """The schemas that a part of the document names."""
    if isinstance(part, Mapping):
        reference = part.get("$ref", "")
        if reference.startswith(_REFERENCE):
            yield reference.removeprefix(_REFERENCE)
        elif reference and responses:
            yield from _named(responses[reference.rpartition("/")[2]])
        for inner in part.values():
            yield from _named(inner, responses)
    elif isinstance(part, list):
        for inner in part:
            yield from _named(inner, responses)


def _shape(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    members = {member: (_type(inner), member in required) for member, inner in schema["properties"].items()}
    return _typed_dict(name, schema.get("description", f"The shape {name} of the API."), members)


def _query(operation: Mapping[str, Any], parameters: list[Any]) -> str:
    name = "".join(part.title() for part in operation["operationId"].split("_")) + "Query"
    members = {one["name"]: (_type(one["schema"]), one["required"]) for one in parameters}
    return _typed_dict(name, f"The query of {operation['operationId']}.", members)


def _typed_dict(name: str, says: str, members: Mapping[str, tuple[str, bool]]) -> str:
    stated = {member: kind if needed else f"NotRequired[{kind}]" for member, (kind, needed) in members.items()}
    if any(keyword.iskeyword(member) or not member.isidentifier() for member in members):
        return (
            f"{name} = TypedDict({name!r}, {{{', '.join(f'{member!r}: {kind}' for member, kind in stated.items())}}})\n"
        )
    lines = [
        f'class {name}(TypedDict):\n    """{says}"""\n',
        *(f"    {member}: {kind}" for member, kind in stated.items()),
    ]
    return "\n".join(lines) + "\n"


def _type(schema: Mapping[str, Any]) -> str:
    """The annotation of a schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_REFERENCE)
    if "enum" in schema:
        return f"Literal[{', '.join(repr(value) for value in schema['enum'])}]"
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    given = schema.get("type")
    if given is None:
        return "object"
    return " | ".join(_of_kind(kind, schema) for kind in (given if isinstance(given, list) else [given]))


def _of_kind(kind: str, schema: Mapping[str, Any]) -> str:
    if kind == "array" and "items" in schema:
        return f"list[{_type(schema['items'])}]"
    if kind == "object" and schema.get("additionalProperties"):
        return f"dict[str, {_type(schema['additionalProperties'])}]"
    return SIMPLE[kind]


def _formatted(text: str) -> str:
    """A module as ruff leaves it."""
    ruff = str(Path(sys.executable).with_name("ruff"))
    sorted_ = [ruff, "check", "--quiet", "--fix", "--select", "F401,I", "--stdin-filename", "exoscore_client/x.py", "-"]
    for command in (sorted_, [ruff, "format", "--quiet", "--stdin-filename", "exoscore_client/x.py", "-"]):
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent
        )
        text = done.stdout
    return text
