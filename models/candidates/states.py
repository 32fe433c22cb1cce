"""The state of a cargo, read together with what is carried: cells make some cargos, and others come only from outside."""

from dataclasses import replace

from models.candidates.candidate import Normalization, ParsedValue
from models.candidates.cargo import SIRNA, Cargo
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
    """Whether cells do not make a cargo: drugs, particles, siRNAs and inhibitors."""
    if cargo.cargo_type in _MADE_OUTSIDE or any(name.silences for name in cargo.names):
        return True
    return cargo.cargo_type not in _MADE_INSIDE and any(name.kind == "small_molecule" for name in cargo.names)


def read_state(cargo: Cargo, state: str, secretes_drugs: bool) -> tuple[Cargo, str]:
    """Cargo and state as they are meant together. `state` is empty where it is not stated; see `secretes_drugs`.

    Raises CandidateError where no vesicle carries such a cargo in such a state.
    """
    outside = is_made_outside(cargo)
    if not state:
        return cargo, _LOADED if outside else _NATIVE
    if state == _DEPLETED and cargo.names and all(name.silences for name in cargo.names):
        # An inhibitor, and a vesicle depleted by it, are two words for one thing.
        return replace(cargo, names=tuple(map(_silenced, cargo.names))), state
    is_secreted = secretes_drugs and cargo.cargo_type == "small_molecule"
    if outside and not is_secreted and state in (_NATIVE, _DEPLETED):
        raise CandidateError([FieldError("cargo_state", "not_applicable", _remedy(cargo, state), given=state)])
    return cargo, state


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
    if carried is not cargo.cargo:
        pairs = zip(cargo.cargo.names, carried.names, strict=True)
        why = "Inhibitor and depletion describe the same change, so the vesicle was read as lacking this cargo"
        notes = (
            Normalization("cargo_name", name.given, lacking.name, "implied", name.identifier, name.alternatives, why)
            for name, lacking in pairs
        )
        cargo = ParsedValue("+".join(name.name for name in carried.names), tuple(notes), carried)
    return cargo, state


def _silenced(name: CargoName) -> CargoName:
    """What an inhibitor silences."""
    silenced = name.stem if name.kind == "gene" else name.name.removeprefix("anti-")
    return name._replace(name=silenced, silences=False)


def _remedy(cargo: Cargo, state: str) -> str:
    carried = "+".join(name.name for name in cargo.names) or f"a {cargo.cargo_type}"
    if cargo.cargo_type == SIRNA:
        carried = f"siRNA against {carried}"
    cannot = "no vesicle carries it natively" if state == _NATIVE else "it cannot be depleted"
    remedy = f"Cells do not make {carried}, so {cannot}. Use loaded, or leave cargo_state empty"
    if cargo.cargo_type == SIRNA and state == _DEPLETED:
        remedy += ". If the gene was silenced in the source cell, give the cargo_type of what the vesicle lacks"
    elif cargo.cargo_type == "small_molecule":
        remedy += ". What the source cell makes itself is a metabolite or a lipid"
    return remedy
