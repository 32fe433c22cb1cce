"""The datasheet of the findings that a model learned from, after Gebru et al. 2021, "Datasheets for datasets"
(doi:10.1145/3458723): its figures and gaps are counted, its prose is in templates/datasheet_sections.md."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from models.evidence.evidence import Evidence
from models.vocabulary.vocabulary import Vocabulary
from training.data.columns import describe_column
from training.data.description import DESCRIBED, FEW, MIN_ONE_EFFECT, describe_findings
from training.report.formatting import describe_lab_share, humanize
from training.report.model_card import lab_table
from training.report.sheets import Section, Sheet, Table, parse_sections, sheet_text
from training.report.templating import TEMPLATES

_MOST_ROWS = 15


def datasheet(
    evidence: Sequence[Evidence], vocabulary: Vocabulary, fingerprint: str, model: str = ""
) -> dict[str, Any]:
    """The datasheet of findings as one document, ready for JSON, with their `fingerprint`. `model` learned from them;
    it is empty for the shipped corpus."""
    counts = describe_findings(evidence, vocabulary)
    trained_on = {"findings": len(evidence), "lab_findings": sum(finding.of_lab for finding in evidence)}
    text = TEMPLATES.get_template("datasheet_sections.md").render(
        model=model,
        counts=counts,
        lab_share=describe_lab_share(counts["lab"], trained_on),
        shipped=sum(finding.kept_as == "corpus" for finding in evidence),
        few=FEW,
        min_one_effect=MIN_ONE_EFFECT,
        terms={field: len(vocabulary.names(field)) for field in DESCRIBED},
    )
    return {
        "model": model,
        "data": fingerprint,
        **counts,
        "sections": [asdict(section) for section in parse_sections(text)],
    }


def datasheet_text(document: dict[str, Any]) -> str:
    """The datasheet as Markdown."""
    return sheet_text(datasheet_sheet(document))


def datasheet_sheet(document: dict[str, Any]) -> Sheet:
    """The datasheet set for reading."""
    title = f"Datasheet of the findings of {document['model']}" if document["model"] else "Datasheet of the findings"
    facts = {
        "findings": str(document["findings"]),
        "papers": str(document["papers"]),
        "the lab's own": str(document["lab"]["findings"]),
        "fingerprint": document["data"],
    }
    tables = [_field_table(field, document["by_field"][field]) for field in DESCRIBED]
    tables += [_one_effect_table(document["gaps"]), _stated_table(document)]
    if document["lab"]["findings"]:
        tables.append(lab_table(document["lab"]))
    return Sheet(title, facts, [Section(**section) for section in document["sections"]], tables)


def _field_table(field: str, values: Sequence[dict[str, Any]]) -> Table:
    rest = len(values) - _MOST_ROWS
    columns = ("findings", "papers", "suppressing", "promoting")
    rows = [(humanize(each["value"]), *(str(each[name]) for name in columns)) for each in values[:_MOST_ROWS]]
    return Table(
        humanize(field).capitalize(), f"And {rest} more values." if rest > 0 else "", (humanize(field), *columns), rows
    )


def _one_effect_table(gaps: dict[str, Any]) -> Table:
    rows = [
        (humanize(each["source_cell"]), humanize(each["cargo_state"]), each["effect"], str(each["findings"]))
        for each in gaps["one_effect"]
    ]
    remark = f"Source cells in a state of the cargo of which at least {MIN_ONE_EFFECT} findings report one effect only."
    return Table("One effect only", remark, ("source cell", "cargo state", "effect", "findings"), rows)


def _stated_table(document: dict[str, Any]) -> Table:
    rows = [
        (column, f"{count}", f"{100 * count / document['findings']:.0f} %", describe_column(column))
        for column, count in document["stated"].items()
    ]
    return Table("What findings state", "", ("column", "findings", "share", "what it holds"), rows)
