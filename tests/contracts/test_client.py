"""Claims over every operation of the API, and every method of the client: the one has the other, by the same name.

That the types of the client are those of the API is claimed where documents are: `docs/write.py --check`.
"""

from __future__ import annotations

import inspect
import re
import typing
from typing import Any

import pytest
from flask import Flask

import exoscore_client
from exoscore_client import Client
from exoscore_client.transport import Transport

# What is more than one operation: another form of one, several steps of one, or the client's own.
BEYOND = {
    "add_table",
    "correct_finding",
    "retract_finding",
    "restore_finding",
    "report_page",
    "score_lines",
    "wait_for_job",
    "save_batch_result",
    "close",
}


@pytest.fixture(scope="module")
def operations(app: Flask) -> dict[str, tuple[str, dict[str, Any]]]:
    """The operations by their names, with their paths."""
    paths = app.test_client().get("/openapi.json").get_json()["paths"]
    return {
        operation["operationId"]: (path, operation)
        for path, operations in paths.items()
        for operation in operations.values()
        if "operationId" in operation
    }


def methods() -> dict[str, Any]:
    """The public methods of the client."""
    return {name: method for name, method in inspect.getmembers(Client, inspect.isfunction) if name[0] != "_"}


def test_every_operation_has_a_method_and_every_method_an_operation(operations: dict[str, Any]) -> None:
    assert set(methods()) - BEYOND == set(operations)
    assert set(methods()) >= BEYOND


def test_every_method_takes_what_stands_in_the_path_and_in_the_query(
    operations: dict[str, tuple[str, dict[str, Any]]],
) -> None:
    for name, (path, operation) in operations.items():
        taken = dict(inspect.signature(methods()[name]).parameters)
        if name == "add_findings":
            # What only tables need is taken by the method that sends them.
            taken |= inspect.signature(methods()["add_table"]).parameters
        assert set(re.findall(r"{(\w+)}", path)) <= set(taken), name
        queried = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
        if any(one.kind is one.VAR_KEYWORD for one in taken.values()) or "candidate" in taken:
            continue
        assert queried <= set(taken), name


def test_every_method_says_what_it_answers() -> None:
    for name, method in methods().items():
        assert method.__doc__, name
        assert "return" in typing.get_type_hints(method), name


def test_what_the_client_offers_is_what_it_is() -> None:
    assert set(exoscore_client.__all__) == {"Client", "JobError", "ProblemError"}
    assert issubclass(Client, Transport)
