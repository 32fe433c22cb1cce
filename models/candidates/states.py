"""The state of a cargo, read together with what is carried: cells make some cargos, and others come only from outside."""

from collections.abc import Sequence
from dataclasses import replace

from models.candidates.candidate import Normalization, ParsedValue
from models.candidates.cargo import JOINT, SIRNA, Cargo, join_terms
from models.candidates.cargo_sets import note_assumption, write_names
from models.errors import CandidateError, FieldError
from models.naming.resolver import CargoName

# Types of cargo that cells do not make.
_MADE_OUTSIDE = ("small_molecule", "nanoparticle", SIRNA, "oncolytic_virus")
# Types of small molecules that cells do make.
_MADE_INSIDE = ("lipid", "metabolite")
# What secretes natural drugs with its vesicles, as cucumbers do cucurbitacin.
_SECRETES_DRUGS = ("plant", "milk")
_NATIVE, _LOADED, _DEPLETED = "native", "loaded", "depleted"


def is_made_outside(cargo: Cargo) -> bool:
    """Whether cells do not make a cargo, or one of a set: drugs, particles, siRNAs and inhibitors."""
    return cargo.cargo_type in _MADE_OUTSIDE or bool(_made_outside(cargo))


def _made_outside(cargo: Cargo) -> list[tuple[str, CargoName]]:
    """The named cargos that cells do not make, each with its type."""
    return [
        (cargo_type, name)
        for cargo_type, name in zip(cargo.type_of_each, cargo.names, strict=True)
        if cargo_type in _MADE_OUTSIDE
        or name.silences
        or (name.kind == "small_molecule" and cargo_type not in _MADE_INSIDE)
    ]


def read_state(cargo: Cargo, state: str, secretes_drugs: bool) -> tuple[Cargo, str]:
    """Cargo and state as they are meant together. `state` is empty where it is not stated; see `secretes_drugs`.

    Raises CandidateError where no vesicle carries such a cargo in such a state.
    """
    if JOINT in state:
        return _read_states(cargo, state.split(JOINT), secretes_drugs)
    outside = is_made_outside(cargo)
    if not state:
        return cargo, _LOADED if outside else _NATIVE
    if state == _DEPLETED and cargo.names and all(name.silences for name in cargo.names):
        # An inhibitor, and a vesicle depleted by it, are two words for one thing.
        return replace(cargo, names=tuple(map(_silenced, cargo.names))), state
    types = {cargo_type for cargo_type, _ in _made_outside(cargo)} or {cargo.cargo_type}
    is_secreted = secretes_drugs and types == {"small_molecule"}
    if outside and not is_secreted and state in (_NATIVE, _DEPLETED):
        raise CandidateError([FieldError("cargo_state", "not_applicable", _remedy(cargo, state), given=state)])
    return cargo, state


def _read_states(cargo: Cargo, states: Sequence[str], secretes_drugs: bool) -> tuple[Cargo, str]:
    """`read_state` for the cargos of a set, each in a state of its own."""
    if len(states) != len(cargo.names):
        count = f"{len(cargo.names)} cargo{'' if len(cargo.names) == 1 else 's'}, but {len(states)} states"
        remedy = f"There are {count}. Give one state for all, or one for each, joined by {JOINT}"
        raise CandidateError([FieldError("cargo_state", "ambiguous", remedy, given=JOINT.join(states))])
    alone = [
        read_state(Cargo(cargo_type, (name,)), state, secretes_drugs)
        for cargo_type, name, state in zip(cargo.type_of_each, cargo.names, states, strict=True)
    ]
    used = [state for _, state in alone]
    if len(set(used)) == 1:
        return read_state(cargo, used[0], secretes_drugs)
    names = tuple(name for carried, _ in alone for name in carried.names)
    return replace(cargo, names=names, states=tuple(used)), join_terms(used)


def secretes_drugs(source_cell: str) -> bool:
    """Whether a source makes small molecules that others know as drugs."""
    return source_cell in _SECRETES_DRUGS


def read_together(cargo: ParsedValue, state: ParsedValue, secretes_drugs: bool) -> tuple[ParsedValue, ParsedValue]:
    """`read_state` for two fields of a candidate, which say how they were read."""
    carried, used = read_state(cargo.cargo, state.value, secretes_drugs)
    if not state.value:
        why = "" if used == _NATIVE else "Cells do not make this cargo, so it was read as loaded"
        how = "implied" if why else "default"
        state = ParsedValue(used, (Normalization("cargo_state", "", used, how, remark=why),))
    elif used != state.value:
        state = ParsedValue(used, (*state.notes, Normalization("cargo_state", state.value, used, "default")))
    if carried.names == cargo.cargo.names and carried is not cargo.cargo:
        assumed = () if cargo.cargo.is_assumed else note_assumption(carried, cargo.value)
        cargo = ParsedValue(cargo.value, (*cargo.notes, *assumed), carried)
    elif carried is not cargo.cargo:
        pairs = zip(cargo.cargo.names, carried.names, strict=True)
        why = "Inhibitor and depletion describe the same change, so the vesicle was read as lacking this cargo"
        notes = (
            Normalization("cargo_name", name.given, lacking.name, "implied", name.identifier, name.alternatives, why)
            for name, lacking in pairs
        )
        cargo = ParsedValue(
            write_names(carried), (*notes, *note_assumption(carried, write_names(cargo.cargo))), carried
        )
    return cargo, state


def _silenced(name: CargoName) -> CargoName:
    """What an inhibitor silences."""
    silenced = name.stem if name.kind == "gene" else name.name.removeprefix("anti-")
    return name._replace(name=silenced, silences=False)


def _remedy(cargo: Cargo, state: str) -> str:
    carried = JOINT.join(name.name for _, name in _made_outside(cargo)) or f"a {cargo.cargo_type}"
    if cargo.cargo_type == SIRNA:
        carried = f"siRNA against {carried}"
    cannot = "no vesicle carries it natively" if state == _NATIVE else "it cannot be depleted"
    remedy = f"Cells do not make {carried}, so {cannot}. Use loaded, or leave cargo_state empty"
    if len(cargo.names) > 1:
        remedy += f". For cargos in several states give that of each, such as {_NATIVE}{JOINT}{_LOADED}"
    if cargo.cargo_type == SIRNA and state == _DEPLETED:
        remedy += ". If the gene was silenced in the source cell, give the cargo_type of what the vesicle lacks"
    elif cargo.cargo_type == "small_molecule":
        remedy += ". What the source cell makes itself is a metabolite or a lipid"
    return remedy
