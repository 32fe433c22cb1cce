"""What a page is about, for search engines and catalogues of data: JSON-LD in the terms of schema.org.

The layout puts it into the page as data, which no browser runs.
"""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from flask import url_for

from models.evidence.evidence import OF_LAB
from service.db.tables import FindingRow
from service.findings.serializers import MEDIA_TYPES, SUFFIXES
from training.data.citation import addresses, named_links
from training.data.data_package import DESCRIPTION, TITLE

_CONTEXT = "https://schema.org"


def application() -> dict[str, Any]:
    """The product."""
    return {
        "@context": _CONTEXT,
        "@type": "SoftwareApplication",
        "name": "Exoscore",
        "description": "Predicts from published findings whether a therapeutic exosome suppresses or promotes a tumour.",
        "applicationCategory": "Research",
        "operatingSystem": "Linux",
        "softwareVersion": version("exoscore"),
        "license": "https://www.apache.org/licenses/LICENSE-2.0",
        "url": url_for("pages.score.score", _external=True),
    }


def dataset() -> dict[str, Any]:
    """The findings, and the files that they are downloaded as."""
    downloads = [
        {
            "@type": "DataDownload",
            "contentUrl": url_for("pages.findings.export", suffix=suffix, _external=True),
            "encodingFormat": MEDIA_TYPES[form],
        }
        for suffix, form in SUFFIXES.items()
    ]
    address = url_for("pages.findings.browse", _external=True)
    described = {"@type": "Dataset", "@id": address, "name": TITLE, "description": DESCRIPTION, "url": address}
    return {"@context": _CONTEXT, **described, "version": version("exoscore"), "distribution": downloads}


def claim(finding: FindingRow, candidate: str) -> dict[str, Any]:
    """A finding: what its paper claims of a `candidate` in words, and the paper, where there is one that can be cited."""
    cells = finding.cells
    address = url_for("pages.findings.show", finding_id=finding.finding_id, _external=True)
    article = {} if cells["paper"].startswith(OF_LAB) else {"appearance": _article(cells)}
    status = {"creativeWorkStatus": "Retracted"} if finding.retracted else {}
    return {
        "@context": _CONTEXT,
        "@type": "Claim",
        "@id": address,
        "url": address,
        "identifier": finding.finding_id,
        "name": f"{candidate}: tumour-{cells['effect']}",
        **({"text": cells["quote"]} if cells.get("quote") else {}),
        **status,
        **article,
        "isPartOf": {"@type": "Dataset", "@id": url_for("pages.findings.browse", _external=True), "name": TITLE},
    }


def _article(cells: Mapping[str, str]) -> dict[str, Any]:
    """The paper of a finding, as far as its citation states it."""
    links = [address for _, address, _ in named_links(addresses(cells))]
    stated = {
        "headline": cells.get("title"),
        "author": {"@type": "Person", "familyName": cells["first_author"]} if cells.get("first_author") else None,
        "datePublished": cells.get("year"),
        "isPartOf": {"@type": "Periodical", "name": cells["journal"]} if cells.get("journal") else None,
        "identifier": [f"{name}:{cells[name]}" for name in ("doi", "pmid", "pmcid") if cells.get(name)],
        "sameAs": links,
    }
    return {"@type": "ScholarlyArticle", **{name: value for name, value in stated.items() if value}}
