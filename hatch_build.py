"""Puts the stamp of the commit and of the lock file into packages, from which `models/provenance.py` reads it."""

import json
import runpy
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ProvenanceHook(BuildHookInterface):
    """Stamps a wheel and a source archive. A clone that is installed as editable asks Git each time."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the stamp to what is packaged."""
        if version == "editable":
            return
        root = Path(self.root)
        module = runpy.run_path(str(root / "models" / "provenance.py"))
        self._folder = tempfile.TemporaryDirectory()
        stamp = Path(self._folder.name, "provenance.json")
        stamp.write_text(json.dumps(module["provenance"](root), indent=1) + "\n", encoding="utf-8")
        build_data["force_include"][str(stamp)] = module["STAMP"]
