"""Families of cargos, of which a shortlist takes only a few: microRNAs of one seed, genes of one root symbol.

HGNC gives related genes one root symbol (CXCL9, CXCL10; Bruford et al. 2020, doi:10.1038/s41588-020-0669-3). Some roots say
only that a gene codes for a surface antigen, or that nothing is known of it; of those each gene counts by itself.
"""

from __future__ import annotations

import re

from models.candidates.cargo import Cargo
from models.naming.resolver import CargoName

_MIRNA_ROOT = re.compile(r"(?:miR|let)-\d+")
_ROOT = re.compile(r"(?P<root>[A-Z]{2,})\d+[A-Z]?\d*")
# Roots that name no family: surface antigens, open reading frames, and genes called after nothing but their number.
_NO_FAMILY = frozenset(("CD", "LINC", "LOC", "FAM", "TMEM", "CCDC", "KIAA", "ORF", "SNHG", "MIR", "ZNF", "DUF"))


def family_of(cargo: Cargo) -> str:
    """The family of what is carried, several co-loaded cargos joined by `+`; the type where no cargo is named."""
    return "+".join(sorted({_family(name) for name in cargo.names})) or cargo.cargo_type


def _family(name: CargoName) -> str:
    if name.kind == "mirna" and name.seed:
        return f"seed {name.seed}"
    stem = name.stem or name.name
    if name.kind == "mirna":
        numbered = _MIRNA_ROOT.match(stem)
        return numbered[0] if numbered else stem
    root = _ROOT.fullmatch(stem) if name.kind == "gene" else None
    return f"{root['root']} family" if root and root["root"] not in _NO_FAMILY else stem
