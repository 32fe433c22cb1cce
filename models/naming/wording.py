"""The words that people write around the name of a cargo: what form it is in, that it is switched off, which variant it is; and
how they join several names. All patterns look at the beginning or the end alone, so that reading takes linear time."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_SILENCER_BEFORE = re.compile(
    r"(?:anti-?sense|antagomirs? (?:of|against|to) |antago-?|anti-?(?=mi-?r)|anti[- ]|inhibitors? of|tud-|aso-"
    r"|(?:si|sh|sg)-?rnas?(?: against| targeting| for| of)?|si-|sh-|sg-)[^\w]{0,3}(?=\w)"
)
_SIRNA_BEFORE = re.compile(r"(?:si|sh|sg)-?(?:rnas?(?: against| targeting| for| of)?)?[^\w]{0,3}(?=\w)")
_SILENCER_AFTER = re.compile(
    r"\b(?:inhibitors?|antagomirs?|anti-?mirs?|sponges?|antisense(?: oligonucleotides?)?|asos?|(?:si|sh|sg)-?rnas?)$"
)
_NEUTRAL_AFTER = re.compile(
    r"\b(?:mimics?|agomirs?|proteins?|mrnas?|genes?|transcripts?|hydrochloride|hcl|nps?|nanoparticles?)$"
)
_NEUTRAL_BEFORE = re.compile(
    r"(?:exosomal|exosome|ev|lnc-?rnas?|long non-?coding rnas?|lincrna|lnc|circular rna|mrna|protein|recombinant|human|mouse"
    r"|murine|mature|endogenous)[^\w]{1,3}(?=\w)|(?:ago|pre|pri)-?(?=mi-?r)"
)
# What is written behind a gene's name: an exchanged amino acid (G12D), a variant (vIII, v6), an isoform (_2).
_VARIANT_AFTER = re.compile(
    r"(?:(?P<exchange>[acdefghiklmnpqrstvwy](?:\d{2,4}|(?P<one_digit>\d))[acdefghiklmnpqrstvwy])|v(?:iii|(?P<count>\d{1,2}))|(?P<isoform>_\d{1,2})"
    r"|(?P<word>wild-?type|wt|mutant|mut))$",
    re.ASCII,
)
_LONGEST_VARIANT, _SHORTEST_GENE = 9, 3
# What stands before a gene's name: that its protein is dissolved, phosphorylated or changed.
_VARIANT_BEFORE = re.compile(r"(?:(soluble )|(phospho-?|phosphorylated |p-)|(mutant |mut-)|(wild-?type |wt[ -]))(?=\w)")
VARIANT_WORDS = ("soluble", "phosphorylated", "mutant", "wild-type")
# What a vesicle carries where nothing is to act.
_CONTROL = re.compile(
    r"(?:(?:(?:si|sh|sg|anti|antago)?-?(?:mi-?r|rna|mirna)?s?[ -]?|negative |empty |inhibitor |mimics? )"
    r"(?:nc|controls?|scr|scrambled?|mock|vector)|(?:si|sh|sg|mi-?r)-?(?:rna)?[ -]?ctrl)"
    r"(?: (?:mi-?rnas?|(?:si|sh)-?rnas?|mimics?|inhibitors?|rnas?))?"
)
# Prefixes of letters that only capitals part from a name: soluble, recombinant human, human, mouse.
_PREFIX = re.compile(r"(?P<prefix>s|rh|rm|r|h|m)(?=[A-Z])")
_JOINT = re.compile(r" ?[&;,/] ?| (?:and|plus|with) ")
# What takes the place of the end of the name before it, and that end: behind `miR-` a number is never parted.
_SHORTENED = re.compile(
    r"-?(?P<rest>(?P<letter>[a-z])(?:-[35]p)?|\d{1,5}[a-z]?(?:-\d)?(?:-[35]p)?)", re.IGNORECASE | re.ASCII
)
_SHORTENED_END = {
    "letter": re.compile(r"(?<=[\dA-Z])[a-z](?:-[35]p)?$|(?<=[\dA-Z][\dA-Z-])[A-Z]$", re.ASCII),
    "number": re.compile(r"\d{1,5}[a-z]?(?:-\d)?(?:-[35]p)?$", re.IGNORECASE | re.ASCII),
}
_EDGES = " -_()[],.:/"


def names_control(text: str) -> bool:
    """Whether a `plain` text names a negative control: siNC, miR-NC, NC mimic, scrambled siRNA."""
    return _CONTROL.fullmatch(text) is not None


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
    named = _without_end(_SILENCER_AFTER, bare)
    # An siRNA may be called anti-STAT3 as well; what an inhibitor of an inhibitor does is not certain.
    begins = (bare, named) if is_sirna else (bare,)
    for active in (named, *(_without_beginning(pattern, begin) for begin in begins for pattern in before)):
        if active != bare:
            wordings[Wording(active, silences=True)] = None
            wordings[Wording(_without_beginning(_NEUTRAL_BEFORE, active), silences=True)] = None
    yield from wordings
    for name, silences, _ in wordings:
        yield from (variant._replace(silences=silences) for variant in _variants(name))


def strip_prefix(given: str) -> Wording | None:
    """A name as it was typed without the letters before it that are no part of it, as in sTRAIL and rhIL-2."""
    prefix = _PREFIX.match(given)
    if prefix is None:
        return None
    return Wording(given[prefix.end() :], variant="soluble" if prefix["prefix"] == "s" else "")


def split_names(text: str) -> list[str]:
    """The parts of a text that may be several names, joined otherwise than by `+`; one where it has no such joint.

    A number or a single letter takes the place of that of the name before it: `miR-221-3p/222-3p`, `miR-34a/b`, `Smad2/3`.
    """
    names: list[str] = []
    for part in filter(None, _JOINT.split(text)):
        short = _SHORTENED.fullmatch(part)
        if short and names:
            place = _SHORTENED_END["letter" if short["letter"] else "number"].search(names[-1])
            # A letter alone is the name of nothing.
            if place is None:
                return [text]
            part = names[-1][: place.start()] + short["rest"]
        names.append(part)
    return names


def _variants(name: str) -> Iterator[Wording]:
    if before := _VARIANT_BEFORE.match(name):
        yield Wording(name[before.end() :], variant=VARIANT_WORDS[(before.lastindex or 1) - 1])
    start = max(0, len(name) - _LONGEST_VARIANT)
    matched = _VARIANT_AFTER.search(name, start)
    rest = name[: matched.start()].rstrip(_EDGES) if matched else ""
    if not (matched and rest):
        return
    written = matched.group()
    # Without a blank before it, a short end is part of a name: Flt3L, OCT4A, AAV2.
    is_joined = matched.start() == len(rest)
    if is_joined and (len(rest) < _SHORTEST_GENE or matched["one_digit"] or (matched["count"] and rest[-1].isalpha())):
        return
    yield Wording(rest, variant=written.upper() if matched["exchange"] else written.replace("iii", "III"))


def _without_end(pattern: re.Pattern[str], text: str) -> str:
    matched = pattern.search(text)
    rest = text[: matched.start()].rstrip(_EDGES) if matched else ""
    return rest or text


def _without_beginning(pattern: re.Pattern[str], text: str) -> str:
    matched = pattern.match(text)
    return (text[matched.end() :].strip(_EDGES) if matched else "") or text
