"""Looks an installation over without changing it, from the libraries to the keys, and says what to do about what is wrong."""

import hashlib
import http.client
import json
import os
import platform
import re
import socket
import sys
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import redis
from packaging.requirements import Requirement
from sqlalchemy import make_url, select, text

from models.errors import ExoscoreError
from service.auth.exposure import check_exposure, local_address
from service.auth.keys import Keys, state
from service.db.database import HEAD, Database
from service.db.tables import ModelRow, now
from service.errors import ExposureError, NoModelError, StoreError
from service.installation import SIGNING_KEY, UNFINISHED_RESTORE
from service.operations import checks
from service.operations.checks import FAIL, OK, WARN, Check
from service.registry.model_registry import ModelRegistry
from service.registry.reference_tables import ReferenceTables
from service.settings import SETTINGS, Settings
from training.data.findings import read_findings

LOCK = Path(__file__).parent.parent.parent / "requirements.lock"
SOON = timedelta(days=14)
_PYTHONS = ((3, 11), (3, 14))
_SECRET = re.compile(r"//[^@/]*@")


def examine(settings: Settings) -> list[Check]:
    """Every check of the installation of `settings`, in the order in which one would mend it."""
    found = [python(), libraries(), settings_of(settings), var(settings.var)]
    file = make_url(settings.database).database or ""
    if settings.database.startswith("sqlite") and not Path(file).exists():
        found.append(Check("database", OK, "none yet; the first start creates it"))
    else:
        database = Database(settings.database)
        found += _stored(settings, database)
        database.close()
    return [*found, corpus(), redis_server(settings), port(settings)]


def _stored(settings: Settings, database: Database) -> list[Check]:
    """The checks of what the database holds, as far as it can be read."""
    found = [checks.database(database)]
    if found[0].state == FAIL:
        return found
    revision = database.revision()
    if not revision:
        return [*found, Check("migrations", OK, "no tables yet; the first start creates them")]
    found += [checks.migrations(database), signing_key(settings.var), integrity(database)]
    if revision != HEAD:
        return found
    found += [checks.queue(database), keys(settings, database)]
    path = settings.var / SIGNING_KEY
    if path.exists():
        registry = ModelRegistry(database, path.read_bytes(), ReferenceTables(settings.var))
        found += [model(registry), checks.refused(registry)]
    return found


def model(registry: ModelRegistry) -> Check:
    """Whether the current model can be used, or the first start will make one."""
    try:
        if registry.current_id() is None:
            return Check("model", WARN, str(NoModelError()))
    except StoreError as error:
        return Check("model", FAIL, f"{error}: restore a back-up")
    return checks.model(registry)


def python() -> Check:
    """Whether this Python is one that Exoscore works with."""
    low, beyond = _PYTHONS
    good = low <= sys.version_info[:2] < beyond
    remedy = "" if good else f": set up with Python {low[0]}.{low[1]} to {beyond[0]}.{beyond[1] - 1}"
    return Check("python", OK if good else FAIL, platform.python_version() + remedy)


def libraries(lock: Path = LOCK) -> Check:
    """Whether the libraries are the locked ones; outside the source code, which has the lock, those that the package needs."""
    if lock.is_file():
        lines = (line.rstrip("\\ ") for line in lock.read_text("utf-8").splitlines())
        needed, source, remedy = [line for line in lines if line[:1].isalnum()], "the lock file", "run `make install`"
    else:
        needed, source, remedy = requires("exoscore") or [], "what Exoscore needs", "install Exoscore again"
    absent, other = [], []
    for requirement in map(Requirement, needed):
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            absent.append(requirement.name)
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            other.append(f"{requirement.name} {installed} (needed: {requirement.specifier})")
    if absent:
        return Check("libraries", FAIL, f"not installed: {', '.join(absent)}; {remedy}")
    if other:
        return Check("libraries", WARN, f"different from {source}: {', '.join(other)}; {remedy}")
    return Check("libraries", OK, f"all match {source}")


def settings_of(settings: Settings) -> Check:
    """Which settings differ from the defaults; passwords in addresses are not shown."""
    plain = Settings()
    changed = [
        f"{setting.variable}={_SECRET.sub('//…@', str(getattr(settings, setting.name)))}"
        for setting in SETTINGS
        if getattr(settings, setting.name) != getattr(plain, setting.name)
    ]
    return Check("settings", OK, ", ".join(changed) or "all have their defaults")


def var(folder: Path) -> Check:
    """Whether the folder is there, whole and can be written to."""
    if not folder.exists():
        return Check("var", OK, f"{folder} does not exist yet; the first start creates it")
    if (folder / UNFINISHED_RESTORE).exists():
        return Check("var", FAIL, "a restore was cut short: run `exoscore restore FILE --force` again")
    found = checks.disk(folder)
    return Check("var", found.state, found.says)


def signing_key(folder: Path) -> Check:
    """Whether the key that signs models is there, for its owner only."""
    path = folder / SIGNING_KEY
    try:
        mode = path.stat().st_mode & 0o777
    except FileNotFoundError:
        return Check("signing key", FAIL, f"{path} is missing, so no stored model can be verified: restore a back-up")
    if mode & 0o077:
        return Check("signing key", FAIL, f"other users can read {path}: run `chmod 600 {path}`")
    if not os.access(path, os.R_OK):
        return Check("signing key", FAIL, f"{path} cannot be read by this user: run as its owner")
    return Check("signing key", OK, f"{path} is readable by its owner only")


def integrity(database: Database) -> Check:
    """Whether the database is intact, and every model in it still has the bytes that were kept."""
    try:
        with database.read() as session:
            if database.is_sqlite:
                faults = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check"))]
                if faults != ["ok"]:
                    return Check("integrity", FAIL, f"the database is damaged ({faults[0]}): restore a back-up")
            changed = [
                model_id
                for model_id, bundle, digest in session.execute(
                    select(ModelRow.model_id, ModelRow.bundle, ModelRow.digest)
                )
                if hashlib.sha256(bundle).hexdigest() != digest
            ]
    except StoreError as error:
        return Check("integrity", FAIL, f"{error}: restore a back-up")
    if changed:
        return Check("integrity", FAIL, f"the bytes of {', '.join(changed)} were changed: restore a back-up")
    pages = "the database is intact" if database.is_sqlite else "the database answers (pg_amcheck checks its pages)"
    return Check("integrity", OK, f"{pages}, and so is every stored model")


def keys(settings: Settings, database: Database) -> Check:
    """Whether there are keys where they are needed, and which run out."""
    held = Keys(database)
    try:
        check_exposure(settings, held)
        kept = held.all()
    except ExposureError as error:
        return Check("keys", FAIL, str(error))
    except StoreError as error:
        return Check("keys", FAIL, f"{error}: restore a back-up")
    moment = now()
    good = [key for key in kept if state(key, moment) == "good"]
    expired = [f"{key.key_id} ({key.name})" for key in kept if state(key, moment) == "expired"]
    soon = [f"{key.key_id} ({key.name})" for key in good if key.expires is not None and key.expires - moment < SOON]
    if settings.require_key and not good:
        return Check("keys", FAIL, "keys are required and none is valid: run `exoscore keys create`")
    if soon:
        return Check("keys", WARN, f"expiring within {SOON.days} days: {', '.join(soon)}; make new ones")
    if expired:
        return Check("keys", WARN, f"expired: {', '.join(expired)}; make new ones, or revoke them")
    return Check(
        "keys", OK, f"{len(good)} work" if good else "there are none; writing needs a key (`exoscore keys create`)"
    )


def corpus() -> Check:
    """Whether the shipped findings can be read."""
    try:
        findings = read_findings()
    except (ExoscoreError, OSError) as error:
        return Check("corpus", FAIL, f"{error}: install again")
    return Check("corpus", OK, f"{len(findings)} findings of {len({finding.paper for finding in findings})} papers")


def redis_server(settings: Settings) -> Check:
    """Whether Redis answers, where one is set."""
    if not settings.redis_url:
        return Check("redis", OK, "not set; each worker counts requests separately")
    try:
        with redis.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2) as connection:
            connection.ping()
    except redis.RedisError as error:
        return Check("redis", FAIL, f"it does not answer ({error}): start it, or unset EXOSCORE_REDIS_URL")
    return Check("redis", OK, "it answers")


def port(settings: Settings) -> Check:
    """Whether the port is free, or served by Exoscore itself."""
    where = f"{settings.host}:{settings.port}"
    if serves(settings):
        return Check("port", OK, f"Exoscore serves on {where}")
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            return Check(
                "port",
                FAIL,
                f"{where} is in use or not allowed ({error.strerror}): stop the other program, or set EXOSCORE_PORT",
            )
    return Check("port", OK, f"{where} is free")


def serves(settings: Settings) -> bool:
    """Whether Exoscore answers where `settings` say."""
    connection = http.client.HTTPConnection(local_address(settings.host), settings.port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return bool(json.loads(connection.getresponse().read()) == {"status": "ok"})
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
