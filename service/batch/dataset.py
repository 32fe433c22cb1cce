"""A folder of files as one batch: each part scored into the file of its name, and what is whole is not scored again."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from models.files import atomic_write
from models.scorer import Scorer
from service.batch.errors import BatchError, check_unchanged
from service.batch.formats import Format, format_read
from service.batch.options import BatchSpec

# Stands in the folder of scores, and says what they are of.
NOTE = "exoscore-batch.json"


def format_in(folder: Path) -> Format:
    """The format of the parts in a folder, CSV for all tables. Raises BatchError where there are none, or of several formats."""
    formats = sorted({form for path in _files(folder) if (form := format_read(path))})
    if len(formats) > 1 and all(form.is_table for form in formats):
        return Format.CSV
    if len(formats) != 1:
        has = f"has {' and '.join(formats)}" if formats else "has no such files"
        raise BatchError(
            f"{folder} must hold files of one format (.csv, .tsv, .jsonl, .parquet or workbooks), but it {has}."
        )
    return formats[0]


def parts(scorer: Scorer, spec: BatchSpec) -> Iterator[BatchSpec]:
    """The batches of a folder `spec.source` into the folder `spec.target`, in the order of their names.

    Faults go into the folder `spec.errors_path`. With `resume`, parts whose scores are there are left out. Raises BatchError
    where the folders cannot be used, ResumeError where the scores that are there are of something else, OSError.
    """
    source, target, options = spec.source, spec.target, spec.options
    if source is None or target is None or (target.exists() and not target.is_dir()):
        raise BatchError("The scores of a folder of files go into a folder. Name a folder as OUT.")
    if options.rank:
        raise BatchError("Ranks are those of the rows of one file, not of a folder of files. Rank one file at a time.")
    for folder in filter(None, (target, spec.errors_path)):
        folder.mkdir(parents=True, exist_ok=True)
    note = target / NOTE
    text = json.dumps({**asdict(options), **asdict(scorer.versions), "source": str(source.resolve())}, indent=1)
    if spec.resume and note.exists():
        check_unchanged(json.loads(note.read_text("utf-8")), json.loads(text))
    with atomic_write(note) as file:
        file.write(text.encode())
    forms = {path: form for path in _files(source) if (form := format_read(path)) and _is_alike(form, options.source)}
    stems = Counter(path.stem for path in forms)
    if doubled := [stem for stem, times in stems.items() if times > 1]:
        raise BatchError(
            f"Several files in {source} are named {doubled[0]}, so their scores would overwrite each other. Rename them."
        )
    for path, form in forms.items():
        scores = target / f"{path.stem}.{options.target}"
        if not (spec.resume and scores.exists()):
            errors_path = spec.errors_path / f"{path.stem}.{options.errors}" if spec.errors_path else None
            part = replace(options, source=form)
            yield replace(spec, options=part, source=path, target=scores, errors_path=errors_path)


def _is_alike(form: Format, other: Format) -> bool:
    return form is other or (form.is_table and other.is_table)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
