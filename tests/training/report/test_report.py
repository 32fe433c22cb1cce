"""The report shows the manifest's figures and no others, tells its drawings in words, lets no text of a finding act, needs
nothing from elsewhere, and is written whole or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from models.estimator.artifact import Bundle
from models.estimator.features import Features
from training.data.findings import Finding
from training.evaluation.assessment import Assessment
from training.evaluation.baselines import MODEL
from training.evaluation.cross_validation import EvaluationPlan
from training.evaluation.metrics import METRICS
from training.pipeline import train_model
from training.report import evaluation_report as report
from training.report.model_card import card, card_text

VOID = {"meta", "br", "hr", "img", "link", "input"}
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)> | `x` {{ 7 * 7 }} & ünï'


class Page(HTMLParser):
    """The tables of a page by id, as rows of (figure, value, text); its tags and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.cells: dict[str, list[list[tuple[str, float | None]]]] = {}
        self.table = ""
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.table = given.get("id") or ""
        if tag == "tr":
            self.cells.setdefault(self.table, []).append([])
        if tag == "td" and "data-figure" in given:
            self.cells[self.table][-1].append((given["data-figure"] or "", None))
        row = self.cells[self.table][-1] if self.cells.get(self.table) else []
        if tag == "data" and row and row[-1][1] is None:
            row[-1] = (row[-1][0], float(given["value"] or "nan"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} closes what was not open"

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def written(thorough: tuple[Bundle, Assessment], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "new" / "folder"
    report.prepare(folder)
    report.write(folder, thorough[0].manifest, thorough[1])
    return folder


@pytest.fixture(scope="module")
def html(written: Path) -> str:
    return (written / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def svgs(html: str) -> Iterator[ET.Element]:
    for drawing in re.findall(r"(?s)<svg.*?</svg>", html):
        yield ET.fromstring(drawing)


def test_three_files_are_written_and_nothing_else(written: Path) -> None:
    assert sorted(path.name for path in written.iterdir()) == sorted(report.FILES)


def test_the_page_is_well_formed_and_needs_nothing_from_elsewhere(html: str, page: Page) -> None:
    assert page.open == []
    assert html.startswith("<!doctype html>")
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form"}
    assert not re.search(r"@import|url\(", html)
    sources = [given.get("src") or given.get("srcset") for _, given in page.tags]
    assert not any(sources)
    assert not any(name.startswith("on") for _, given in page.tags for name in given)
    assert all((given["href"] or "").startswith(("#", "https://")) for tag, given in page.tags if tag == "a")


def test_light_dark_and_paper_are_provided_for(html: str) -> None:
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media print" in html
    assert 'name="viewport"' in html


def test_anchors_lead_to_their_sections_and_ids_are_unique(page: Page) -> None:
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids))
    assert {given["href"][1:] for tag, given in page.tags if tag == "a" and given["href"].startswith("#")} <= set(ids)  # type: ignore[index, union-attr]


def test_the_tables_show_the_manifests_figures_to_the_last_bit(page: Page, thorough: tuple[Bundle, Assessment]) -> None:
    metrics = thorough[0].manifest["metrics"]
    for table, of in (("figures", metrics["figures"]), ("differences", metrics["differences"])):
        rows = [row for row in page.cells[table] if row]
        assert len(rows) == len(of)
        for row, figures in zip(rows, of.values(), strict=True):
            assert row == [(name, figures[name] and figures[name]["mean"]) for name, _ in row]


def test_the_shifts_show_the_manifests_figures(page: Page, thorough: tuple[Bundle, Assessment]) -> None:
    shifts = thorough[0].manifest["metrics"]["shifts"]
    for table, of in (
        ("shifts-table", shifts["cold"] + shifts["by_year"]),
        ("learning-table", shifts["learning_curve"]),
    ):
        rows = [row for row in page.cells[table] if row]
        assert len(rows) == sum(not one["undefined"] for one in of)
        for row, one in zip(rows, [one for one in of if not one["undefined"]], strict=True):
            figures = one["figures"][MODEL]
            assert row == [(name, figures[name] and figures[name]["mean"]) for name, _ in row]


def test_card_manifest_and_report_have_the_same_figures(written: Path, thorough: tuple[Bundle, Assessment]) -> None:
    document = json.loads((written / "card.json").read_text("utf-8"))
    assert document == json.loads(json.dumps(card(thorough[0].manifest)))
    text = (written / "card.md").read_text("utf-8")
    for name, figures in document["figures"]["figures"].items():
        cells = [f"{figures[one]['mean']:.3f}" if figures[one] else "–" for one in METRICS]
        assert f"| {name} | {' | '.join(cells)} |" in text
    for section in document["sections"]:
        assert f"## {section['title']}\n" in text
        assert all(f"**{item}.**" in text for item in section["items"])


def test_every_drawing_has_a_title_and_a_description_and_tells_its_figures_in_text(
    html: str, thorough: tuple[Bundle, Assessment]
) -> None:
    namespace = "{http://www.w3.org/2000/svg}"
    found = {}
    for drawing in svgs(html):
        title, described = drawing.find(f"{namespace}title"), drawing.find(f"{namespace}desc")
        assert title is not None
        assert described is not None
        assert drawing.get("role") == "img"
        assert drawing.get("aria-labelledby") == f"{title.get('id')} {described.get('id')}"
        found[title.get("id")] = (described.text or "", " ".join(drawing.itertext()))
    names = ("roc", "strata", "reliability", "calibration", "histogram", "coverage", "selective", "learning", "years")
    names += ("shifts-auroc", "shifts-within-stratum-auroc")
    assert sorted(found) == sorted(f"{name}-title" for name in names)
    figures = thorough[0].manifest["metrics"]["figures"][MODEL]
    told_by = {"roc": "auroc", "reliability": "ece", "coverage": "coverage_suppressing", "shifts-auroc": "auroc"}
    for name, figure in told_by.items():
        told, text = found[f"{name}-title"]
        assert f"{figures[figure]['mean']:.3f}" in text
        assert told


def test_points_of_drawings_stay_within_them(html: str) -> None:
    for drawing in svgs(html):
        _, _, width, height = map(float, (drawing.get("viewBox") or "").split())
        for element in drawing.iter():
            given = element.attrib
            across = [given[name] for name in ("x", "x1", "x2", "cx") if name in given]
            up = [given[name] for name in ("y", "y1", "y2", "cy") if name in given]
            for point in (given.get("points") or "").split():
                across.append(point.split(",")[0])
                up.append(point.split(",")[1])
            assert all(0 <= float(at) <= width for at in across), element.tag
            assert all(0 <= float(at) <= height for at in up), element.tag
            assert float(given.get("height", 0) if element.tag.endswith("rect") else 0) >= 0


def hostile(thorough: tuple[Bundle, Assessment]) -> tuple[dict[str, Any], Assessment]:
    """The same run, had every citation and every name that findings may hold freely been written by someone malicious."""
    bundle, assessment = thorough
    whole = assessment.cross_validation
    citation = {
        "title": HOSTILE,
        "first_author": HOSTILE,
        "journal": HOSTILE,
        "year": "2020",
        "url": "javascript:alert(3)",
    }
    left_out = replace(
        whole.out_of_fold,
        findings=tuple(replace(one, citation=citation, finding_id=HOSTILE) for one in whole.out_of_fold.findings),
    )
    manifest = json.loads(json.dumps(bundle.manifest))
    for one in manifest["metrics"]["slices"]["cancer_type"]:
        one["value"] = HOSTILE
    manifest["composition"]["cancer_type"] = {HOSTILE: 3}
    return manifest, replace(assessment, cross_validation=replace(whole, out_of_fold=left_out))


def test_text_of_findings_is_shown_and_never_acts(thorough: tuple[Bundle, Assessment]) -> None:
    manifest, assessment = hostile(thorough)
    html = report.page(manifest, assessment)
    page = Page(html)
    assert page.open == []
    assert not {tag for tag, _ in page.tags} & {"script", "img"}
    assert HOSTILE in page.text
    assert "7 * 7" in page.text
    assert not any("javascript" in (given.get("href") or "") for _, given in page.tags)


def test_text_of_findings_does_nothing_in_the_markdown_card(thorough: tuple[Bundle, Assessment]) -> None:
    manifest, _ = hostile(thorough)
    text = card_text(card(manifest))
    rows = [line for line in text.splitlines() if line.startswith("|") and "alert" in line]
    assert rows
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 9 for row in rows)
    assert "<script" not in re.sub(r"\\.", "", text)


def test_few_findings_without_years_or_tumours_are_reported_and_say_what_is_not_defined(
    corpus: tuple[Finding, ...], features: Features
) -> None:
    papers = {
        one.paper: one for one in corpus if one.candidate.source_cell == "macrophage" and not one.candidate.cancer_type
    }
    papers |= {one.paper: one for one in corpus if one.candidate.source_phenotype in ("M1", "M2")}
    few = [replace(one, citation={**one.citation, "year": ""}) for one in list(papers.values())[:36]]
    bundle, assessment = train_model(few, features, EvaluationPlan(repeats=1, jobs=1), with_shifts=True)
    html = report.page(bundle.manifest, assessment)
    page = Page(html)
    assert page.open == []
    assert "Not defined" in page.text
    assert "Phenotype of macrophages" in page.text
    assert 'data-slices="year"' not in html
    assert "nan" not in re.findall(r">([^<]*)<", html)
    assert not re.search(r'="(?:nan|inf)', html)
    assert card_text(card(bundle.manifest)).startswith("# Model card")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(NotADirectoryError):
        report.prepare(tmp_path / "file" / "folder")


def test_a_write_that_fails_leaves_the_old_file_whole(
    thorough: tuple[Bundle, Assessment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "card.md").write_text("old", encoding="utf-8")

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        report.write(tmp_path, thorough[0].manifest, thorough[1])
    assert [path.name for path in tmp_path.iterdir()] == ["card.md"]
    assert (tmp_path / "card.md").read_text("utf-8") == "old"
