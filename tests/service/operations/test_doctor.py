"""The doctor looks at everything, changes nothing, and says what to do."""

from __future__ import annotations

import json
import socket
import threading
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from service import Settings, create_app
from service.cli import main
from service.db.tables import Key, ModelRow, now
from service.installation import SIGNING_KEY, UNFINISHED_RESTORE, Installation
from service.operations import doctor
from service.operations.checks import FAIL, OK, WARN, Check
from tests.servers import PostgreSQL, Redis, free_port

EVERY = {
    "python",
    "libraries",
    "settings",
    "var",
    "database",
    "migrations",
    "signing key",
    "integrity",
    "queue",
    "keys",
    "model",
    "refused",
    "corpus",
    "redis",
    "port",
}


@pytest.fixture
def settings(own_var: Path) -> Settings:
    return Settings(var=own_var, port=free_port())


def examined(settings: Settings) -> dict[str, Check]:
    """Every check, by its name."""
    return {check.name: check for check in doctor.examine(settings)}


def contents(folder: Path) -> dict[str, bytes]:
    """What a folder holds, but for the files that SQLite keeps beside an open database."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def test_an_installation_that_is_well_passes_every_check_and_stays_as_it_is(settings: Settings) -> None:
    before = contents(settings.var)
    found = examined(settings)
    assert set(found) == EVERY
    assert {check.name: check.says for check in found.values() if check.state != OK} == {}
    assert contents(settings.var) == before


def test_where_nothing_was_started_yet_nothing_is_wrong_and_nothing_is_made(tmp_path: Path) -> None:
    found = examined(Settings(var=tmp_path / "var", port=free_port()))
    assert {check.state for check in found.values()} == {OK}
    assert "first start" in found["database"].says
    assert list(tmp_path.iterdir()) == []


def test_on_postgresql_the_tables_are_made_by_the_first_start_too(postgresql: PostgreSQL, tmp_path: Path) -> None:
    settings = Settings(var=tmp_path, database_url=postgresql.database(), port=free_port())
    assert "first start" in examined(settings)["migrations"].says
    Installation.open(settings).close()
    found = examined(settings)
    assert set(found) == EVERY
    assert {name for name, check in found.items() if check.state != OK} == {"model"}
    assert found["model"].state == WARN


def test_a_server_that_is_not_there_fails_and_the_rest_is_still_told(tmp_path: Path) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    settings = Settings(
        var=tmp_path,
        port=free_port(),
        database_url=f"postgresql://anna:password@{nowhere}/none",
        redis_url=f"redis://:password@{nowhere}/0",
    )
    found = examined(settings)
    assert {name for name, check in found.items() if check.state == FAIL} == {"database", "redis"}
    assert "password" not in repr(found)
    assert found["corpus"].state == OK


def test_redis_that_answers_is_well(redis_server: Redis, tmp_path: Path) -> None:
    assert doctor.redis_server(Settings(var=tmp_path, redis_url=redis_server.address)).says == "it answers"


def test_libraries_other_than_the_locked_ones_are_named(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    good = f"flask=={version('flask')} \\\n    --hash=sha256:00\n"
    elsewhere = "colorama==0.0.1 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
    for text, state, says in (
        (good + elsewhere, OK, "all match"),
        (good + "click==0.0.1 \\\n    --hash=sha256:00\n", WARN, f"click {version('click')} (needed: ==0.0.1)"),
        (good + "nowhere-to-be-found==1.0 ; python_version > '3'\n", FAIL, "not installed: nowhere-to-be-found"),
    ):
        lock.write_text(text, encoding="utf-8")
        found = doctor.libraries(lock)
        assert (found.state, says in found.says) == (state, True)
    assert doctor.libraries().state == OK


def test_without_a_lock_libraries_are_compared_with_what_the_package_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doctor.libraries(tmp_path / "none") == Check("libraries", OK, "all match what Exoscore needs")
    needed = ["flask>=99", "nowhere-to-be-found", "absent; extra == 'cluster'", "psycopg[binary]>=3"]
    for count, state, says in (
        (1, WARN, f"flask {version('flask')} (needed: >=99); install"),
        (4, FAIL, "to-be-found; "),
    ):
        monkeypatch.setattr("service.operations.doctor.requires", lambda name, kept=needed[:count]: kept)
        found = doctor.libraries(tmp_path / "none")
        assert (found.state, says in found.says) == (state, True), found


def test_a_python_that_is_too_old_says_which_to_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.operations.doctor.sys.version_info", (3, 10, 1))
    found = doctor.python()
    assert (found.state, "3.11" in found.says) == (FAIL, True)


def test_a_signing_key_that_others_read_or_that_is_gone_fails(settings: Settings) -> None:
    path = settings.var / SIGNING_KEY
    path.chmod(0o644)
    found = examined(settings)["signing key"]
    assert (found.state, f"chmod 600 {path}" in found.says) == (FAIL, True)
    path.unlink()
    found = examined(settings)["signing key"]
    assert (found.state, "back-up" in found.says) == (FAIL, True)
    assert not path.exists()


def test_bytes_that_were_changed_and_pages_that_are_damaged_fail(settings: Settings) -> None:
    installation = Installation.open(settings)
    with installation.database.write() as session:
        row = session.query(ModelRow).one()
        row.bundle, model_id = row.bundle + b"x", row.model_id
    installation.close()
    found = examined(settings)
    assert (found["integrity"].state, model_id in found["integrity"].says) == (FAIL, True)
    database = settings.var / "exoscore.db"
    content = database.read_bytes()
    # Whichever table's pages are damaged, all checks are told.
    for page in range(1, len(content) // 4096 - 20, len(content) // 4096 // 8):
        begin, end = page * 4096, (page + 20) * 4096
        database.write_bytes(content[:begin] + b"\xff" * (end - begin) + content[end:])
        states = {name: check.state for name, check in examined(settings).items()}
        assert FAIL in (states["database"], states.get("integrity"))


def test_keys_that_are_missing_expired_or_run_out_are_told(own_var: Path) -> None:
    installation = Installation.open(Settings(var=own_var))
    keys = installation.keys

    def told(**changed: object) -> Check:
        return doctor.keys(Settings(var=own_var, **changed), installation.database)  # type: ignore[arg-type]

    assert told().state == OK
    assert told(require_key=True).state == FAIL
    assert "--require-key true" in told(host="10.0.0.1").says
    soon = keys.get(keys.create("soon", ["score"], "tests", now() + timedelta(days=2))).key_id
    assert (told(require_key=True).state, soon in told().says) == (WARN, True)
    with installation.database.write() as session:
        session.get_one(Key, soon).expires = now() - timedelta(days=2)
    assert (told().state, soon in told().says) == (WARN, True)
    assert told(require_key=True).state == FAIL
    keys.revoke(soon, "tests", "lost")
    keys.create("long", ["score"], "tests", now() + timedelta(days=200))
    assert told(require_key=True).state == OK
    installation.close()


def test_a_port_is_free_or_served_by_exoscore_or_taken(settings: Settings) -> None:
    assert "is free" in doctor.port(settings).says
    server = make_server("127.0.0.1", settings.port, create_app(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        assert doctor.port(settings).says.startswith("Exoscore serves on")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    with socket.create_server(("127.0.0.1", settings.port)):
        assert doctor.port(settings).state == FAIL


def test_a_restore_that_was_cut_short_is_told(settings: Settings) -> None:
    (settings.var / UNFINISHED_RESTORE).touch()
    found = examined(settings)["var"]
    assert (found.state, "exoscore restore FILE --force" in found.says) == (FAIL, True)


def test_the_command_exits_with_1_where_anything_fails_and_0_where_it_only_warns(settings: Settings) -> None:
    run = CliRunner(env=settings.environment)
    well = run.invoke(main, ["doctor", "--json"])
    document = json.loads(well.stdout)
    assert (well.exit_code, document["good"]) == (0, True)
    assert {check["name"] for check in document["checks"]} == EVERY
    assert all(name in run.invoke(main, ["doctor"]).stdout for name in EVERY)
    (settings.var / SIGNING_KEY).chmod(0o644)
    ill = run.invoke(main, ["doctor", "--json"])
    assert (ill.exit_code, json.loads(ill.stdout)["good"]) == (1, False)
    assert run.invoke(main, ["doctor"]).exit_code == 1


def test_malformed_settings_are_told_like_everything_else(tmp_path: Path) -> None:
    run = CliRunner(env={"EXOSCORE_VAR": str(tmp_path), "EXOSCORE_PORT": "80000", "EXOSCORE_WORKER": "2"})
    done = run.invoke(main, ["doctor", "--json"])
    assert done.exit_code == 1
    assert [check["name"] for check in json.loads(done.stdout)["checks"]] == ["settings", "settings"]
