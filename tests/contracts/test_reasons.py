"""Whatever replaces or removes something takes a reason, which the audit log has with who did what.

What does so is read from the code: an action of the audit log that is none of WITHOUT_REASON, the functions that record it,
and all that call those. So a new route, page or command is among them without being listed here.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

import service
from service.cli import main
from service.db.audit_log import MAX_REASON, WITHOUT_REASON, list_entries, record
from service.errors import ReasonError
from service.web.current import installation_of
from service.web.session import is_page
from tests.service.cli.test_location import at_a_terminal, commands

ROOT = Path(service.__file__).parent
ACTION = re.compile(r"(batch|corpus|finding|installation|job|key|knowledge|model)\.[a-z_]+")
# Nobody asks for these: each states its own reason.
AUTOMATIC = {"corpus.load", "model.repair"}
# What may do without, since it states its own reason where none is given: a training that promotes through the gate.
OPTIONAL = {("train",)}
CHANGING_METHODS = {"put", "patch", "delete"}
Function = tuple[str, str]


@cache
def functions() -> dict[Function, tuple[set[str], set[str]]]:
    """Of each function of the service, by file and name: the names that it uses, and the actions that it names."""
    found = {}
    for path in ROOT.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        known_as = {alias.asname: alias.name for node in imports for alias in node.names if alias.asname}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
                used |= {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
                texts = {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)}
                named = {text for text in texts if isinstance(text, str) and ACTION.fullmatch(text)}
                found[str(path), node.name] = ({known_as.get(name, name) for name in used}, named)
    return found


def changers() -> set[Function]:
    """The functions that replace or remove something, by themselves or by what they call."""
    recorders = {"record"} | {name for (_, name), (used, _) in functions().items() if "record" in used}
    reached = {
        function
        for function, (used, actions) in functions().items()
        if used & recorders and actions - WITHOUT_REASON - AUTOMATIC
    }
    while True:
        # What a door offers is called by nobody else, and a worker acts by itself.
        shared = {name for path, name in reached if not re.search("/(api|cli|pages)/|/worker.py", path)}
        further = {
            (path, function)
            for (path, function), (used, _) in functions().items()
            if used & shared or any((path, name) in reached for name in used)
        } - reached
        if not further:
            return reached
        reached |= further


def views(app: Flask, pages: bool) -> Iterator[tuple[str, Any]]:
    """The endpoints that replace or remove something."""
    found = changers()
    for endpoint, view in app.view_functions.items():
        plain = inspect.unwrap(view)
        of_code = (inspect.getsourcefile(plain) or "", plain.__name__)
        methods = {method for rule in app.url_map.iter_rules(endpoint) for method in rule.methods or ()}
        if of_code in found and methods & {"POST", "PUT", "PATCH", "DELETE"} and is_page(endpoint) is pages:
            yield endpoint, plain


def test_the_changes_are_read_from_the_code() -> None:
    names = {name for _, name in changers()}
    assert names > {
        "promote_model",
        "roll_back",
        "retire_model",
        "change_finding",
        "revoke_key",
        "remove_batch",
        "restore",
    }
    assert not names & {"add_findings", "create_key", "score", "send_batch"}


def test_every_operation_that_replaces_or_removes_requires_a_reason(app: Flask) -> None:
    document = app.test_client().get("/openapi.json").get_json()
    names = {plain.__name__ for _, plain in views(app, pages=False)}
    checked = set()
    for operations in document["paths"].values():
        for method, operation in operations.items():
            if method == "parameters" or (method not in CHANGING_METHODS and operation["operationId"] not in names):
                continue
            checked.add(operation["operationId"])
            queried = {each["name"] for each in operation.get("parameters", ()) if each.get("required")}
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            shape = document["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], {})
            assert "reason" in queried | set(shape.get("required", ())), operation["operationId"]
    assert checked >= {"promote_model", "revoke_key", "remove_batch", "change_finding", *names}


def test_every_page_that_replaces_or_removes_reads_a_reason(app: Flask) -> None:
    found = list(views(app, pages=True))
    assert len(found) >= 8
    for endpoint, plain in found:
        module = inspect.getmodule(plain)
        assert module, endpoint
        assert 'form.get("reason"' in inspect.getsource(module), endpoint


def changing_commands() -> list[tuple[tuple[str, ...], click.Command]]:
    found = changers()
    return [
        (path, command)
        for path, command in commands(main)
        if command.callback
        and (inspect.getsourcefile(inspect.unwrap(command.callback)), inspect.unwrap(command.callback).__name__)
        in found
    ]


def test_every_command_that_replaces_or_removes_takes_a_reason_and_fails_without(
    tmp_path: Path, trained_var: Path
) -> None:
    found = changing_commands()
    assert len(found) >= 11
    for path, command in found:
        assert "reason" in {parameter.name for parameter in command.params}, path
        if path in OPTIONAL:
            continue
        words = {"FILE": __file__, "SOURCE": "hmdd"}
        arguments = [each for each in command.params if isinstance(each, click.Argument) and each.required]
        given = [words.get(each.make_metavar(click.Context(command)).strip("[]"), "hmdd") for each in arguments]
        given += ["--set", "dose=1"] if path == ("findings", "correct") else []
        done = CliRunner().invoke(main, [*path, *given, "--var", str(trained_var)])
        assert (done.exit_code, "--reason" in done.stderr, "such as" in done.stderr) == (2, True, True), done.output


def test_a_person_at_a_terminal_is_asked_for_the_reason(trained_var: Path) -> None:
    status, shown = at_a_terminal(b"lost\n", "keys", "revoke", "none", "--var", str(trained_var), question=b"Reason")
    assert (status, "There is no key" in shown) == (1, True), shown


@given(
    action=st.from_regex(ACTION, fullmatch=True) | st.sampled_from(sorted(WITHOUT_REASON)),
    reason=st.sampled_from(["", " \n", "x" * (MAX_REASON + 1), "a\0b"]),
)
def test_no_change_is_recorded_without_a_reason(action: str, reason: str) -> None:
    session = Session()
    for details in ({"reason": reason}, {}):
        if action in WITHOUT_REASON:
            record(session, "anna", action, "one", **details)
        else:
            with pytest.raises(ReasonError, match=r"1 to 500 characters, such as"):
                record(session, "anna", action, "one", **details)


def test_the_audit_shows_why(app: Flask) -> None:
    installation = installation_of(app)
    key = installation.keys.get(installation.keys.create("anna", ["score"], "tests")).key_id
    admin = {"Authorization": f"Bearer {installation.keys.create('admin', ['admin'], 'tests')}"}
    client = app.test_client()
    refused = client.delete(f"/v1/keys/{key}", headers=admin)
    assert refused.status_code == 422
    (error,) = refused.get_json()["errors"]
    assert (error["parameter"], "such as" in error["detail"]) == ("reason", True)
    assert client.delete(f"/v1/keys/{key}?reason=+left+the+lab+", headers=admin).status_code == 200
    (entry, *_) = client.get(f"/v1/audit?subject={key}", headers=admin).get_json()["entries"]
    assert (entry["action"], entry["details"]["reason"]) == ("key.revoke", "left the lab")
    assert list_entries(installation.database, 1, "model.promote")["entries"][0]["details"]["reason"].startswith(
        "Automatic: "
    )
