"""Parses sets of cargos in one vesicle, each with its type and weight: `miR-21:0.9+doxorubicin:0.1`, and the same in JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NoReturn

from models.candidates.candidate import ASSUMED, Normalization, ParsedValue
from models.candidates.cargo import JOINT, WEIGHT, WHOLE_VESICLE, Cargo, join_terms
from models.candidates.text_fields import MAX_TEXT, json_type, truncate
from models.candidates.wording import percent
from models.errors import CandidateError, FieldError, unknown_names
from models.naming.resolver import KINDS, CargoName, NameResolver, is_of_type, types_of_kind

# How types are read that follow from names, and a name whose weight does not count.
INFERRED, UNWEIGHTED = "inferred", "unweighted"
# How many cargos one vesicle may be loaded with.
MAX_LOAD = 10
CARGO = "cargo"
TYPE, NAME, STATE = FLAT = ("cargo_type", "cargo_name", "cargo_state")
# The members of a cargo in JSON, with the flat field that each is a part of.
MEMBERS = {"type": TYPE, "name": NAME, "state": STATE, "weight": ""}
EXAMPLE = "miR-21:0.9+doxorubicin:0.1"

_NUMBER = re.compile(
    r"(?P<number>[-−]? ?(?:\d[\d.,]*(?:e-?\d+)?|[.,]\d+(?:e-?\d+)?|nan|inf|infinity)) ?(?P<percent>%?)",
    re.ASCII | re.IGNORECASE,
)
# Registries whose identifiers are numbers behind a colon.
_REGISTRY = re.compile(
    r"(?:chebi|hgnc|ncbi ?gene|gene ?id|entrez(?: ?gene)?|pubchem(?:\.compound|\.substance)?|cid|sid|rxcui|o?mim|taxon|ncbitaxon"
    r"|doid|go|so|cl|uberon|mgi|rgd|unii)",
    re.IGNORECASE,
)
# Chain length and double bonds in the name of a lipid: PC 34:1.
_CHAIN = re.compile(r"(?<![\d:])\d+:\d+$", re.ASCII)
_LIPID = "lipid"


def flatten_cargo(raw: Mapping[str, object]) -> dict[str, object]:
    """A candidate in JSON whose cargos are a list, with the flat fields instead. Raises CandidateError."""
    beside = [name for name in FLAT if raw.get(name) is not None]
    if beside:
        them = " and ".join(beside)
        _refuse(CARGO, "conflict", f"Give what is carried once: leave out {them}, or leave out cargo")
    cargos = raw[CARGO]
    if not isinstance(cargos, list | tuple):
        _refuse(CARGO, "wrong_type", f"Give a list of cargos, not {json_type(cargos)}", cargos)
    if not cargos:
        _refuse(CARGO, "missing", 'Give at least one cargo, such as {"type": "mirna", "name": "miR-21", "weight": 0.9}')
    if len(cargos) > MAX_LOAD:
        _refuse(CARGO, "too_many", f"Give at most {MAX_LOAD} co-loaded cargos, not {len(cargos)}")
    faults: list[FieldError] = []
    for place, cargo in enumerate(cargos):
        faults += _faults_of(cargo, f"{CARGO}.{place}", len(cargos))
    if faults:
        raise CandidateError(faults)
    weights = [cargo.get("weight") for cargo in cargos]
    bare = [cargo["name"] for cargo, weight in zip(cargos, weights, strict=True) if weight is None]
    if bare and len(bare) < len(cargos):
        _refuse(CARGO, "missing", _without_weight(bare))
    names = [
        cargo["name"] if weight is None or len(cargos) == 1 else f"{cargo['name']}{WEIGHT}{write_weight(float(weight))}"
        for cargo, weight in zip(cargos, weights, strict=True)
    ]
    columns = {
        field: [" ".join((cargo.get(name) or "").split()) for cargo in cargos]
        for name, field in MEMBERS.items()
        if field
    }
    flat = {TYPE: join_terms(columns[TYPE]), NAME: JOINT.join(names), STATE: join_terms(columns[STATE])}
    if max(map(len, flat.values())) > MAX_TEXT:
        _refuse(CARGO, "too_large", f"The cargos together have more than {MAX_TEXT} characters. Give shorter names")
    return {**{name: value for name, value in raw.items() if name != CARGO}, **flat}


def _faults_of(cargo: object, place: str, count: int) -> Iterator[FieldError]:
    """What is wrong with one of so many cargos in JSON."""
    if not isinstance(cargo, dict):
        remedy = f"Give an object with {', '.join(MEMBERS)}, not {json_type(cargo)}"
        yield FieldError(place, "wrong_type", remedy, given=cargo)
        return
    members = ", ".join(MEMBERS)
    yield from unknown_names(
        [str(name) for name in cargo if name not in MEMBERS],
        lambda name: FieldError(
            place, "unknown_field", f"{truncate(name)!r} is not a member of a cargo: {members}", name
        ),
    )
    for member in ("type", "name", "state"):
        text = cargo.get(member)
        if text is not None and not isinstance(text, str):
            yield FieldError(f"{place}.{member}", "wrong_type", f"Give a text, not {json_type(text)}", text)
        elif text and JOINT in text:
            remedy = f"Give one cargo in each object, without {JOINT}"
            yield FieldError(f"{place}.{member}", "not_applicable", remedy, text)
    name, weight = cargo.get("name"), cargo.get("weight")
    if name is None or (isinstance(name, str) and not name.strip()):
        yield FieldError(f"{place}.name", "missing", "Give the name of the cargo in any usual spelling")
    elif isinstance(name, str) and count > 1 and JOINT not in name and _weight_text(name, str(cargo.get("type")))[1]:
        remedy = "Give the weight as the member weight, not in the name"
        yield FieldError(f"{place}.name", "not_applicable", remedy, name)
    if weight is None:
        return
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        remedy = f"Give a number above 0, not {json_type(weight)}"
        yield FieldError(f"{place}.weight", "wrong_type", remedy, weight)
    elif not _is_weight(weight):
        yield FieldError(f"{place}.weight", "invalid_weight", "Give a weight above 0, such as 0.9", weight)


def _is_weight(weight: float) -> bool:
    try:
        return 0.0 < float(weight) < math.inf
    except OverflowError:
        return False


def write_weight(weight: float) -> str:
    """A weight as it is read back, without the sign that joins cargos."""
    return repr(weight).removesuffix(".0").replace("e+", "e")


def _weight_text(text: str, cargo_type: str) -> tuple[str, str]:
    """A name and what stands as its weight; empty where the text has none, such as an identifier or a lipid."""
    name, colon, number = text.rpartition(WEIGHT)
    name, number = name.strip(), number.strip()
    if not colon or not _NUMBER.fullmatch(number) or _REGISTRY.fullmatch(name):
        return text, ""
    return (text, "") if cargo_type == _LIPID and _CHAIN.search(text) else (name, number)


def split_weight(text: str, cargo_type: str) -> tuple[str, float | None]:
    """A name of a type and its weight, None where it has none. Raises CandidateError."""
    name, number = _weight_text(text, cargo_type)
    matched = _NUMBER.fullmatch(number)
    if matched is None:
        return name, None
    if not name:
        _refuse(NAME, "missing", f"Give a name before the weight {number}, such as {EXAMPLE}", text)
    try:
        weight = float(matched["number"].replace("−", "-").replace(" ", ""))
    except ValueError:
        _refuse(
            NAME,
            "invalid_weight",
            f"{number!r} is not a weight. Write it with a point, such as {name}{WEIGHT}0.9",
            text,
        )
    if not _is_weight(weight):
        _refuse(
            NAME,
            "invalid_weight",
            f"The weight of {name} is {number}. Give a number above 0, such as {name}{WEIGHT}0.9",
            text,
        )
    # A hundredth of a decimal number has a decimal number again.
    return name, float(Fraction(repr(weight)) / 100) if matched["percent"] else weight


def read_alone(naming: NameResolver, cargo_type: str, text: str) -> ParsedValue | None:
    """The only cargo of a vesicle where it has a weight, which cannot count; None where no known name has one."""
    name, number = _weight_text(text, cargo_type)
    names = naming.cargos(cargo_type, name) if number and name else ()
    if len(names) != 1 or not names[0].recognised:
        return None
    split_weight(text, cargo_type)
    read = names[0]._replace(given=text)
    why = f"The weight {number} does not count, since this is the only cargo"
    note = Normalization(NAME, text, read.name, UNWEIGHTED, read.identifier, read.alternatives, why)
    return ParsedValue(read.name, (note,), Cargo(cargo_type, (read,)))


def read_set(naming: NameResolver, stated: str, text: str) -> ParsedValue | None:
    """The cargos that `text` joins, of the types that are `stated`; None where it is no set of several types or with weights.

    Raises CandidateError where a type or a weight is missing or wrong, or a cargo is named twice.
    """
    parts = [part.strip() for part in text.split(JOINT) if part.strip()]
    types = stated.split(JOINT)
    if len(parts) < 2:
        return None
    aligned = types * len(parts) if len(types) == 1 else types if len(types) == len(parts) else [""] * len(parts)
    pairs = [split_weight(part, cargo_type) for part, cargo_type in zip(parts, aligned, strict=True)]
    bare = [name for name, weight in pairs if weight is None]
    if len(bare) == len(pairs) and len(types) == 1 and stated:
        return None
    if bare and len(bare) < len(pairs):
        _refuse(NAME, "missing", _without_weight(bare), text)
    if WHOLE_VESICLE in types:
        _refuse(NAME, "not_applicable", "A whole vesicle is no cargo of a set. Leave it out", text)
    # Where some types are left open, any may follow from a name.
    typed = _assign_types(naming, [name for name, _ in pairs], aligned, [] if "" in types else types)
    for (name, weight), (_, names) in zip(pairs, typed, strict=True):
        if weight is not None and len(names) != 1:
            remedy = f"{truncate(name)!r} names {len(names)} cargos. Join them by {JOINT} and give each its weight"
            _refuse(NAME, "ambiguous", remedy, text)
    cargos = [(cargo_type, name) for cargo_type, names in typed for name in names]
    met: dict[tuple[str, str, bool], CargoName] = {}
    for cargo_type, read in cargos:
        key = (cargo_type, read.name, read.silences)
        if earlier := met.get(key):
            remedy = f"{earlier.given} and {read.given} are one cargo. Give it once, with the sum of its weights"
            _refuse(NAME, "repeated", remedy, text)
        met[key] = read
    types = [cargo_type for cargo_type, _ in cargos]
    carried = Cargo(
        join_terms(types),
        tuple(name for _, name in cargos),
        tuple(types) if len(set(types)) > 1 else (),
        tuple(weight for _, weight in pairs if weight is not None),
    )
    notes = [
        Normalization(NAME, each.given, each.name, each.how, each.identifier, each.alternatives)
        for each in carried.names
    ]
    notes += note_assumption(carried, text)
    return ParsedValue(write_names(carried), tuple(notes), carried)


def write_names(cargo: Cargo) -> str:
    """The names of a cargo with their weights, as they are read back."""
    if not cargo.weights:
        return JOINT.join(name.name for name in cargo.names)
    pairs = zip(cargo.names, cargo.weights, strict=True)
    return JOINT.join(f"{name.name}{WEIGHT}{write_weight(weight)}" for name, weight in pairs)


def note_assumption(cargo: Cargo, given: str) -> list[Normalization]:
    """What is said of a set that states what no finding does."""
    if not cargo.is_assumed:
        return []
    return [Normalization(NAME, given, write_names(cargo), ASSUMED, remark=f"{describe_shares(cargo)} {ASSUMPTION}")]


ASSUMPTION = (
    "This is an assumption: no finding in the training data states weights of cargos, so the model did not learn it"
)


def describe_shares(cargo: Cargo) -> str:
    """How the cargos of a set are weighed, in a sentence."""
    pairs = zip(cargo.names, cargo.shares, strict=True)
    shares = ", ".join(f"{name.name} {percent(share)}" for name, share in pairs)
    equally = "" if cargo.weights else "equally, since no weights are stated, and so "
    return f"Each cargo counts {equally}with its share ({shares})."


def _assign_types(
    naming: NameResolver, names: Sequence[str], aligned: Sequence[str], stated: Sequence[str]
) -> list[tuple[str, tuple[CargoName, ...]]]:
    """The type and the reading of each name: by the type in its place where it fits, else by the one that its name tells.

    Raises CandidateError where there is none, or several.
    """
    typed, faults = [], []
    for name, cargo_type in zip(names, aligned, strict=True):
        read = naming.cargos(cargo_type, name)
        if not (cargo_type and _fit(cargo_type, read)):
            fitting = _fitting_types(naming, name, stated)
            cargo_type = fitting[0] if len(fitting) == 1 else ""
            if not cargo_type:
                faults.append(_untyped(name, read, fitting, stated))
            read = naming.cargos(cargo_type, name)
        typed.append((cargo_type, read))
    if faults:
        example = JOINT.join(
            cargo_type or ("mirna" if read[0].kind == "unknown" else types_of_kind(read[0].kind)[0])
            for cargo_type, read in typed
        )
        remedy = f"{'. '.join(faults)}. Give a type for each cargo in the order of the names, such as {example}"
        _refuse(TYPE, "ambiguous", remedy, JOINT.join(stated) or None)
    return typed


def _fit(cargo_type: str, names: Iterable[CargoName]) -> bool:
    return all(is_of_type(cargo_type, name.kind) for name in names)


def _fitting_types(naming: NameResolver, text: str, stated: Sequence[str]) -> list[str]:
    """The types that a name can be of, among those that are stated, if any is."""
    if not stated:
        kinds = {name.kind for name in naming.cargos("", text)}
        return list(types_of_kind(kinds.pop())) if len(kinds) == 1 and "unknown" not in kinds else []
    reads = {cargo_type: naming.cargos(cargo_type, text) for cargo_type in dict.fromkeys(stated)}
    return [
        cargo_type
        for cargo_type, names in reads.items()
        if _fit(cargo_type, names) and all(name.kind != "unknown" for name in names)
    ]


def _untyped(text: str, names: Sequence[CargoName], fitting: Sequence[str], stated: Sequence[str]) -> str:
    """Why a name has no type."""
    if fitting:
        return f"{truncate(text)} can be of the types {' or '.join(fitting)}"
    if names[0].kind == "unknown":
        return f"The type of {truncate(text)} does not follow from its name"
    return f"{truncate(text)} is {KINDS[names[0].kind]}, which no stated type is ({' or '.join(dict.fromkeys(stated))})"


def _without_weight(names: Sequence[str]) -> str:
    """What is wrong with a set of which some cargos have no weight."""
    has = "has" if len(names) == 1 else "have"
    return (
        f"{' and '.join(map(truncate, names))} {has} no weight. Give every cargo a weight, such as {EXAMPLE}, or none"
    )


def _refuse(field: str, code: str, says: str, given: object = None) -> NoReturn:
    raise CandidateError([FieldError(field, code, says, given)])
