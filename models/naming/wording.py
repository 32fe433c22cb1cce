"""The words that people write around the name of a cargo: what form it is in, that it is switched off, which variant it is; and
how they join several names. All patterns look at the beginning or the end alone, so that reading takes linear time."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_SILENCER_BEFORE = re.compile(
    r"(?:anti-?sense|antagomirs? (?:of|against|to) |antago-?|anti-?|inhibitors? of|si-?rnas?(?: against| targeting| for)?"
    r"|sh-?rnas?(?: against| targeting| for)?|si-|sh-)[^\w]{0,3}(?=\w)"
)
_SIRNA_BEFORE = re.compile(r"(?:si|sh)-?(?:rnas?(?: against| targeting| for)?)?[^\w]{0,3}(?=\w)")
_SILENCER_AFTER = re.compile(
    r"\b(?:inhibitors?|antagomirs?|anti-?mirs?|sponges?|antisense(?: oligonucleotides?)?|asos?|si-?rnas?|sh-?rnas?)$"
)
_NEUTRAL_AFTER = re.compile(
    r"\b(?:mimics?|agomirs?|proteins?|mrnas?|genes?|transcripts?|hydrochloride|hcl|nps?|nanoparticles?)$"
)
_NEUTRAL_BEFORE = re.compile(
    r"(?:exosomal|exosome|ev|lnc-?rnas?|long non-?coding rnas?|lincrna|lnc|circular rna|mrna|protein|recombinant|human|mouse"
    r"|murine|mature|endogenous)[^\w]{1,3}(?=\w)"
)
# What is written behind a gene's name: an exchanged amino acid (G12D), a variant (vIII, v6), an isoform (_2).
_VARIANT_AFTER = re.compile(
    r"(?:(?P<exchange>[acdefghiklmnpqrstvwy]\d{1,4}[acdefghiklmnpqrstvwy])|(?P<numbered>v(?:iii|\d{1,2}))|(?P<isoform>_\d{1,2})"
    r"|(?P<word>wild-?type|wt|mutant|mut))$",
    re.ASCII,
)
_LONGEST_VARIANT = 9
_SOLUBLE = re.compile(r"soluble (?=\w)")
# Prefixes of letters that only capitals part from a name: soluble, recombinant human, human, mouse.
_PREFIX = re.compile(r"(?P<prefix>s|rh|rm|r|h|m)(?=[A-Z])")
_JOINT = re.compile(r" ?[&;,/] ?| (?:and|plus|with) ")
_EDGES = " -_()[],.:/"


class Wording(NamedTuple):
    """A name without some of the words around it: whether those say that it is switched off, and which variant it is."""

    name: str
    silences: bool = False
    variant: str = ""


def strip_words(text: str, is_sirna: bool) -> Iterator[Wording]:
    """A `plain` text as it stands, then without words that say nothing of the name, then without those that say that it is
    switched off; each also without the variant behind it."""
    bare = _without_beginning(_NEUTRAL_BEFORE, _without_end(_NEUTRAL_AFTER, text))
    wordings = {Wording(text): None, Wording(bare): None}
    before = (_SIRNA_BEFORE, _SILENCER_BEFORE) if is_sirna else (_SILENCER_BEFORE,)
    for active in (_without_end(_SILENCER_AFTER, bare), *(_without_beginning(pattern, bare) for pattern in before)):
        if active != bare:
            wordings[Wording(active, silences=True)] = None
            wordings[Wording(_without_beginning(_NEUTRAL_BEFORE, active), silences=True)] = None
    yield from wordings
    for name, silences, _ in wordings:
        yield from (Wording(rest, silences, variant) for rest, variant in _variants(name))


def strip_prefix(given: str) -> Wording | None:
    """A name as it was typed without the letters before it that are no part of it, as in sTRAIL and rhIL-2."""
    prefix = _PREFIX.match(given)
    if prefix is None:
        return None
    return Wording(given[prefix.end() :], variant="soluble" if prefix["prefix"] == "s" else "")


def split_names(text: str) -> list[str]:
    """The parts of a text that may be several names, joined otherwise than by `+`; one where it has no such joint.

    Numbers take over the beginning of the name before them, as in `miR-221-3p/222-3p`.
    """
    parts = [part for part in _JOINT.split(text) if part]
    head = re.match(r"(?:hsa-)?mir-?(?=\d)", parts[0], re.IGNORECASE) if parts else None
    return [f"{head.group()}{part}" if head and part[0].isdecimal() else part for part in parts]


def _variants(name: str) -> Iterator[tuple[str, str]]:
    if soluble := _SOLUBLE.match(name):
        yield name[soluble.end() :], "soluble"
    start = max(0, len(name) - _LONGEST_VARIANT)
    matched = _VARIANT_AFTER.search(name, start)
    if matched is None or not matched.start():
        return
    rest = name[: matched.start()].rstrip(_EDGES)
    written = matched.group()
    if rest:
        yield rest, written.upper() if matched["exchange"] else written.replace("iii", "III")


def _without_end(pattern: re.Pattern[str], text: str) -> str:
    matched = pattern.search(text)
    rest = text[: matched.start()].rstrip(_EDGES) if matched else ""
    return rest or text


def _without_beginning(pattern: re.Pattern[str], text: str) -> str:
    matched = pattern.match(text)
    return (text[matched.end() :].strip(_EDGES) if matched else "") or text
