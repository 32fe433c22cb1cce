"""A back-up is the whole installation at one moment, whatever goes on meanwhile; restored, it is that or nothing changed."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import MetaData, select, text

from models.artifact import Bundle
from service import Settings, archive, create_app
from service.cli import main
from service.errors import BackupError
from service.keys import Keys
from service.restore import restore
from service.services import SIGNING_KEY, UNFINISHED_RESTORE, Services, services_of
from service.store import HEAD, Store, StoreError, migrating
from service.store.tables import Base, Fact, ModelRow
from tests.servers import PostgreSQL

GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "HCC"}
IMPORTED = "knowledge/lab.tsv"


def fill(settings: Settings, produced: Bundle) -> str:
    """An installation with something of everything; its one key."""
    opened = Services.open(settings)
    opened.registry.keep(produced, "tests")
    opened.registry.promote(produced.id, "tests")
    key = opened.keys.create("anna \u00e9", ["score", "admin"], "tests")
    opened.jobs.submit("training", {"share": 0.1, "nested": [None, True, 1e-05]}, "tests")
    with opened.store.write() as session:
        session.add(Fact(name="quoted", text='a "line"\nand \\ another \u2028'))
    (settings.var / "knowledge").mkdir()
    (settings.var / IMPORTED).write_bytes(b"imported\n")
    opened.close()
    return key


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in every table, as values of Python."""
    with store.read() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
        }


def scores(settings: Settings) -> Any:
    """What an installation says of a candidate."""
    service = create_app(settings)
    answer = service.test_client().post("/v1/scores", json={"candidates": [GOOD]})
    services_of(service).close()
    return answer.get_json()["scores"]


@pytest.fixture(params=["sqlite to sqlite", "sqlite to postgresql", "postgresql to sqlite", "postgresql to postgresql"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Settings, Settings]:
    """An installation, and an empty place to restore it to."""

    def place(kind: str, name: str) -> Settings:
        (tmp_path / name).mkdir()
        database = request.getfixturevalue("postgresql").database() if kind == "postgresql" else ""
        return Settings(var=tmp_path / name, database_url=database)

    source, target = request.param.split(" to ")
    return place(source, "source"), place(target, "target")


@pytest.fixture
def backed_up(tmp_path: Path, produced: Bundle) -> tuple[Settings, Path]:
    """An installation on SQLite, and a back-up of it."""
    settings = Settings(var=tmp_path / "source")
    fill(settings, produced)
    store = Store(settings.database)
    archive.write(tmp_path / "backup.zip", store, settings.var)
    store.close()
    return settings, tmp_path / "backup.zip"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[tuple[Store, Path]]:
    """An empty place."""
    settings = Settings(var=tmp_path / "target")
    store = Store(settings.database)
    yield store, settings.var
    store.close()


def test_what_is_restored_is_what_was_backed_up_on_either_database(
    pair: tuple[Settings, Settings], tmp_path: Path, produced: Bundle
) -> None:
    source, target = pair
    key = fill(source, produced)
    before, after = Store(source.database), Store(target.database)
    written = archive.write(tmp_path / "backup.zip", before, source.var)
    read = restore(tmp_path / "backup.zip", after, target.var)
    assert read == written
    assert rows(after) == rows(before)
    assert sum(written["rows"].values()) == sum(map(len, rows(before).values()))
    for name in (SIGNING_KEY, IMPORTED):
        assert (target.var / name).read_bytes() == (source.var / name).read_bytes()
    assert (target.var / SIGNING_KEY).stat().st_mode & 0o077 == 0
    assert not list(target.var.glob(".restore-*"))
    assert not (target.var / UNFINISHED_RESTORE).exists()
    before.close()
    after.close()
    assert scores(target) == scores(source)
    opened = Services.open(target)
    assert opened.keys.holder(key).name == "anna \u00e9"
    assert opened.store.revision() == HEAD
    opened.keys.create("new rows get new numbers", ["score"], "tests")
    opened.close()


def test_a_backup_is_for_its_owner_only_and_leaves_out_what_is_of_the_moment(backed_up: tuple[Settings, Path]) -> None:
    settings, path = backed_up
    assert path.stat().st_mode & 0o077 == 0
    (settings.var / "metrics").mkdir()
    for name in ("metrics/counter_1.db", "queue.db", "queue.db-wal", ".exoscore-fresh", UNFINISHED_RESTORE):
        (settings.var / name).touch()
    store = Store(settings.database)
    manifest = archive.write(path, store, settings.var)
    store.close()
    held = {name for name in manifest["digests"] if name.startswith(archive.FILES)}
    assert held == {archive.FILES + SIGNING_KEY, archive.FILES + IMPORTED}


def test_a_backup_that_cannot_be_written_whole_is_not_there(
    backed_up: tuple[Settings, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, path = backed_up
    good = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("service.archive.os.fsync", full)
    store = Store(settings.database)
    with pytest.raises(OSError, match="no space"):
        archive.write(path, store, settings.var)
    store.close()
    assert path.read_bytes() == good
    assert [each.name for each in path.parent.iterdir() if each.name.startswith(".")] == []


def test_an_installation_that_writes_meanwhile_is_backed_up_as_it_was_at_one_moment(
    address: str, tmp_path: Path
) -> None:
    store, writing = Store(address), Store(address)
    store.migrate()
    stopped = threading.Event()
    made = []

    def work() -> None:
        keys = Keys(writing)
        while not stopped.is_set():
            made.append(keys.create("busy", ["score"], "tests"))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for number in range(5):
            while len(made) <= 3 * number:
                pass
            manifest = archive.write(tmp_path / f"{number}.zip", store, tmp_path / "var")
            # A key and its audit row are written in one transaction.
            assert manifest["rows"]["keys"] == manifest["rows"]["audit"] > 0
    finally:
        stopped.set()
        thread.join()
    with zipfile.ZipFile(tmp_path / "4.zip") as held:
        assert archive.verified(held)["rows"] == manifest["rows"]
    store.close()
    writing.close()


def spoil_member(path: Path) -> None:
    """Changes one byte of a table, under a right checksum of the zip."""
    rewrite(path, "tables/keys.jsonl", lambda content: content.replace(b"score", b"admin"))


def spoil_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def drop_member(path: Path) -> None:
    rewrite(path, "tables/keys.jsonl", lambda content: None)


def later_protocol(path: Path) -> None:
    rewrite_manifest(path, protocol=archive.PROTOCOL + 1)


def later_tables(path: Path) -> None:
    rewrite_manifest(path, revision="9999")


def no_manifest(path: Path) -> None:
    rewrite(path, archive.MANIFEST, lambda content: None)


def outside(path: Path) -> None:
    content = b"evil"
    with zipfile.ZipFile(path, "a") as held:
        held.writestr("files/../../evil", content)
    digest = hashlib.sha256(content).hexdigest()
    rewrite(path, archive.MANIFEST, lambda text: with_digest(text, "files/../../evil", digest))


def with_digest(text: bytes, name: str, digest: str) -> bytes:
    manifest = json.loads(text)
    manifest["digests"][name] = digest
    return json.dumps(manifest).encode()


def no_zip(path: Path) -> None:
    path.write_text("a text")


def rewrite(path: Path, name: str, change: Callable[[bytes], bytes | None]) -> None:
    """Writes a back-up anew with one member changed, or left out."""
    with zipfile.ZipFile(path) as held:
        members = {each: held.read(each) for each in held.namelist()}
    with zipfile.ZipFile(path, "w") as fresh:
        for each, content in members.items():
            kept = change(content) if each == name else content
            if kept is not None:
                fresh.writestr(each, kept)


def rewrite_manifest(path: Path, **changed: object) -> None:
    rewrite(path, archive.MANIFEST, lambda content: json.dumps(json.loads(content) | changed).encode())


@pytest.mark.parametrize(
    "spoil",
    [spoil_member, spoil_byte, cut, drop_member, later_protocol, later_tables, no_manifest, outside, no_zip],
)
def test_a_backup_that_is_not_what_was_written_changes_nothing(
    backed_up: tuple[Settings, Path], tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    settings, path = backed_up
    store = Store(settings.database)
    before = rows(store)
    spoil(path)
    with pytest.raises(BackupError):
        restore(path, store, settings.var, force=True)
    assert rows(store) == before
    assert (settings.var / IMPORTED).read_bytes() == b"imported\n"
    assert not (settings.var / UNFINISHED_RESTORE).exists()
    assert not (tmp_path / "evil").exists()
    store.close()


def test_an_installation_is_only_overwritten_where_that_is_said_and_then_wholly(
    backed_up: tuple[Settings, Path], target: tuple[Store, Path], produced: Bundle
) -> None:
    source, path = backed_up
    store, var = target
    fill(Settings(var=var), produced)
    (var / "knowledge" / "other.tsv").write_bytes(b"of the lab that was here")
    before = rows(store)
    with pytest.raises(BackupError, match="--force"):
        restore(path, store, var)
    assert rows(store) == before
    restore(path, store, var, force=True)
    kept = Store(source.database)
    assert rows(store) == rows(kept)
    kept.close()
    assert not (var / "knowledge" / "other.tsv").exists()
    assert (var / SIGNING_KEY).read_bytes() == (source.var / SIGNING_KEY).read_bytes()


@pytest.mark.parametrize(
    ("broken", "spared"),
    [
        ("service.archive.rows", 0),
        ("service.restore._sync", 1),
        ("sqlalchemy.orm.Session.commit", 0),
    ],
    ids=["filling the tables", "when the files are in their places", "at the commit"],
)
def test_a_restore_that_fails_half_way_leaves_everything_as_it_was(
    backed_up: tuple[Settings, Path],
    target: tuple[Store, Path],
    produced: Bundle,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    spared: int,
) -> None:
    _, path = backed_up
    store, var = target
    fill(Settings(var=var), produced)
    before, key = rows(store), (var / SIGNING_KEY).read_bytes()

    calls = []

    def fail(*_: object, **__: object) -> None:
        calls.append(1)
        if len(calls) > spared:
            raise StoreError("the power of fiction")

    with monkeypatch.context() as patched:
        patched.setattr(broken, fail)
        with pytest.raises(StoreError, match="fiction"):
            restore(path, store, var, force=True)
    assert rows(store) == before
    assert (var / SIGNING_KEY).read_bytes() == key
    assert (var / IMPORTED).read_bytes() == b"imported\n"
    assert not (var / UNFINISHED_RESTORE).exists()
    Services.open(Settings(var=var)).close()


def test_a_restore_that_the_machine_cut_short_stops_every_start_until_it_is_done_again(
    backed_up: tuple[Settings, Path], target: tuple[Store, Path]
) -> None:
    source, path = backed_up
    store, var = target
    var.mkdir(exist_ok=True)
    (var / UNFINISHED_RESTORE).touch()
    (var / ".restore-cut").mkdir()
    with pytest.raises(StoreError, match="exoscore restore FILE --force"):
        Services.open(Settings(var=var))
    with pytest.raises(BackupError):
        restore(Path("none.zip"), store, var)
    assert (var / UNFINISHED_RESTORE).exists()
    restore(path, store, var)
    assert not list(var.glob(".restore-*"))
    assert scores(Settings(var=var)) == scores(source)


def test_a_backup_of_older_tables_is_brought_up_to_this_version(
    backed_up: tuple[Settings, Path], target: tuple[Store, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = backed_up
    store, var = target
    moved: list[str] = []
    move = migrating.move

    def watched(connection: Any, revision: str) -> None:
        moved.append(revision)
        move(connection, revision)

    monkeypatch.setattr(migrating, "move", watched)
    restore(path, store, var)
    with zipfile.ZipFile(path) as held:
        assert moved == [archive.verified(held)["revision"], HEAD]


def test_tables_of_others_in_the_same_database_are_left_alone(
    postgresql: PostgreSQL, backed_up: tuple[Settings, Path], tmp_path: Path
) -> None:
    _, path = backed_up
    store = Store(postgresql.database())
    with store.write() as session:
        session.execute(text("CREATE TABLE others (word text)"))
        session.execute(text("INSERT INTO others VALUES ('kept')"))
    restore(path, store, tmp_path / "target")
    manifest = archive.write(tmp_path / "again.zip", store, tmp_path / "target")
    assert "others" not in manifest["rows"]
    with store.read() as session:
        assert session.execute(text("SELECT word FROM others")).scalar() == "kept"
    store.close()


def test_every_table_is_in_a_backup(backed_up: tuple[Settings, Path]) -> None:
    settings, path = backed_up
    store = Store(settings.database)
    tables = MetaData()
    tables.reflect(store.engine)
    with zipfile.ZipFile(path) as held:
        assert set(archive.verified(held)["rows"]) == set(tables.tables) - {migrating.VERSION_TABLE}
    store.close()


def test_the_commands_back_up_and_restore_and_say_what(
    backed_up: tuple[Settings, Path], tmp_path: Path, produced: Bundle
) -> None:
    source, _ = backed_up
    file = tmp_path / "by command.zip"
    here, there = (CliRunner(env={"EXOSCORE_VAR": str(var)}) for var in (source.var, tmp_path / "elsewhere"))
    done = here.invoke(main, ["backup", str(file), "--json"])
    assert done.exit_code == 0, done.output
    manifest = json.loads(done.stdout)
    assert manifest["bytes"] == file.stat().st_size
    assert manifest["rows"]["models"] == 1
    restored = there.invoke(main, ["restore", str(file)])
    assert restored.exit_code == 0, restored.output
    assert "1 models" in restored.stdout
    again = there.invoke(main, ["restore", str(file)])
    assert (again.exit_code, "--force" in again.stderr) == (1, True)
    assert there.invoke(main, ["restore", str(file), "--force"]).exit_code == 0
    assert scores(Settings(var=tmp_path / "elsewhere")) == scores(source)


def test_a_restored_model_that_cannot_be_used_is_told(backed_up: tuple[Settings, Path], tmp_path: Path) -> None:
    source, path = backed_up
    store = Store(source.database)
    with store.write() as session:
        session.query(ModelRow).update({"digest": "another"})
    archive.write(path, store, source.var)
    store.close()
    done = CliRunner(env={"EXOSCORE_VAR": str(tmp_path / "elsewhere")}).invoke(main, ["restore", str(path)])
    assert done.exit_code == 1
    assert "restored, but the current model cannot be used" in done.stderr


def test_a_backup_of_a_copied_folder_is_the_same(backed_up: tuple[Settings, Path], tmp_path: Path) -> None:
    source, path = backed_up
    shutil.copytree(source.var, tmp_path / "copy")
    store = Store(Settings(var=tmp_path / "copy").database)
    again = archive.write(tmp_path / "again.zip", store, tmp_path / "copy")
    store.close()
    with zipfile.ZipFile(path) as held:
        assert again["digests"] == archive.verified(held)["digests"]
