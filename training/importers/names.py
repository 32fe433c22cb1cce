"""The names of the tables as the project's own: stems of microRNAs, gene symbols, lncRNAs. Each name is resolved once."""

from functools import cache

from models.naming.resolver import NameResolver

# The type of cargo whose names are read as the table's are, and the kinds that a name may turn out to be.
_READ_AS = {"mirna": "mirna", "gene": "protein", "lncrna": "lncrna"}
_KINDS = {"mirna": ("mirna",), "gene": ("gene",), "lncrna": ("lncrna", "circrna")}
# Official symbols are looked up as such: the alias of one gene is often the symbol of another (COX2: MT-CO2, or PTGS2).
_OFFICIAL = ("exact", "symbol", "previous symbol")


class Names:
    """Resolves the names of one kind of cargo; an empty text stands for a name that is not known, or not of that kind."""

    def __init__(self, naming: NameResolver) -> None:
        self._cargo = cache(naming.cargo)

    def resolve(self, kind: str, name: str, identifier: str = "") -> str:
        """The name under which votes on a cargo are counted. A gene's `identifier` (HGNC), if given, has to be its own."""
        cargo = self._cargo(_READ_AS[kind], name)
        if cargo.kind not in _KINDS[kind] or cargo.silences or (kind == "lncrna" and not cargo.recognised):
            return ""
        if cargo.how == "species":
            return ""
        if kind == "gene" and (cargo.how not in _OFFICIAL or identifier not in ("", cargo.identifier)):
            return ""
        return cargo.stem

    def resolve_mature(self, name: str) -> str:
        """A microRNA with its arm, if one is given."""
        return self._cargo("mirna", name).name if self.resolve("mirna", name) else ""
