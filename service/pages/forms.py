"""What a form is made of, for the macros of forms.html."""

from __future__ import annotations

from dataclasses import dataclass

from models.errors import Fault

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One field of a form: what was typed, what may be, and what is wrong with it.

    `options` are values with their titles: to choose from where `chosen`, else to be offered while typing. `longest` is how
    many characters may be typed, where that is limited. A field with many `lines` is a larger one. `unchosen` is the title of
    choosing nothing; where it is empty, something has to be chosen. It `follows` the field by which its meaning changes.
    """

    name: str
    title: str
    value: str = ""
    hint: str = ""
    required: bool = False
    chosen: bool = False
    unchosen: str = ""
    options: Options = ()
    longest: int | None = None
    lines: int = 1
    follows: str = ""
    faults: tuple[Fault, ...] = ()
