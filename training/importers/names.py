"""The names of the tables as the project's own: stems of microRNAs, gene symbols, lncRNAs. Each name is resolved once."""

from __future__ import annotations

from functools import cache

from models.naming.resolver import CargoName, NameResolver

# Official symbols are looked up as such: the alias of one gene is often the symbol of another (COX2: MT-CO2, or PTGS2).
_OFFICIAL = ("exact", "symbol", "previous symbol")


class Names:
    """Resolves the names of one kind of cargo; an empty text stands for a name that is not known, or not of that kind."""

    def __init__(self, naming: NameResolver) -> None:
        self._naming = naming
        self.mature = cache(self._mature)
        self.gene = cache(self._gene)
        self._of_kind = {"mirna": cache(self._stem), "gene": self.gene, "lncrna": cache(self._lncrna)}

    def of(self, kind: str, name: str, identifier: str = "") -> str:
        """The name under which votes on a cargo are counted. A gene's `identifier` (HGNC), if given, has to be its own."""
        return self._of_kind[kind](name, identifier)

    def _stem(self, name: str, identifier: str = "") -> str:
        found = self._mirna(name)
        return found.stem if found else ""

    def _mature(self, name: str) -> str:
        """A microRNA with its arm, if one is given."""
        found = self._mirna(name)
        return found.name if found else ""

    def _mirna(self, name: str) -> CargoName | None:
        found = self._naming.cargo("mirna", name)
        return found if found.kind == "mirna" and not found.silences else None

    def _gene(self, symbol: str, identifier: str = "") -> str:
        found = self._naming.cargo("protein", symbol)
        official = found.kind == "gene" and found.how in _OFFICIAL and not found.silences
        return found.stem if official and identifier in ("", found.identifier) else ""

    def _lncrna(self, name: str, identifier: str = "") -> str:
        found = self._naming.cargo("lncrna", name)
        return found.stem if found.kind in ("lncrna", "circrna") and found.recognised and not found.silences else ""
