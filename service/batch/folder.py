"""A folder of files as one batch: each part scored into the file of its name, and what is whole is not scored again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from models.files import atomic_write
from models.scorer import Scorer
from service.batch.errors import BatchError, ResumeError
from service.batch.formats import Format, format_of
from service.batch.options import Asked

# Stands in the folder of scores, and says what they are of.
NOTE = "exoscore-batch.json"


def format_in(folder: Path) -> Format:
    """The format of the parts in a folder. Raises BatchError where there are none, or of several formats."""
    found = sorted({form for path in _files(folder) if (form := format_of(path))})
    if len(found) != 1:
        has = f"has {' and '.join(found)}" if found else "has none"
        raise BatchError(f"{folder} is to hold files that end in one of .csv, .tsv, .jsonl and .parquet; it {has}")
    return found[0]


def parts(scorer: Scorer, asked: Asked) -> Iterator[Asked]:
    """The batches of a folder `asked.source` into the folder `asked.target`, in the order of their names.

    Faults go into the folder `asked.faults`. With `resume`, parts whose scores are there are left out. Raises BatchError where
    the folders cannot be used, ResumeError where the scores that are there are of something else, OSError.
    """
    source, target, options = asked.source, asked.target, asked.options
    if source is None or target is None or (target.exists() and not target.is_dir()):
        raise BatchError("a folder of files is scored into a folder: name one as OUT")
    for folder in filter(None, (target, asked.faults)):
        folder.mkdir(parents=True, exist_ok=True)
    _take_note(target, {**options.as_dict(), **asdict(scorer.versions), "source": str(source.resolve())}, asked.resume)
    for path in _files(source):
        if format_of(path) is not options.source:
            continue
        into = target / f"{path.stem}.{options.target}"
        if asked.resume and into.exists():
            continue
        faults = asked.faults / f"{path.stem}.{options.faults}" if asked.faults else None
        yield replace(asked, source=path, target=into, faults=faults)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def _take_note(target: Path, of: Mapping[str, object], resume: bool) -> None:
    note = target / NOTE
    if resume and note.exists():
        then = json.loads(note.read_text("utf-8"))
        now = json.loads(json.dumps(of))
        if differs := [(name, then.get(name), now[name]) for name in now if then.get(name) != now[name]]:
            raise ResumeError(differs)
    with atomic_write(note) as file:
        file.write(json.dumps(of, indent=1).encode())
