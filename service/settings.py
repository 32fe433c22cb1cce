"""The settings, in one table: the documentation, `exoscore serve --help` and the environment are all read from it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from rapidfuzz import process

from models.errors import ExoscoreError

SQLITE_FILE = "exoscore.db"
PREFIX = "EXOSCORE_"
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("auto", "json", "text")


class SettingsError(ExoscoreError):
    """Settings that are malformed or unknown, each with what would be right."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name (the environment variable is EXOSCORE_ and the name in capitals), type, default and help."""

    name: str
    parse: Callable[[str], object]
    wanted: str
    default: str
    help: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return parse


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    return text.strip()


def _address(*beginnings: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.strip() and not text.strip().startswith(beginnings):
            raise ValueError(text)
        return text.strip()

    return parse


def _yes_or_no(text: str) -> bool:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.strip().lower()]


def _a_minute(text: str) -> int:
    return _whole(0, 1_000_000_000)(text) if text else 0


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        word = text.strip().lower()
        if word not in words:
            raise ValueError(text)
        return word

    return parse


SETTINGS = (
    Setting("var", lambda text: Path(_text(text)), "a folder", "./var", "The only folder that is written to."),
    Setting(
        "database_url",
        _address("sqlite:///", "postgresql://"),
        "an address: postgresql://user@host/name or sqlite:///file",
        "",
        "The database; by default SQLite in the `var` folder.",
    ),
    Setting("host", _text, "an address", "127.0.0.1", "The address to listen on."),
    Setting("port", _whole(1, 65535), "a port, 1 to 65535", "8000", "The port to listen on."),
    Setting(
        "redis_url",
        _address("redis://", "rediss://", "unix://"),
        "an address: redis://host:6379/0",
        "",
        "Redis, for limits beyond one worker; by default each counts for itself.",
    ),
    Setting(
        "dask_address",
        _address("tcp://", "tls://"),
        "an address: tcp://host:8786",
        "",
        "The scheduler of a Dask cluster, on which trainings and `exoscore batch` work; by default the cores of this machine do.",
    ),
    Setting(
        "require_key", _yes_or_no, "true or false", "false", "Whether scoring needs a key too; writing always does."
    ),
    Setting(
        "allow_open",
        _yes_or_no,
        "true or false",
        "false",
        "Whether it is meant that other machines reach this service without a key; else it refuses to listen beyond loopback.",
    ),
    Setting(
        "trusted_proxies",
        _whole(0, 10),
        "a number, 0 to 10",
        "0",
        "Proxies in front of the service, whose X-Forwarded-For, -Proto and -Host headers are believed.",
    ),
    Setting(
        "rate_limit",
        _a_minute,
        "requests a minute; 0 or nothing for no limit",
        "6000",
        "What one key, or one address without a key, may ask in a minute. Each worker counts for itself, so several workers "
        "together let through as many times more; with `redis_url` they share one count.",
    ),
    Setting(
        "count_submissions",
        _yes_or_no,
        "true or false",
        "true",
        "Whether to count the categories of submitted candidates by day, from which drift is told; cargo names never are.",
    ),
    Setting(
        "batch_mebibytes",
        _whole(1, 1_000_000),
        "a number of MiB, 1 to 1000000",
        "1024",
        "How large a file of candidates may be that is sent to /v1/batches.",
    ),
    Setting(
        "batch_days",
        _whole(1, 3650),
        "a number of days, 1 to 3650",
        "7",
        "How long the files of a batch that was sent are kept in `var/batches` after it has ended.",
    ),
    Setting(
        "log_level",
        _one_of(*LOG_LEVELS),
        "one of " + ", ".join(LOG_LEVELS),
        "info",
        "What is logged, to standard error; debug adds the probes.",
    ),
    Setting(
        "log_format",
        _one_of(*LOG_FORMATS),
        "one of " + ", ".join(LOG_FORMATS),
        "auto",
        "JSON lines, or text for people; auto is text on a terminal and JSON elsewhere.",
    ),
    Setting("workers", _whole(1, 64), "a number, 1 to 64", "2", "Web worker processes."),
    Setting(
        "threads",
        _whole(1, 64),
        "a number, 1 to 64",
        "3",
        "Threads of each web worker, so many requests can wait at once, for the database say. More lengthen the longest waits.",
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one application."""

    var: Path = Path("var")
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    redis_url: str = ""
    dask_address: str = ""
    require_key: bool = False
    allow_open: bool = False
    trusted_proxies: int = 0
    rate_limit: int = 6000
    count_submissions: bool = True
    batch_mebibytes: int = 1024
    batch_days: int = 7
    log_level: str = "info"
    log_format: str = "auto"
    workers: int = 2
    threads: int = 3

    @property
    def database(self) -> str:
        """The address of the database."""
        return self.database_url or f"sqlite:///{self.var.absolute() / SQLITE_FILE}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that give a process of ours the same settings."""
        return {setting.variable: str(getattr(self, setting.name)) for setting in SETTINGS}

    @classmethod
    def read(
        cls, environment: Mapping[str, str] | None = None, given: Mapping[str, str | None] | None = None
    ) -> Settings:
        """The settings that the command line gave (`given`), else the environment, else the defaults.

        Raises SettingsError naming every malformed value and every EXOSCORE_ variable that is no setting.
        """
        environment = os.environ if environment is None else environment
        faults = []
        values: dict[str, object] = {}
        for setting in SETTINGS:
            named = (given or {}).get(setting.name)
            text = named if named is not None else environment.get(setting.variable, setting.default)
            try:
                values[setting.name] = setting.parse(text)
            except (KeyError, ValueError):
                faults.append(f"{setting.variable} is {text!r}: give {setting.wanted}")
        known = [setting.variable for setting in SETTINGS]
        for variable in sorted(environment):
            if variable.startswith(PREFIX) and variable not in known:
                nearest = [name for name, _, _ in process.extract(variable, known, limit=1, score_cutoff=80)]
                hint = f"; did you mean {nearest[0]}?" if nearest else f"; there are {', '.join(known)}"
                faults.append(f"{variable} is no setting{hint}")
        if faults:
            raise SettingsError(faults)
        # Each setting reads its own type, which a table of all of them cannot say.
        return cls(**values)  # type: ignore[arg-type]


def table() -> list[tuple[str, str, str, str]]:
    """Every setting as (variable, wanted, default, help), for the documentation."""
    return [(setting.variable, setting.wanted, setting.default, setting.help) for setting in SETTINGS]


if tuple(one.name for one in fields(Settings)) != tuple(setting.name for setting in SETTINGS):
    raise TypeError("the settings table and the Settings class differ")
