"""The settings, each declared once: the documentation, `exoscore serve --help` and the environment are all read from there."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from service.errors import SettingsError

SQLITE_FILE = "exoscore.db"
PREFIX = "EXOSCORE_"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# A name, an address, or any.
_HOST = re.compile(r"[0-9a-z._-]+|[0-9a-f.]*:[0-9a-f:.]*|\*")
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("auto", "json", "text")


class Kind(NamedTuple):
    """What a setting is: how its text is parsed (or refused by KeyError or ValueError), and what is expected of it in words,
    its place-holder in the help of commands, and its values where they are few."""

    parse: Callable[[str], object]
    wanted: str
    metavar: str
    choices: tuple[str, ...] = ()


def _integer(low: int, high: int, noun: str = "a number", metavar: str = "N") -> Kind:
    def parse(text: str) -> int:
        number = int(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return Kind(parse, f"{noun}, {low} to {high}", metavar)


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    return text.strip()


def _hosts(text: str) -> str:
    names = [name.strip().strip("[]").rstrip(".").lower() for name in text.split(",") if name.strip()]
    for name in names:
        if not _HOST.fullmatch(name):
            raise ValueError(text)
    return ",".join(names)


def _url(example: str, *prefixes: str) -> Kind:
    def parse(text: str) -> str:
        if text.strip() and not text.strip().startswith(prefixes):
            raise ValueError(text)
        return text.strip()

    return Kind(parse, f"an address: {example}", "URL")


def _choice(*words: str) -> Kind:
    def parse(text: str) -> object:
        return words[words.index(text.strip().lower())]

    return Kind(parse, "one of " + ", ".join(words), f"[{'|'.join(words)}]", words)


def _rate(text: str) -> object:
    return _integer(0, 1_000_000_000).parse(text) if text else 0


_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_BOOLEAN = Kind(lambda text: _TRUTHS[text.strip().lower()], "true or false", "[true|false]", ("true", "false"))
_ADDRESS = Kind(lambda text: _text(text).removeprefix("[").removesuffix("]"), "an address", "ADDRESS")
_HOSTS = Kind(_hosts, "names or addresses without ports, separated by commas", "HOSTS")
_FOLDER = Kind(lambda text: Path(_text(text)), "a folder", "FOLDER")
_REQUESTS = Kind(_rate, "requests a minute; 0 or empty for no limit", "N")


def is_safe_address(address: str) -> bool:
    """Whether what is asked of an address is asked over HTTPS, or stays on this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def _service_url(example: str) -> Kind:
    def parse(text: str) -> str:
        if not is_safe_address(text.strip()):
            raise ValueError(text)
        return text.strip()

    return _url(example)._replace(parse=parse)


def _setting(default: object, kind: Kind, help_text: str) -> Any:
    return field(default=default, metadata={**kind._asdict(), "help": help_text})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one application."""

    var: Path = _setting(Path("var"), _FOLDER, "The only folder that Exoscore writes to.")
    database_url: str = _setting(
        "",
        _url("postgresql://user@host/name or sqlite:///file", "sqlite:///", "postgresql://"),
        "The database; by default SQLite in the `var` folder.",
    )
    host: str = _setting("127.0.0.1", _ADDRESS, "The address to listen on.")
    allowed_hosts: str = _setting(
        "",
        _HOSTS,
        "The host names under which the service may be called, besides those of this machine; * for any. By default the "
        "address to listen on, and any name behind a proxy or when listening on every address.",
    )
    port: int = _setting(8000, _integer(1, 65535, "a port", "PORT"), "The port to listen on.")
    redis_url: str = _setting(
        "",
        _url("redis://host:6379/0", "redis://", "rediss://", "unix://"),
        "Redis, for limits beyond one worker; by default each worker counts separately.",
    )
    dask_address: str = _setting(
        "",
        _url("tcp://host:8786", "tcp://", "tls://"),
        "The scheduler of a Dask cluster, which runs trainings and `exoscore batch`; by default the cores of this machine do.",
    )
    require_key: bool = _setting(False, _BOOLEAN, "Whether scoring needs a key too; writing always does.")
    allow_open: bool = _setting(
        False,
        _BOOLEAN,
        "Allow other machines to connect without a key. Otherwise the server only listens on this machine.",
    )
    trusted_proxies: int = _setting(
        0,
        _integer(0, 10),
        "Proxies in front of the service, whose X-Forwarded-For, -Proto and -Host headers are trusted.",
    )
    rate_limit: int = _setting(
        6000,
        _REQUESTS,
        "How many requests one key, or one address without a key, may send in a minute. Each worker counts separately, so "
        "several workers allow that many times more; with `redis_url` they share one count.",
    )
    contact: str = _setting(
        "",
        _url("mailto:lab@example.org or https://example.org/issues", "mailto:", "https://", "http://"),
        "Where readers report problems, such as an error in a finding. By default pages say what to send.",
    )
    count_submissions: bool = _setting(
        True,
        _BOOLEAN,
        "Whether to count the categories of submitted candidates by day, from which drift is computed. Cargo names are never "
        "counted.",
    )
    batch_mebibytes: int = _setting(
        1024,
        _integer(1, 1_000_000, "a number of MiB"),
        "The largest file of candidates that /v1/batches accepts, also when it is unpacked.",
    )
    batch_days: int = _setting(
        7,
        _integer(1, 3650, "a number of days"),
        "How long the files of a batch stay in `var/batches` after it has ended, and the designs of a job in the database.",
    )
    log_level: str = _setting(
        "info", _choice(*LOG_LEVELS), "What is logged, to standard error; debug includes health checks."
    )
    log_format: str = _setting(
        "auto", _choice(*LOG_FORMATS), "JSON lines, or text for people; auto is text on a terminal and JSON elsewhere."
    )
    workers: int = _setting(2, _integer(1, 64), "Web worker processes.")
    lookup: bool = _setting(
        False,
        _BOOLEAN,
        "Allow the service to ask Crossref and PubMed for the citation of a paper that is being added.",
    )
    crossref_url: str = _setting(
        "https://api.crossref.org",
        _service_url("https://api.crossref.org"),
        "The address of Crossref, or of a service that answers like it.",
    )
    pubmed_url: str = _setting(
        "https://eutils.ncbi.nlm.nih.gov/entrez/eutils",
        _service_url("https://eutils.ncbi.nlm.nih.gov/entrez/eutils"),
        "The address of the E-utilities of NCBI, or of a service that answers like them.",
    )
    threads: int = _setting(
        3,
        _integer(1, 64),
        "How many requests each web worker handles at once, not counting those that wait for their client or the database. "
        "More of them make the slowest requests slower.",
    )

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
        cls, environment: Mapping[str, str] | None = None, options: Mapping[str, str | None] | None = None
    ) -> Settings:
        """The settings that the `options` of the command line give, else the environment, else the defaults.

        Raises SettingsError naming every malformed value and every EXOSCORE_ variable that is no setting.
        """
        environment = os.environ if environment is None else environment
        faults = []
        values: dict[str, Any] = {}
        for setting in SETTINGS:
            option = (options or {}).get(setting.name)
            text = environment.get(setting.variable) if option is None else option
            if text is None:
                continue
            try:
                values[setting.name] = setting.parse(text)
            except (KeyError, ValueError):
                faults.append(f"{setting.variable} is {text!r}. Give {setting.wanted}")
        known = [setting.variable for setting in SETTINGS]
        for variable in sorted(environment):
            if variable.startswith(PREFIX) and variable not in known:
                nearest = get_close_matches(variable, known, 1, cutoff=0.8)
                hint = f". Did you mean {nearest[0]}?" if nearest else f". The settings are {', '.join(known)}"
                faults.append(f"{variable} is not a setting{hint}")
        if faults:
            raise SettingsError(faults)
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Setting:
    """How one setting is shown and read: its name, default and help as texts, what is wanted of it, and its parser."""

    name: str
    default: str
    parse: Callable[[str], object]
    wanted: str
    metavar: str
    choices: tuple[str, ...]
    help: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name.upper()


def _text_of(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


SETTINGS = tuple(Setting(setting.name, _text_of(setting.default), **setting.metadata) for setting in fields(Settings))
