"""The data package is loaded by the libraries of others, offline, as the same rows; its descriptors are true of its tables."""

from __future__ import annotations

import hashlib
import io
import json
import socket
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import frictionless
import mlcroissant
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formulas import unmark_formulas
from models.knowledge.sources import SHIPPED_ROLES
from models.vocabulary import vocabulary
from models.vocabulary.tsv import read_table
from training.data.data_package import write_package
from training.data.findings import COLUMNS, CORPUS, LIST_COLUMNS

# Of rdflib, which mlcroissant reads descriptors with.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
Rows = Sequence[Mapping[str, str]]
SHIPPED = read_table(CORPUS)
LAB = {"finding_id": "LAB-1", "paper": "lab:notebook 7", "source_phenotype": "M1", "cargo_type": "mirna"} | {
    "cargo_name": "miR-21-5p",
    "effect": "promoting",
}
SEPARATORS = dict.fromkeys(LIST_COLUMNS, ";") | {"aliases": "|"}


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def archive() -> bytes:
    return write_package(SHIPPED, are_shipped=True)


@pytest.fixture
def folder(tmp_path: Path, archive: bytes) -> Path:
    """Where somebody unpacked it."""
    zipfile.ZipFile(io.BytesIO(archive)).extractall(tmp_path)
    return tmp_path


def expected_tables() -> dict[str, Rows]:
    terms = [
        {"field": field, **row} for field in vocabulary.FIELDS for row in read_table(vocabulary.HERE / f"{field}.tsv")
    ]
    return {"findings": SHIPPED, "vocabulary": terms, "cargo_roles": read_table(SHIPPED_ROLES)}


def plain(records: Iterator[dict[str, Any]]) -> list[dict[str, str]]:
    """The records of Croissant as cells of a table, empty ones left out."""
    rows = []
    for record in records:
        cells = {}
        for name, value in record.items():
            column = name.partition("/")[2]
            if isinstance(value, list):
                cells[column] = SEPARATORS[column].join(part.decode() for part in value)
            elif value is not None:
                cells[column] = value.decode() if isinstance(value, bytes) else str(value)
        rows.append(cells)
    return rows


def stated(rows: Rows) -> list[dict[str, str]]:
    return [{name: text for name, text in row.items() if text} for row in rows]


@pytest.mark.parametrize("table", ["findings", "vocabulary", "cargo_roles"])
def test_croissant_loads_every_row_as_it_is_shipped(folder: Path, table: str) -> None:
    dataset = mlcroissant.Dataset(str(folder / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    assert plain(dataset.records(table)) == stated(expected_tables()[table])


def test_frictionless_finds_the_package_valid_and_reads_the_same_rows(
    tmp_path: Path, folder: Path, archive: bytes
) -> None:
    (tmp_path / "package.zip").write_bytes(archive)
    for source in (folder / "datapackage.json", tmp_path / "package.zip"):
        report = frictionless.validate(str(source))
        assert report.valid, report.flatten(["type", "note", "rowNumber", "fieldName"])
    package = frictionless.Package(str(folder / "datapackage.json"))
    for name, expected in expected_tables().items():
        rows = [
            {column: str(value) for column, value in row.to_dict().items() if value is not None}
            for row in package.get_resource(name).read_rows()
        ]
        assert rows == stated(expected)


def test_what_was_changed_after_the_export_is_found(folder: Path) -> None:
    table = folder / "findings.csv"
    table.write_bytes(table.read_bytes().replace(b"suppressing", b"oppressing!", 1))
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert {kind for (kind,) in report.flatten(["type"])} >= {"constraint-error", "hash-count"}
    with pytest.raises(Exception, match=r"Download\(findings\.csv\)"):
        list(mlcroissant.Dataset(str(folder / "croissant.json")).records("findings"))


def test_the_descriptors_describe_every_column_and_agree(archive: bytes) -> None:
    opened = zipfile.ZipFile(io.BytesIO(archive))
    croissant, package = (json.loads(opened.read(name)) for name in ("croissant.json", "datapackage.json"))
    for resource, record_set in zip(package["resources"], croissant["recordSet"], strict=True):
        content = opened.read(resource["path"])
        header = content.split(b"\n", 1)[0].decode().split(",")
        assert [field["name"] for field in resource["schema"]["fields"]] == header
        assert [field["name"] for field in record_set["field"]] == header
        assert all(
            field["description"].endswith(".") or field["description"][-2] == " " for field in record_set["field"]
        )
        (of_file,) = (one for one in croissant["distribution"] if one["name"] == resource["path"])
        digest = hashlib.sha256(content).hexdigest()
        assert (of_file["sha256"], resource["hash"]) == (digest, f"sha256:{digest}")
        assert (of_file["contentSize"], resource["bytes"]) == (f"{len(content)} B", len(content))
    assert [field["name"] for field in package["resources"][0]["schema"]["fields"]] == list(COLUMNS)


def test_the_same_findings_make_the_same_bytes_and_other_licences_are_not_claimed(archive: bytes) -> None:
    assert write_package(SHIPPED, are_shipped=True) == archive
    own = zipfile.ZipFile(io.BytesIO(write_package([LAB], are_shipped=False)))
    assert "licenses" not in json.loads(own.read("datapackage.json"))
    assert "license" not in json.loads(own.read("croissant.json"))


TEXT = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=30).map(
    lambda text: " ".join(text.split())
)


@given(rows=st.lists(st.fixed_dictionaries({"title": TEXT, "quote": TEXT, "cargo_name": TEXT}), min_size=1, max_size=4))
def test_whatever_stands_in_a_cell_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, str]]
) -> None:
    findings = [LAB | {"finding_id": f"LAB-{number}"} | row for number, row in enumerate(rows)]
    path = tmp_path_factory.mktemp("package") / "package.zip"
    path.write_bytes(write_package(findings, are_shipped=False))
    report = frictionless.validate(str(path))
    assert report.valid, report.flatten(["type", "note"])
    read = frictionless.Package(str(path)).get_resource("findings").read_rows()
    for row, expected in zip(read, rows, strict=True):
        assert {name: unmark_formulas(row[name] or "") for name in expected} == expected
