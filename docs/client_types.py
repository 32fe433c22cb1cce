"""The types of the client, made from the OpenAPI document: a module for each resource, in `client/exoscore_client/types/`."""

from __future__ import annotations

import keyword
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PYTHON_TYPES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
    "object": "dict[str, object]",
    "array": "list[object]",
}
METHODS = ("get", "post", "put", "patch", "delete")
_SCHEMA_PREFIX = "#/components/schemas/"


def write_modules(document: Mapping[str, Any]) -> dict[str, str]:
    """The text of each module by its name. A schema that several resources use is in the module of the first of them."""
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    module_of_schema: dict[str, str] = {}
    queries: dict[str, list[str]] = {}
    for operation in _operations(document):
        module = operation["tags"][0]
        queries.setdefault(module, [])
        bodies = operation["responses"] | {"": operation.get("requestBody", {})}
        for name in _reachable_schemas(bodies, document):
            module_of_schema.setdefault(name, module)
        if parameters := [parameter for parameter in operation.get("parameters", ()) if parameter["in"] == "query"]:
            queries[module].append(_query_type(operation, parameters))
    texts = {}
    for module, query_types in queries.items():
        own = [name for name in schemas if module_of_schema.get(name) == module]
        used = {reference for name in own for reference in _references(schemas[name])} - set(own)
        lines = [
            f'"""Types of {module}. Written by `python docs/write.py` from the OpenAPI document."""\n\n',
            "from __future__ import annotations\n\nfrom typing import Literal, NotRequired, TypedDict\n",
            *(f"from exoscore_client.types.{module_of_schema[name]} import {name}" for name in sorted(used)),
            *(_schema_type(name, schemas[name]) for name in own),
            *query_types,
        ]
        texts[module] = _format("\n".join(lines))
    return texts


def _operations(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for operations in document["paths"].values():
        yield from (operations[method] for method in METHODS if method in operations)


def _reachable_schemas(part: object, document: Mapping[str, Any]) -> list[str]:
    """The names of every schema that a part of the document leads to."""
    components = document["components"]
    reached: dict[str, None] = {}
    unvisited = [part]
    while unvisited:
        for name in _references(unvisited.pop(), components["responses"]):
            if name not in reached:
                reached[name] = None
                unvisited.append(components["schemas"][name])
    return list(reached)


def _references(part: object, responses: Mapping[str, Any] | None = None) -> Iterator[str]:
    """The names of the schemas that a part of the document refers to, also through shared responses."""
    if isinstance(part, Mapping):
        reference = part.get("$ref", "")
        if reference.startswith(_SCHEMA_PREFIX):
            yield reference.removeprefix(_SCHEMA_PREFIX)
        elif reference and responses:
            yield from _references(responses[reference.rpartition("/")[2]])
        for inner in part.values():
            yield from _references(inner, responses)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner, responses)


def _schema_type(name: str, schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    members = {member: (_annotation(inner), member in required) for member, inner in schema["properties"].items()}
    return _typed_dict(name, schema.get("description", f"The schema {name} of the API."), members)


def _query_type(operation: Mapping[str, Any], parameters: list[Any]) -> str:
    name = "".join(word.title() for word in operation["operationId"].split("_")) + "Query"
    members = {parameter["name"]: (_annotation(parameter["schema"]), parameter["required"]) for parameter in parameters}
    return _typed_dict(name, f"The query of {operation['operationId']}.", members)


def _typed_dict(name: str, docstring: str, members: Mapping[str, tuple[str, bool]]) -> str:
    """A TypedDict of members, each with its annotation and whether it is required."""
    annotations = {
        member: annotation if required else f"NotRequired[{annotation}]"
        for member, (annotation, required) in members.items()
    }
    if any(keyword.iskeyword(member) or not member.isidentifier() for member in members):
        pairs = ", ".join(f"{member!r}: {annotation}" for member, annotation in annotations.items())
        return f"{name} = TypedDict({name!r}, {{{pairs}}})\n"
    lines = [
        f'class {name}(TypedDict):\n    """{docstring}"""\n',
        *(f"    {member}: {annotation}" for member, annotation in annotations.items()),
    ]
    return "\n".join(lines) + "\n"


def _annotation(schema: Mapping[str, Any]) -> str:
    """The Python type of a schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_SCHEMA_PREFIX)
    if "allOf" in schema:
        (only,) = schema["allOf"]
        return _annotation(only)
    if "enum" in schema:
        return f"Literal[{', '.join(repr(value) for value in schema['enum'])}]"
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_annotation(alternative) for alternative in schema["anyOf"]))
    kinds = schema.get("type")
    if kinds is None:
        return "object"
    return " | ".join(_annotation_of_kind(kind, schema) for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _annotation_of_kind(kind: str, schema: Mapping[str, Any]) -> str:
    if kind == "array" and "items" in schema:
        return f"list[{_annotation(schema['items'])}]"
    if kind == "object" and schema.get("additionalProperties"):
        return f"dict[str, {_annotation(schema['additionalProperties'])}]"
    return PYTHON_TYPES[kind]


def _format(text: str) -> str:
    """A module with sorted imports, formatted by ruff."""
    ruff = str(Path(sys.executable).with_name("ruff"))
    filename = ["--stdin-filename", "client/exoscore_client/x.py", "-"]
    for command in (
        [ruff, "check", "--quiet", "--fix", "--select", "F401,I", *filename],
        [ruff, "format", "--quiet", *filename],
    ):
        process = subprocess.run(
            command, input=text, capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent
        )
        text = process.stdout
    return text
