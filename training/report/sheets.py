"""A model card or a datasheet, set for reading: its facts, its questions and answers, and its tables, as Markdown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.report.templating import TEMPLATES


@dataclass(frozen=True)
class Section:
    """One part of a sheet: its title, the DOI of what it follows, and the text of each of its items, in order."""

    title: str
    doi: str
    items: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A table of a sheet: its title, a remark on it, its columns, and the texts of its rows."""

    title: str
    remark: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Sheet:
    """What a card or a datasheet shows: its title, its facts by name, its sections and its tables."""

    title: str
    facts: Mapping[str, str]
    sections: Sequence[Section]
    tables: Sequence[Table]


def parse_sections(text: str) -> list[Section]:
    """The sections of a rendered template: `# title | DOI` begins a section, `## name` an item of it."""
    parsed = []
    for section in f"\n{text}".split("\n# ")[1:]:
        heading, *items = section.split("\n## ")
        title, doi = heading.split(" | ")
        named = (item.split("\n", 1) for item in items)
        parsed.append(Section(title, doi.strip(), {name: " ".join(body.split()) for name, body in named}))
    return parsed


def sheet_text(sheet: Sheet) -> str:
    """A sheet as Markdown."""
    return re.sub(r"\n{3,}", "\n\n", TEMPLATES.get_template("sheet.md").render(sheet=sheet))
