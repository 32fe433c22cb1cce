"""Reads a lab's own copies of the public tables on cargo: which role papers report, and which targets they validated."""

from training.importers.imported import IMPORTERS, Imported, import_table

__all__ = ["IMPORTERS", "Imported", "import_table"]
