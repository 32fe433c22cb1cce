"""What an installation exports for others holds its own findings beside the shipped ones, and claims no licence on them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import frictionless

from service.findings import corpus_sync
from service.findings.repository import FindingRepository
from service.findings.search import Filters
from service.findings.serializers import PACKAGE, export
from tests.service.findings.rows import row

# As people write them: in synonyms, with a formula, with quotes, and with a cancer type that nobody knows.
OWN = {
    "cargo_type": "microRNA",
    "source_cell": "macrophages",
    "cancer_type": 'a "new" cancer, of ours',
    "dose": "=1+1",
    "cell_model": '"THP-1", M2',
    "processes": "proliferation;apoptosis",
}


def package(findings: FindingRepository, **filters: Any) -> tuple[bytes, Mapping[str, Any]]:
    """The archive and its Frictionless descriptor."""
    content = b"".join(export(findings, Filters(**filters), PACKAGE))
    descriptor: dict[str, Any] = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("datapackage.json"))
    return content, descriptor


def test_a_package_has_own_findings_and_names_a_licence_only_without_them(
    findings: FindingRepository, tmp_path: Path
) -> None:
    corpus_sync.load(findings)
    shipped, descriptor = package(findings)
    assert descriptor["licenses"][0]["name"] == "Apache-2.0"
    (added,) = findings.add([row(**OWN)], "tests").added
    content, descriptor = package(findings)
    assert "licenses" not in descriptor
    path = tmp_path / "package.zip"
    path.write_bytes(content)
    report = frictionless.validate(str(path))
    assert report.valid, report.flatten(["type", "fieldName", "note"])
    rows = {one["finding_id"]: one for one in frictionless.Package(str(path)).get_resource("findings").read_rows()}
    own = rows[added.finding_id]
    assert own["cancer_type"] == OWN["cancer_type"]
    assert own["cell_model"] == OWN["cell_model"]
    assert own["dose"] == "'=1+1"
    assert (own["cargo_type"], own["source_cell"]) == ("mirna", "macrophage")
    assert package(findings, origin="corpus")[0] == shipped
    one, _ = package(findings, origin="lab")
    assert zipfile.ZipFile(io.BytesIO(one)).read("findings.csv").count(b"\n") == 2


def test_a_shipped_finding_that_was_changed_here_is_an_own_one(findings: FindingRepository) -> None:
    corpus_sync.load(findings)
    findings.correct("EXF-5f0084ae", {"dose": "1 µg"}, "tests", "from the supplement")
    assert "licenses" not in package(findings)[1]


def test_a_package_of_no_finding_is_one(findings: FindingRepository, tmp_path: Path) -> None:
    path = tmp_path / "package.zip"
    path.write_bytes(package(findings)[0])
    assert frictionless.validate(str(path)).valid
