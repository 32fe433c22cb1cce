"""`exoscore backup` and `exoscore restore`: a whole installation in one file, and back."""

from pathlib import Path

import click

from models.errors import ExoscoreError
from service.cli.output import as_json, fail, open_installation, print_json
from service.db.database import Database, StoreError
from service.errors import BackupError
from service.operations import backup as archive
from service.operations.doctor import serves
from service.settings import Settings


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@as_json
def backup(file: Path, as_json: bool) -> None:
    """Back the installation up into FILE: all tables, the signing key, imported knowledge, the files of jobs.

    The service may run meanwhile. FILE holds the signing key, so it is readable by its owner only; keep it so.
    """
    installation = open_installation()
    try:
        manifest = archive.write(file, installation.database, installation.settings.var)
    except (StoreError, OSError) as error:
        fail(f"nothing was backed up: {error}")
    _print("Backed up", file, manifest, as_json)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Put the back-up in the place of an installation that is here.")
@as_json
def restore(file: Path, force: bool, as_json: bool) -> None:
    """Make this installation what the back-up FILE holds, on SQLite or PostgreSQL: all of it, or nothing.

    Stop the service first.
    """
    from service.operations.restore import restore as put_back

    settings = Settings.read()
    if serves(settings):
        fail(f"the service runs on {settings.host}:{settings.port}: stop it first")
    try:
        database = Database(settings.database)
        manifest = put_back(file, database, settings.var, force)
        database.close()
        installation = open_installation()
        if installation.registry.current_id():
            installation.registry.scorer().self_test()
    except (BackupError, StoreError, OSError) as error:
        fail(f"nothing was restored: {error}")
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
