"""Findings, vocabulary and cargo roles as one archive that others can load: tables in CSV, and their columns described as
Croissant (MLCommons, version 1.0) and as a Frictionless data package.

A descriptor has the size and the digest of each table, so both are made from the tables at each export.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from models.candidates.candidate import FIELD_BY_NAME
from models.knowledge.sources import SHIPPED_ROLES
from models.vocabulary import vocabulary
from models.vocabulary.tsv import read_table
from models.vocabulary.vocabulary import Vocabulary
from training.data.columns import describe_column
from training.data.findings import COLUMNS, LIST_COLUMNS, RELEASE
from training.data.tabular import format_rows

CROISSANT, FRICTIONLESS, README = "croissant.json", "datapackage.json", "README.md"
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
TITLE = "Exoscore findings"
DESCRIPTION = (
    "What papers report of the effect of exosomes (extracellular vesicles) on tumours: one finding a row, with its citation; "
    "the vocabulary of its terms; and how often independent reports call a cargo tumour-suppressing or tumour-promoting. For "
    "research use only."
)
_ROLES_TERMS = (
    "Counts of miRCancer, HMDD, CancerMine and LncTarD, which keep their own terms: use for research, and cite them."
)
_LICENCE = {"name": "Apache-2.0", "path": "https://www.apache.org/licenses/LICENSE-2.0"}
_EMPTY = "A cell that a spreadsheet would run as a formula begins with an apostrophe. An empty cell means not stated."
_README = f"""# {TITLE}

{DESCRIPTION}

{_EMPTY}

With Croissant (`pip install mlcroissant`), in the folder that this archive was unpacked to:

    import mlcroissant
    records = mlcroissant.Dataset("{CROISSANT}").records("findings")

With Frictionless (`pip install frictionless`):

    from frictionless import Package
    rows = Package("{FRICTIONLESS}").get_resource("findings").read_rows()

The tables are CSV in UTF-8, and can be read without either.
"""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its cells are numbers (`is_number`), several terms joined by `separator`, or one of `terms`."""

    name: str
    description: str
    is_number: bool = False
    separator: str = ""
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """A table; `key` names the columns by which a row is known."""

    name: str
    description: str
    columns: Sequence[_Column]
    key: Sequence[str]
    rows: Iterable[Mapping[str, str]]

    @property
    def path(self) -> str:
        """The name of its file."""
        return f"{self.name}.csv"

    @property
    def content(self) -> bytes:
        """The file."""
        return "".join(format_rows(self.rows, [column.name for column in self.columns], by_commas=True)).encode()


def write_package(findings: Iterable[Mapping[str, str]], are_shipped: bool) -> bytes:
    """A zip archive of the cells of findings beside the vocabulary and the roles, the same bytes for the same findings.

    Only where all of them are of the shipped corpus (`are_shipped`) does it name a licence: those of a laboratory are its own.
    """
    tables = {table: table.content for table in (_findings(findings), _vocabulary(), _roles())}
    descriptors = {CROISSANT: _croissant(tables, are_shipped), FRICTIONLESS: _frictionless(tables, are_shipped)}
    members = {
        README: _README.encode(),
        **{name: json.dumps(document, indent=1, ensure_ascii=False).encode() for name, document in descriptors.items()},
        **{table.path: content for table, content in tables.items()},
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        for name, content in members.items():
            out.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def _findings(rows: Iterable[Mapping[str, str]]) -> _Table:
    words = Vocabulary.load()
    closed = {
        name
        for name, field in FIELD_BY_NAME.items()
        if field.controlled and not (field.open or field.many or name == "source_phenotype")
    } | {"effect", "evidence", "grade"}
    columns = [
        _Column(
            name,
            describe_column(name),
            is_number=name in ("pmid", "year"),
            separator=";" if name in LIST_COLUMNS else "",
            terms=words.names(name) if name in closed else (),
        )
        for name in COLUMNS
    ]
    return _Table("findings", f"Findings of papers, from the release {RELEASE} on.", columns, ["finding_id"], rows)


def _vocabulary() -> _Table:
    columns = [
        _Column("field", "The field or table that the term belongs to.", terms=vocabulary.FIELDS),
        _Column("term", "The canonical name."),
        _Column("curie", "The identifier in an ontology or database, where one is sure."),
        _Column("parent", "The more general term."),
        _Column("aliases", "What people write for it.", separator="|"),
        _Column("definition", "What it means."),
        _Column("source_cells", "Of a phenotype: the source cells that can have it."),
        _Column("disposition", "Of a phenotype: aggressive, restrained or neutral towards a tumour."),
    ]
    rows = [
        {"field": field, **row} for field in vocabulary.FIELDS for row in read_table(vocabulary.HERE / f"{field}.tsv")
    ]
    return _Table("vocabulary", "The controlled terms of each field.", columns, ["field", "term"], rows)


def _roles() -> _Table:
    columns = [
        _Column("cargo_kind", "mirna, gene or lncrna."),
        _Column("cargo", "The microRNA by its stem, the gene by its symbol, the lncRNA by its name."),
        _Column("cancer_type", "A term of the vocabulary. Empty: all cancer types together."),
        _Column("n_suppressing", "How many reports call it tumour-suppressing.", is_number=True),
        _Column("n_oncogenic", "How many reports call it tumour-promoting.", is_number=True),
        _Column("sources", "The databases that the reports were counted in."),
    ]
    key = ["cargo_kind", "cargo", "cancer_type"]
    return _Table(
        "cargo_roles", f"Independent reports of cargos. {_ROLES_TERMS}", columns, key, read_table(SHIPPED_ROLES)
    )


def _frictionless(tables: Mapping[_Table, bytes], are_shipped: bool) -> dict[str, Any]:
    resources = []
    for table, content in tables.items():
        fields = []
        for column in table.columns:
            constraints: dict[str, Any] = {"required": True} if column.name in table.key[:2] else {}
            if column.terms:
                constraints["enum"] = list(column.terms)
            kind = "integer" if column.is_number else "string"
            joined = f" Several are joined by {column.separator}" if column.separator else ""
            described = {"name": column.name, "type": kind, "description": column.description + joined}
            fields.append(described | ({"constraints": constraints} if constraints else {}))
        key = {"primaryKey": list(table.key)} if len(table.key) < 3 else {}
        resources.append(
            {
                "name": table.name,
                "type": "table",
                "description": table.description,
                "path": table.path,
                "scheme": "file",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": len(content),
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
                "schema": {"fields": fields, **key},
            }
        )
    return {
        "name": "exoscore-findings",
        "title": TITLE,
        "description": f"{DESCRIPTION} {_EMPTY}",
        "version": version("exoscore"),
        **({"licenses": [_LICENCE]} if are_shipped else {}),
        "resources": resources,
    }


def _croissant(tables: Mapping[_Table, bytes], are_shipped: bool) -> dict[str, Any]:
    released = version("exoscore")
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": "exoscore-findings",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "description": f"{DESCRIPTION} {_EMPTY} {_ROLES_TERMS}",
        "version": released,
        "citeAs": f"@misc{{exoscore, title = {{{TITLE}}}, author = {{{{The Exoscore authors}}}}, version = {{{released}}}}}",
        **({"license": _LICENCE["path"], "datePublished": RELEASE.removeprefix("corpus-")} if are_shipped else {}),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": table.path,
                "name": table.path,
                "description": table.description,
                "contentUrl": table.path,
                "contentSize": f"{len(content)} B",
                "encodingFormat": "text/csv",
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for table, content in tables.items()
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": table.name,
                "name": table.name,
                "description": table.description,
                "key": [{"@id": f"{table.name}/{name}"} for name in table.key],
                "field": [_croissant_field(table, column) for column in table.columns],
            }
            for table in tables
        ],
    }


def _croissant_field(table: _Table, column: _Column) -> dict[str, Any]:
    source: dict[str, Any] = {"fileObject": {"@id": table.path}, "extract": {"column": column.name}}
    several: dict[str, Any] = {}
    if column.separator:
        source["transform"] = {"separator": column.separator}
        several = {"repeated": True}
    return {
        "@type": "cr:Field",
        "@id": f"{table.name}/{column.name}",
        "name": column.name,
        "description": column.description,
        "dataType": "sc:Integer" if column.is_number else "sc:Text",
        "source": source,
        **several,
    }
