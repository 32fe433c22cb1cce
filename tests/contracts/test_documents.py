"""Documents cannot lie: what a command can make is made by one, their code runs, and their links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from training.findings import Finding

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/*.md", "training/*.md", "models/*/*.md") for path in ROOT.glob(pattern)
)


def test_outputs_and_figures_in_the_documents_are_those_of_the_commands() -> None:
    done = subprocess.run([sys.executable, ROOT / "docs" / "write.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_python_of_the_readme_runs_beside_a_var_folder(trained_var: Path, tmp_path: Path) -> None:
    (tmp_path / "var").symlink_to(trained_var)
    (code,) = re.findall(r"(?s)```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"))
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(("suppressing", "promoting", "undetermined"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_named_paths_exist(document: Path) -> None:
    text = document.read_text("utf-8")
    linked = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target]
    named = re.findall(r"`((?:models|training|service|tests|docs|benchmarks)/[\w./]*)`", text)
    missing = [target for target in linked if not (document.parent / target).exists()]
    missing += [target for target in named if not (ROOT / target).exists()]
    assert missing == []


def test_the_datasheets_counts_are_those_of_the_file(corpus: tuple[Finding, ...]) -> None:
    text = " ".join((ROOT / "training" / "DATASHEET.md").read_text("utf-8").split())
    suppressing = sum(finding.suppressing for finding in corpus)
    papers = len({finding.paper for finding in corpus})
    assert (
        f"{len(corpus)} findings of {papers} primary papers: {suppressing} suppressing, {len(corpus) - suppressing}"
        in text
    )

    def cells(name: str) -> int:
        return sum(finding.candidate.source_cell == name for finding in corpus)

    of_cells = [cells(name) for name in ("macrophage", "mesenchymal_stem_cell", "cancer_cell")]
    assert "Macrophages ({} findings), mesenchymal stem cells ({}) and cancer cells ({})".format(*of_cells) in text
    mirnas = sum(finding.candidate.cargo_type == "mirna" for finding in corpus)
    assert f"microRNAs are {mirnas} of the cargos" in text
    without = sum(not any(finding.citation[kind] for kind in ("pmid", "doi", "pmcid")) for finding in corpus)
    assert f"{without} findings have no identifier" in text


def test_every_make_target_that_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {name for path in DOCUMENTS for name in re.findall(r"`?make (\w+)`?", path.read_text("utf-8"))}
    assert {"serve", "test", "check", "install", "lock"} <= targets
    assert {name for name in named if name in ("install", "serve", "test", "check", "lock", "clean")} <= targets


def test_the_lock_files_pin_every_package_by_hash_and_name_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        blocks = re.split(r"\n(?=\S)", text.strip())
        assert all("==" in block and "--hash=sha256:" in block for block in blocks), name
