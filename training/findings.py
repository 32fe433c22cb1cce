"""Findings: what papers observed of candidates. The curated corpus is `training/findings.tsv`, one finding a row."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.candidate import FIELDS, Candidate, Reader, Reading
from models.errors import CandidateError, Fault, RowFault, SheetError
from models.spelling import fold
from training.sheet import SheetRow, read_sheet

CORPUS = Path(__file__).parent / "findings.tsv"

CANDIDATE_COLUMNS = tuple(one.name for one in FIELDS if one.name != "id")
OBSERVED_COLUMNS = ("effect", "targets", "pathways", "mechanism", "processes", "evidence", "grade")
CITATION_COLUMNS = ("pmid", "doi", "pmcid", "title", "first_author", "year", "journal", "url")
REPORTING_COLUMNS = ("isolation_method", "markers", "dose", "ev_track_id")
COLUMNS = (
    "finding_id",
    "paper",
    *CANDIDATE_COLUMNS[:4],
    "cell_model",
    *CANDIDATE_COLUMNS[4:],
    *OBSERVED_COLUMNS,
    *CITATION_COLUMNS,
    *REPORTING_COLUMNS,
)
REQUIRED_COLUMNS = ("source_phenotype", "cargo_type", "cargo_name", "effect")
EFFECTS = ("suppressing", "promoting")

_PATTERNS = {
    "finding_id": (re.compile(r"[A-Za-z0-9][\w.:-]{0,63}"), "up to 64 letters, digits and . : _ -"),
    "paper": (
        re.compile(r"(?:pmid:\d+|doi:10\.\S+|pmcid:PMC\d+|title:\S+|lab:\S.*)"),
        "pmid:, doi:, pmcid:, title: or lab: and the key",
    ),
    "pmid": (re.compile(r"[1-9]\d{0,8}"), "digits only, as 35210436"),
    "doi": (re.compile(r"10\.\d{4,9}/\S+"), "a bare DOI, as 10.1038/s41419-022-04640-z"),
    "pmcid": (re.compile(r"PMC\d+"), "PMC and digits, as PMC7862798"),
    "year": (re.compile(r"(?:19[89]|20\d)\d"), "four digits, as 2022"),
    "url": (re.compile(r"https?://\S+"), "an address that begins with http:// or https://"),
    "targets": (
        re.compile(r"[^;]*[^;\s+-][+-](?:;[^;]*[^;\s+-][+-])*"),
        "names with + (up) or - (down), joined by ;, as PTEN-;STAT3+",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One observed effect: the candidate as understood, what was seen (`effect`, `observed`), and where (`citation`)."""

    finding_id: str
    paper: str
    reading: Reading
    effect: str
    observed: Mapping[str, str]
    citation: Mapping[str, str]

    @property
    def candidate(self) -> Candidate:
        """The candidate that was tested."""
        return self.reading.candidate

    @property
    def suppressing(self) -> bool:
        """Whether the tumour was suppressed."""
        return self.effect == "suppressing"

    @property
    def paper_names(self) -> frozenset[str]:
        """Every key that the paper is known by, so that two files that cite it differently still meet."""
        keys = {f"{kind}:{self.citation[kind]}" for kind in ("pmid", "doi", "pmcid") if self.citation.get(kind)}
        if title := fold(self.citation.get("title", "")):
            keys.add(f"title:{title}")
        return frozenset(key.casefold() for key in keys | {self.paper})


@dataclass(frozen=True, slots=True)
class Sheet:
    """The findings of a file, and the values that were not understood but could be backed off from."""

    findings: tuple[Finding, ...]
    backed_off: tuple[RowFault, ...] = ()


def read_findings(path: Path = CORPUS, reader: Reader | None = None) -> tuple[Finding, ...]:
    """The findings of a file, all columns checked.

    Raises SheetError with every fault of every row, OSError where the file cannot be read.
    """
    reader = reader or Reader.load()
    rows = read_sheet(path, COLUMNS, REQUIRED_COLUMNS)
    findings, faults = _read_rows(rows, reader)
    for row in rows:
        faults += _observation_faults(row, reader)
    faults += _faults_across(rows, findings)
    if faults:
        raise SheetError(sorted(faults, key=lambda fault: fault.line))
    return tuple(findings.values())


def read_labelled(path: Path, reader: Reader) -> Sheet:
    """The findings of a file to be scored: only the candidate, its effect and its paper need to be right.

    A phenotype, species, engineering, stimulus or recipient outside the vocabulary is backed off from (phenotype to
    unspecified, the others to not stated) and reported, since papers that a model never saw bring words that it never
    saw. Raises SheetError and OSError as `read_findings` does.
    """
    rows = read_sheet(path, COLUMNS, REQUIRED_COLUMNS)
    findings, faults = _read_rows(rows, reader)
    faults += _faults_across(rows, findings)
    backed_off = []
    by_line = {row.line: row for row in rows}
    for line in {fault.line for fault in faults}:
        of_line = [fault for fault in faults if fault.line == line]
        if all(fault.column in _CAN_BACK_OFF and fault.fault.code in _MEANING for fault in of_line):
            cells = dict(by_line[line].cells)
            for fault in of_line:
                cells[fault.column] = _CAN_BACK_OFF[fault.column]
            again, still = _read_rows([SheetRow(line, cells)], reader)
            if not still:
                findings |= again
                backed_off += of_line
                faults = [fault for fault in faults if fault.line != line]
    if faults:
        raise SheetError(sorted(faults, key=lambda fault: fault.line))
    return Sheet(tuple(findings[line] for line in sorted(findings)), tuple(backed_off))


_CAN_BACK_OFF = {
    "source_phenotype": "unspecified",
    "species": "",
    "engineering": "",
    "polarisation": "",
    "recipient_cell": "",
}
_MEANING = ("unknown_term", "wrong_cell", "ambiguous")


def merge(sheets: Iterable[Sequence[Finding]]) -> tuple[Finding, ...]:
    """The findings of several files: papers that share a name are one, and a finding in two files is counted once.

    Folds keep a paper whole by its key, so files that cite it differently must not give it two.
    """
    every = [one for sheet in sheets for one in sheet]
    paper_of = _one_key(every)
    same = (one if paper_of[one.paper] == one.paper else replace(one, paper=paper_of[one.paper]) for one in every)
    return tuple({(one.paper, one.candidate, one.effect): one for one in same}.values())


def _one_key(findings: Sequence[Finding]) -> dict[str, str]:
    """For the key of every paper the first, in the alphabet, of all keys that its names lead to."""
    leads_to: dict[str, str] = {}

    def end(name: str) -> str:
        while leads_to.setdefault(name, name) != name:
            name = leads_to[name]
        return name

    for finding in findings:
        ends = {end(name) for name in (finding.paper, *finding.paper_names)}
        leads_to |= dict.fromkeys(ends, min(ends))
    keys: dict[str, set[str]] = {}
    for finding in findings:
        keys.setdefault(end(finding.paper), set()).add(finding.paper)
    return {key: min(of_paper) for of_paper in keys.values() for key in of_paper}


def paper_weights(findings: Sequence[Finding]) -> list[float]:
    """A weight for each finding such that every paper weighs 1, however many rows it has."""
    rows = Counter(finding.paper for finding in findings)
    return [1.0 / rows[finding.paper] for finding in findings]


def fingerprint(findings: Iterable[Finding]) -> str:
    """SHA-256 (hex, first 16) over what a model learns from, whatever the order of the rows."""
    lines = sorted(repr((one.paper, one.candidate.stated(), one.effect)) for one in findings)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _read_rows(rows: Iterable[SheetRow], reader: Reader) -> tuple[dict[int, Finding], list[RowFault]]:
    findings: dict[int, Finding] = {}
    faults: list[RowFault] = []
    for row in rows:
        found = _citation_faults(row)
        reading = None
        try:
            reading = reader.read({name: row.cells.get(name, "") for name in CANDIDATE_COLUMNS}, named=False)
        except CandidateError as error:
            found += error.faults
        effect = reader.vocabulary.look_up("effect", row.cells["effect"])
        if effect.name is None:
            given = row.cells["effect"]
            remedy = (
                f"{given!r} is no effect: give suppressing or promoting" if given else "give suppressing or promoting"
            )
            found.append(Fault("effect", "unknown_term" if given else "missing", remedy, given, EFFECTS))
        row_id = row.cells.get("finding_id", "")
        if reading and effect.name and not found:
            citation = {name: row.cells.get(name, "") for name in CITATION_COLUMNS}
            observed = {
                name: row.cells.get(name, "") for name in (*OBSERVED_COLUMNS[1:], "cell_model", *REPORTING_COLUMNS)
            }
            paper = row.cells.get("paper") or _paper(citation)
            row_id = row_id or _content_id(paper, reading.candidate, effect.name)
            findings[row.line] = Finding(row_id, paper, reading, effect.name, observed, citation)
        faults += [RowFault(row.line, fault, row_id) for fault in found]
    return findings, faults


def _paper(citation: Mapping[str, str]) -> str:
    for kind in ("pmid", "doi", "pmcid"):
        if citation[kind]:
            return f"{kind}:{citation[kind]}"
    return "title:" + hashlib.sha256(fold(citation["title"]).encode()).hexdigest()[:10]


def _content_id(paper: str, candidate: Candidate, effect: str) -> str:
    content = repr((paper, candidate.stated(), effect))
    return "EXF-" + hashlib.sha256(content.encode()).hexdigest()[:8]


def _citation_faults(row: SheetRow) -> list[Fault]:
    faults = []
    for column, (pattern, shape) in _PATTERNS.items():
        text = row.cells.get(column, "")
        if text and not pattern.fullmatch(text):
            faults.append(Fault(column, "malformed", f"{text[:80]!r} is not of the form wanted: {shape}", text))
    if not any(row.cells.get(column) for column in ("paper", "pmid", "doi", "pmcid", "title")):
        remedy = "say which paper the finding is from: paper, pmid, doi, pmcid or title (lab:NAME for your own)"
        faults.append(Fault("paper", "missing", remedy))
    kind, _, key = row.cells.get("paper", "").partition(":")
    if kind in ("pmid", "doi", "pmcid") and row.cells.get(kind, key) != key:
        remedy = f"the paper is keyed {kind}:{key} but its {kind} is {row.cells[kind]!r}"
        faults.append(Fault("paper", "contradiction", remedy, row.cells["paper"]))
    return faults


def _observation_faults(row: SheetRow, reader: Reader) -> list[RowFault]:
    faults = []
    for column, many in (("mechanism", True), ("processes", True), ("evidence", False), ("grade", False)):
        text = row.cells.get(column, "")
        for part in filter(None, text.split(";") if many else [text]):
            if reader.vocabulary.look_up(column, part).name is None:
                names = reader.vocabulary.names(column)
                nearest = reader.vocabulary.nearest(column, part)
                remedy = f"{part!r} is not a term of {column}; choose among {', '.join(nearest or names)}"
                faults.append(Fault(column, "unknown_term", remedy, part, names, nearest))
    return [RowFault(row.line, fault, row.cells.get("finding_id", "")) for fault in faults]


def _faults_across(rows: Sequence[SheetRow], findings: Mapping[int, Finding]) -> list[RowFault]:
    """Ids used twice, the same finding twice, and one paper that says both effects of one candidate."""
    faults = []
    line_of_id: dict[str, int] = {}
    for row in rows:
        if (given := row.cells.get("finding_id", "")) and line_of_id.setdefault(given, row.line) != row.line:
            remedy = f"the finding_id {given} is on line {line_of_id[given]} already"
            faults.append(RowFault(row.line, Fault("finding_id", "repeated", remedy, given), given))
    cells = {row.line: {**row.cells, "finding_id": ""} for row in rows}
    first: dict[tuple[str, Candidate], int] = {}
    for line, finding in sorted(findings.items()):
        earlier = first.setdefault((finding.paper, finding.candidate), line)
        if findings[earlier].effect != finding.effect:
            remedy = f"line {earlier} says {findings[earlier].effect} of the same candidate in the same paper; keep one"
            fault = Fault("effect", "contradiction", remedy, finding.effect, EFFECTS)
        elif earlier != line and cells[earlier] == cells[line]:
            fault = Fault("", "repeated", f"the same row is on line {earlier} already")
        else:
            continue
        faults.append(RowFault(line, fault, finding.finding_id))
    return faults
