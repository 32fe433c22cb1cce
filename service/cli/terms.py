"""Closed sets of values on the command line: offered by shells while somebody types, and listed in help where they are few."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from models import vocabulary
from models.vocabulary.tsv import read_table

if TYPE_CHECKING:
    from models.candidates.candidate import FieldSpec

# Help lists the terms of a field that has no more.
MOST_LISTED = 12


class Offered(click.ParamType[str]):
    """A text passed on as typed, for which shells offer `values`, one after another where a `separator` joins them."""

    name = "text"

    def __init__(self, values: Sequence[str], separator: str = "") -> None:
        self.values, self._separator = tuple(values), separator

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The values that begin as the last one typed does. Spaces are underscores, since shells do not quote them."""
        before, separator, last = incomplete.rpartition(self._separator) if self._separator else ("", "", incomplete)
        words = (value.replace(" ", "_") for value in self.values)
        return [
            CompletionItem(before + separator + word) for word in words if word.casefold().startswith(last.casefold())
        ]


def terms_of(field: FieldSpec) -> Offered:
    """The terms of a field, which the parser reads in more spellings; none where anything is a value."""
    table = Path(vocabulary.__file__).with_name(f"{field.name}.tsv")
    return Offered([row["term"] for row in read_table(table)] if field.controlled else (), ";" if field.many else "")


def help_of(field: FieldSpec, terms: Offered) -> str:
    """What a field means, with its terms where they are few, and whether it is required."""
    parts = [field.help]
    if 0 < len(terms.values) <= MOST_LISTED:
        parts.append(f"One of {', '.join(terms.values)}.")
    if field.many:
        parts.append("Separate several with semicolons.")
    if field.required or field.default:
        parts.append(f"[default: {field.default}]" if field.default else "[required]")
    return " ".join(parts)
