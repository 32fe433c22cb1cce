"""Reads a lab's own copies of the public tables on cargo: which role papers report, and which targets they validated."""

from training.importers.imported import IMPORTERS, ImportedTable, import_table

__all__ = ["IMPORTERS", "ImportedTable", "import_table"]
