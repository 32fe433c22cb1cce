"""`exoscore backup` and `exoscore restore`: a whole installation in one file, and back."""

from pathlib import Path

import click

from models.errors import ExoscoreError
from service.cli.location import locate, read_settings
from service.cli.output import as_json, author, fail, open_installation, print_json, reason_option, words_of
from service.db.database import Database, StoreError
from service.errors import BackupError
from service.operations import backup as archive
from service.operations.doctor import serves


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--with-batches", is_flag=True, help="Include the files of batches: what was uploaded, and its scores.")
@as_json
def backup(file: Path, with_batches: bool, as_json: bool) -> None:
    """Back up the installation into FILE: all tables, the signing key and imported tables.

    The service may run meanwhile. FILE holds the signing key, so only its owner can read it. Keep it that way. Without
    --with-batches, a restored installation has no files of batches: those read as removed.

    \b
    Examples:
      exoscore backup exoscore-2026-11-28.backup
      exoscore backup exoscore-2026-11-28.backup --with-batches
    """
    installation = open_installation()
    try:
        manifest = archive.write(file, installation.database, installation.settings.var, with_batches)
    except (StoreError, OSError) as error:
        fail(f"nothing was backed up: {words_of(error)}")
    try:
        with installation.database.write() as session:
            archive.note(session, author(), "installation.backup", file, created=manifest["created"])
    except StoreError as error:
        fail(f"{file} is complete, but the audit log has no entry of it: {words_of(error)}")
    _print("Backed up", file, manifest, as_json)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace an existing installation.")
@reason_option
@as_json
def restore(file: Path, force: bool, reason: str, as_json: bool) -> None:
    """Restore the installation from the back-up FILE, on SQLite or PostgreSQL: completely or not at all.

    Stop the service first.

    \b
    Examples:
      exoscore restore exoscore-2026-11-28.backup --var /srv/exoscore --reason "moved to another machine"
      exoscore restore exoscore-2026-11-28.backup --force --reason "undoes the import of 28 November"
    """
    from service.installation import Installation
    from service.operations.restore import restore as put_back

    settings = read_settings()
    locate(settings, may_make=True)
    if serves(settings):
        fail(f"the service is running on {settings.host}:{settings.port}. Stop it first")
    try:
        database = Database(settings.database)
        manifest = put_back(file, database, settings.var, reason, force, author())
        database.close()
        installation = Installation.open(settings)
        if installation.registry.current_id():
            installation.registry.scorer().self_test()
    except (BackupError, StoreError, OSError) as error:
        fail(f"nothing was restored: {words_of(error)}")
    except ExoscoreError as error:
        fail(f"restored, but the current model cannot be used: {error}")
    _print("Restored", file, manifest, as_json)


def _print(done: str, file: Path, manifest: archive.Manifest, as_json: bool) -> None:
    if as_json:
        print_json({"file": str(file), "bytes": file.stat().st_size, **manifest})
        return
    files = sum(name.startswith(archive.FILES) for name in manifest["digests"])
    held = ", ".join(f"{count} {name}" for name, count in manifest["rows"].items() if count)
    click.echo(
        f"{done} {file} ({file.stat().st_size} bytes) of {manifest['created']}: {files} files; {held or 'no rows'}"
    )
