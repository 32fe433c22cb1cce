"""Installations to back up, and what is in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models.estimator.artifact import Bundle
from service import Settings, create_app
from service.db.database import Database
from service.db.tables import Base, Fact
from service.installation import Installation
from service.web.current import installation_of

GOOD = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "HCC"}
IMPORTED = "knowledge/lab.tsv"


def fill(settings: Settings, produced: Bundle) -> str:
    """An installation with something of everything; its one key."""
    installation = Installation.open(settings)
    installation.registry.save(produced, "tests")
    installation.registry.promote(produced.id, "tests")
    key = installation.keys.create("anna \u00e9", ["score", "admin"], "tests")
    installation.jobs.submit("training", {"share": 0.1, "nested": [None, True, 1e-05]}, "tests")
    with installation.database.write() as session:
        session.add(Fact(name="quoted", text='a "line"\nand \\ another \u2028'))
    (settings.var / "knowledge").mkdir()
    (settings.var / IMPORTED).write_bytes(b"imported\n")
    installation.close()
    return key


def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in every table, as values of Python."""
    with database.read() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
        }


def scores(settings: Settings) -> Any:
    """What an installation says of a candidate."""
    service = create_app(settings)
    answer = service.test_client().post("/v1/scores", json={"candidates": [GOOD]})
    installation_of(service).close()
    return answer.get_json()["scores"]
