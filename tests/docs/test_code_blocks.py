"""What a page tells its reader to run is run: every bash and python block of the READMEs, the tutorial and the guides, in order.

All pages share one installation that is trained and served. Blocks of other languages (console, text, ini …) are not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from models.estimator.features import Features
from tests import workbooks
from tests.journeys.lab import Lab, make_lab
from tests.service.batch.files import write
from training.data.findings import Finding
from training.evaluation.cross_validation import EvaluationPlan
from training.pipeline import train_model

ROOT = Path(__file__).parent.parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "client" / "README.md",
    ROOT / "docs" / "tutorial.md",
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
]
BLOCK = re.compile(r"(?ms)^( *)```(bash|python)\n(.*?)^\1```$")
FEW_PAPERS = 70
ROW = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p"}


def blocks_of(page: Path) -> list[tuple[str, str]]:
    """The language and the code of each block."""
    return [(language, dedent(code)) for _, language, code in BLOCK.findall(page.read_text("utf-8"))]


@pytest.fixture(scope="session")
def installation(
    tmp_path_factory: pytest.TempPathFactory, corpus: tuple[Finding, ...], features: Features
) -> Iterator[Lab]:
    """A running installation with so few findings that a training takes seconds, and a model that learned from them."""
    papers = sorted({finding.paper for finding in corpus})[:FEW_PAPERS]
    bundle, _ = train_model(
        [finding for finding in corpus if finding.paper in papers], features, EvaluationPlan(jobs=1)
    )
    var = tmp_path_factory.mktemp("documents") / "var"
    installation = make_lab(var, bundle, papers=FEW_PAPERS, workers=1)
    installation.start()
    try:
        yield installation
    finally:
        installation.stop()


@pytest.fixture
def folder(tmp_path: Path, installation: Lab) -> Path:
    """Where a reader works: the installation lies there as `var` and `lab`, and files of candidates lie beside it."""
    for name in ("var", "lab"):
        (tmp_path / name).symlink_to(installation.settings.var)
    for name in ("library.csv", "library.tsv", "library.jsonl", "library.parquet", "plates.csv", "list.csv"):
        write(tmp_path / name, [ROW])
    (tmp_path / "plates.xlsx").write_bytes(workbooks.xlsx({"Plate 1": [], "Plate 2": [list(ROW), list(ROW.values())]}))
    (tmp_path / "bare.csv").write_text("M2,mirna,miR-21-5p,3\n", encoding="utf-8")
    (tmp_path / "library").mkdir()
    write(tmp_path / "library" / "part-0.csv", [ROW])
    return tmp_path


def test_every_page_that_teaches_has_blocks_to_run() -> None:
    assert {page.name for page in PAGES if not blocks_of(page)} <= {"index.md", "design-on-a-page.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_run(installation: Lab, folder: Path, page: Path) -> None:
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("EXOSCORE_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), inherited["PATH"]])
    environment = {**inherited, "EXOSCORE_VAR": str(installation.settings.var), "PATH": path}
    for language, code in blocks_of(page):
        code = code.replace("http://127.0.0.1:8000", installation.address).replace("exo_…", installation.key)
        command = ["bash", "-euo", "pipefail", "-c", code] if language == "bash" else [sys.executable, "-c", code]
        process = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL
        )
        assert process.returncode == 0, f"{code}\n{process.stdout}\n{process.stderr}"
        # curl ends well whatever the answer is.
        assert "urn:exoscore:problem" not in process.stdout or language == "python", process.stdout
