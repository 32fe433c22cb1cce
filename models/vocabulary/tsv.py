"""Reads the tab-separated tables that the core ships: UTF-8, one header row, no quoting."""

from pathlib import Path


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a shipped table as dictionaries. The shipped tables are well formed; tests see to that."""
    header, *lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    columns = header.split("\t")
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines]
