"""Candidates, terms and numbers as a reader wants to see them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.candidates.cargo import JOINT, SIRNA
from models.vocabulary.tsv import read_table

# Terms that people spell with capitals.
_SPELLED = {row["term"]: row["spelled"] for row in read_table(Path(__file__).with_name("spelling.tsv"))}
MINUS = "−"
_JOINED = re.compile(r"[a-z_]+(?:\+[a-z_]+)+")
_NARROW_SPACE = "\u202f"


def percent(share: float) -> str:
    """A share in whole percents, which is what some hundred findings can carry. Beyond 1 and 99 % only that is said, but for 0
    and 1 themselves."""
    if 0.0 < share < 0.01:
        return f"< 1{_NARROW_SPACE}%"
    if 0.99 < share < 1.0:
        return f"> 99{_NARROW_SPACE}%"
    return f"{100.0 * share:.0f}{_NARROW_SPACE}%"


def signed(value: float) -> str:
    """A number with its sign and two decimals."""
    return f"{value:+.2f}".replace("-", MINUS)


def humanize(term: str) -> str:
    """A term or the name of a field as words; of a set of cargos several terms."""
    if _JOINED.fullmatch(term):
        return f" {JOINT} ".join(map(humanize, term.split(JOINT)))
    return _SPELLED.get(term, term.replace("_", " "))


def describe_cargo(candidate: Mapping[str, Any]) -> str:
    """What a vesicle carries, with what its name does not say: `CD274 (siRNA, loaded)`."""
    cargo_type, state = candidate.get("cargo_type") or "", candidate.get("cargo_state") or "native"
    name = candidate.get("cargo_name") or ""
    # An siRNA goes by the name of the gene that it silences.
    marks = [humanize(cargo_type)] if name and SIRNA in cargo_type.split(JOINT) else []
    marks += [humanize(state)] if state != "native" else []
    marked = f" ({', '.join(marks)})" if marks else ""
    return f"{name or humanize(cargo_type)}{marked}"


def describe_source(candidate: Mapping[str, Any]) -> str:
    """The cell whose vesicle it is, in its state: `M2 macrophage`."""
    phenotype = candidate.get("source_phenotype") or "unspecified"
    cell = humanize(candidate.get("source_cell") or "macrophage")
    if cell == "other":
        # What is named by its state alone: serum, neuron, bacteria.
        return "other source" if phenotype == "unspecified" else humanize(phenotype)
    return cell if phenotype == "unspecified" else f"{humanize(phenotype)} {cell}"


def describe_setting(setting: str) -> str:
    """How an effect was tested, in words."""
    words = {
        "both": "in vitro and in vivo",
        "clinical": "in patients",
        "": "setting not stated",
        "not_stated": "setting not stated",
    }
    return words.get(setting, humanize(setting)) or "setting not stated"


def pluralize(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
