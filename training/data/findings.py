"""Findings: what papers observed of candidates. The curated corpus is `training/data/findings.tsv`, one finding a row."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from models.candidates.candidate import FIELDS, Candidate, ParsedCandidate
from models.candidates.cargo import JOINT
from models.candidates.cargo_sets import INFERRED, UNWEIGHTED
from models.candidates.headings import CANDIDATE_SYNONYMS, Headings
from models.candidates.parser import CandidateParser
from models.candidates.text_fields import unknown_term
from models.candidates.warnings import ReadingWarning
from models.errors import MAX_FAULTS, CandidateError, FieldError, RowError, TableError
from models.evidence.evidence import IDENTIFIERS, OF_LAB, is_of_lab
from models.evidence.reporting import REPORTING_COLUMNS
from models.vocabulary.normalize import all_greek_as_letters, fold
from models.vocabulary.vocabulary import Vocabulary
from training.data.authors import read_author
from training.data.headings import FINDING_SYNONYMS
from training.data.papers import ExperimentIndex, PaperIndex, paper_names, read_identifiers
from training.data.tabular import OnRemark, TableRow, ignore, parse_table, read_table
from training.data.validation import CONTROLLED_COLUMNS, MAX_CELL, citation_faults, observation_faults, text_faults

CORPUS = Path(__file__).parent / "findings.tsv"
# The release of the corpus, after which models that learn from it are named.
RELEASE = "corpus-2026-11"

CANDIDATE_COLUMNS = tuple(field.name for field in FIELDS if field.name != "id")
OBSERVED_COLUMNS = ("effect", "strength", "targets", "pathways", "mechanism", "processes", "evidence", "grade")
CITATION_COLUMNS = (
    *IDENTIFIERS,
    "title",
    "first_author",
    "last_author",
    "year",
    "journal",
    "url",
    "quote",
    "quote_place",
)
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
LIST_COLUMNS = (
    *(field.name for field in FIELDS if field.many),
    "targets",
    "pathways",
    "mechanism",
    "processes",
    "markers",
)
REQUIRED_COLUMNS = ("source_phenotype", "cargo_type", "cargo_name", "effect")
EFFECTS = ("suppressing", "promoting")
HEADINGS = Headings(
    COLUMNS,
    {
        **{column: words for column, words in CANDIDATE_SYNONYMS.items() if column in CANDIDATE_COLUMNS},
        **FINDING_SYNONYMS,
    },
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One observed effect: the candidate as understood, what was seen (`effect`, `observed`), and where (`citation`).

    `origin` is corpus where it was shipped, and lab where it was added to an installation; empty where that is not known.
    """

    finding_id: str
    paper: str
    reading: ParsedCandidate
    effect: str
    observed: Mapping[str, str]
    citation: Mapping[str, str]
    origin: str = ""

    @property
    def candidate(self) -> Candidate:
        """The candidate that was tested."""
        return self.reading.candidate

    @property
    def suppressing(self) -> bool:
        """Whether the tumour was suppressed."""
        return self.effect == "suppressing"

    @property
    def of_lab(self) -> bool:
        """Whether it is what the laboratory found itself, and nobody published."""
        return is_of_lab(self.paper, self.citation)

    @property
    def published(self) -> bool:
        """Whether its paper can be cited; a laboratory keys its own results `lab:`."""
        return not self.paper.startswith(OF_LAB)

    @property
    def paper_names(self) -> frozenset[str]:
        """Every key that the paper is known by, so that two files that cite it differently still meet."""
        return paper_names(self.paper, self.citation)

    @property
    def content(self) -> str:
        """Names what was found, by whom, of what: two rows of one content are one finding. SHA-256 (hex)."""
        return _content_hash(self.paper, self.candidate, self.effect)

    @property
    def opposite(self) -> str:
        """The effect that this one is not."""
        return EFFECTS[self.suppressing]


@dataclass(frozen=True, slots=True)
class LabelledFindings:
    """The findings of a file, and the values that were not understood but could be backed off from."""

    findings: tuple[Finding, ...]
    backed_off: tuple[RowError, ...] = ()


def read_rows(path: Path, sheet: str = "", on_remark: OnRemark = ignore) -> list[TableRow]:
    """The rows of a table of findings, as `read_table` reads it and raises."""
    return read_table(path, COLUMNS, REQUIRED_COLUMNS, HEADINGS, sheet, on_remark)


def parse_rows(content: bytes, by_commas: bool, sheet: str = "", on_remark: OnRemark = ignore) -> list[TableRow]:
    """The rows of the content of a table of findings, as `parse_table` reads it and raises."""
    return parse_table(content, by_commas, COLUMNS, REQUIRED_COLUMNS, HEADINGS, sheet, on_remark)


def read_findings(
    path: Path = CORPUS,
    reader: CandidateParser | None = None,
    sheet: str = "",
    on_remark: OnRemark = ignore,
) -> tuple[Finding, ...]:
    """The findings of a file, all columns checked; what was read otherwise than it stands is said to `on_remark`.

    Raises TableError with every fault of every row, OSError where the file cannot be read.
    """
    findings, faults = validate_rows(read_rows(path, sheet, on_remark), reader or CandidateParser.load())
    if faults:
        raise TableError(faults)
    origin = "corpus" if path == CORPUS else ""
    return tuple(replace(finding, origin=origin) for finding in findings.values())


def check_rows(rows: Sequence[TableRow], reader: CandidateParser) -> tuple[Finding, ...]:
    """The findings of rows, in order, each checked by itself. Raises TableError with every fault of every row."""
    findings, faults = _check_rows(rows, reader)
    if faults:
        raise TableError(sorted(faults, key=attrgetter("line")))
    return tuple(findings.values())


def validate_rows(
    rows: Sequence[TableRow], reader: CandidateParser, locator: Callable[[int], str] = "line {}".format
) -> tuple[dict[int, Finding], list[RowError]]:
    """The findings that could be read, by line, and every fault in the order of the lines, also those between rows.

    `locator` is how a message names another row, by its line.
    """
    findings, faults = _check_rows(rows, reader)
    faults += _faults_across(rows, findings, locator)
    return findings, sorted(faults, key=attrgetter("line"))


def _check_rows(rows: Iterable[TableRow], reader: CandidateParser) -> tuple[dict[int, Finding], list[RowError]]:
    rows = list(rows)
    findings, faults = _read_rows(rows, reader)
    for row in rows:
        row_id = row.cells.get("finding_id", "")
        faults += [RowError(row.line, fault, row_id) for fault in (*text_faults(row), *observation_faults(row, reader))]
    return findings, faults


def read_labelled(
    path: Path, reader: CandidateParser, sheet: str = "", on_remark: OnRemark = ignore
) -> LabelledFindings:
    """The findings of a file to be scored: only the candidate, its effect and its paper need to be right.

    A phenotype, species, engineering, stimulus or recipient outside the vocabulary, and a state that such cargo cannot be in,
    is backed off from (phenotype to unspecified, the others to not stated) and reported, since papers that a model never
    saw bring words that it never saw. Raises TableError and OSError as `read_findings` does.
    """
    rows = read_rows(path, sheet, on_remark)
    findings, faults = _read_rows(rows, reader)
    faults += _faults_across(rows, findings, "line {}".format)
    cells_of_line = {row.line: row.cells for row in rows}
    backed_off, refused = [], []
    for line, group in groupby(sorted(faults, key=attrgetter("line")), key=attrgetter("line")):
        own = list(group)
        cells = {**cells_of_line[line], **{fault.column: _CAN_BACK_OFF.get(fault.column, "") for fault in own}}
        understood, _ = _read_rows([TableRow(line, cells)], reader)
        if understood and all(fault.column in _CAN_BACK_OFF and fault.fault.code in _MEANING for fault in own):
            findings |= understood
            backed_off += own
        else:
            refused += own
    if refused:
        raise TableError(refused)
    return LabelledFindings(tuple(findings[line] for line in sorted(findings)), tuple(backed_off))


_CAN_BACK_OFF = {
    "source_phenotype": "unspecified",
    **dict.fromkeys(("species", "engineering", "polarisation", "recipient_cell", "cargo_state"), ""),
}
_MEANING = ("unknown_term", "wrong_cell", "ambiguous", "not_applicable")


def cells_of(finding: Finding, reader: CandidateParser) -> dict[str, str]:
    """The row of a finding in canonical terms, in the order of `COLUMNS`, empty cells left out; it is read as the same one."""
    stated = finding.candidate.to_dict().items()
    candidate = {name: ";".join(value) if isinstance(value, list) else value for name, value in stated}
    # Some canonical names of cargo would be read as another cargo than what they were read from.
    cargo = reader.naming.cargos(finding.candidate.cargo_type, finding.candidate.cargo_name)
    if [name.name for name in cargo] != [name.name for name in finding.reading.cargo]:
        candidate["cargo_name"] = "+".join(name.given for name in finding.reading.cargo)
    observed = dict(finding.observed)
    for column in CONTROLLED_COLUMNS:
        parts = observed[column].split(";")
        observed[column] = ";".join(reader.vocabulary.lookup(column, part).name or part for part in parts)
    own = {"finding_id": finding.finding_id, "paper": finding.paper, "effect": finding.effect}
    cells = {**own, **candidate, **observed, **finding.citation}
    return {name: cells[name] for name in COLUMNS if cells.get(name)}


def merge_files(files: Iterable[Sequence[Finding]]) -> tuple[Finding, ...]:
    """The findings of several files: papers that share a name are one, and an experiment is counted once for each effect.

    Folds keep a paper whole by its key, so files that cite it differently must not give it two. Of two findings of one
    experiment the one that states more of it stays, else the later one.
    """
    findings = [finding for of_file in files for finding in of_file]
    papers = index_papers(findings)
    # From behind, so that the later one of two that state as much is the first.
    first = first_of_experiment(dict(reversed(list(enumerate(findings)))), papers)
    kept = dict.fromkeys(first[place] for place in range(len(findings)))
    return tuple(replace(findings[place], paper=papers.key(findings[place].paper)) for place in kept)


def first_of_experiment(findings: Mapping[int, Finding], papers: PaperIndex) -> dict[int, int]:
    """For each finding the place of that which stands for its experiment and effect: of those that state most, the first."""
    experiments: ExperimentIndex[int] = ExperimentIndex()
    first = {}
    for place, finding in sorted(findings.items(), key=lambda entry: -len(entry[1].candidate.to_dict())):
        key = papers.key(finding.paper), finding.candidate, finding.effect
        same = experiments.find(*key)
        first[place] = place if same is None else same
        if same is None:
            experiments.add(*key, place)
    return first


def unread(findings: Mapping[int, Finding], reader: CandidateParser) -> list[tuple[int, ReadingWarning]]:
    """What of findings no table knows, such as a tumour or a cargo, with their lines: they are learned from without it.

    What may have been meant is looked for as often as faults are listed.
    """
    warnings: list[tuple[int, ReadingWarning]] = []
    for line, finding in findings.items():
        own = reader.warnings.find(finding.reading.notes, suggest=len(warnings) < MAX_FAULTS)
        warnings += [(line, warning) for warning in own]
    return warnings


def compare(findings: Mapping[int, Finding], known: Sequence[Finding]) -> tuple[dict[int, Finding], list[RowError]]:
    """The findings of which `known` ones say the same already, by line, and the faults of those that contradict one."""
    papers = index_papers((*known, *findings.values()))
    experiments: ExperimentIndex[Finding] = ExperimentIndex()
    for finding in known:
        experiments.add(papers.key(finding.paper), finding.candidate, finding.effect, finding)
    existing, faults = {}, []
    for line, finding in findings.items():
        paper = papers.key(finding.paper)
        if other := experiments.find(paper, finding.candidate, finding.opposite):
            faults.append(RowError(line, contradiction(other.finding_id, finding), finding.finding_id))
        elif same := experiments.find(paper, finding.candidate, finding.effect):
            existing[line] = same
    return existing, faults


def index_papers(findings: Iterable[Finding]) -> PaperIndex:
    """The papers of findings, by all their names."""
    return PaperIndex((finding.paper, finding.citation) for finding in findings)


def seen_findings(findings: Sequence[Finding], papers: frozenset[str]) -> list[Finding]:
    """Those whose paper, by any name of it or of the names that other findings join to it, is one of `papers`."""
    index = index_papers(findings)
    # Models of earlier versions spell Greek letters out in titles.
    seen = papers | {all_greek_as_letters(name) for name in papers if name.startswith("title:")}
    return [finding for finding in findings if (finding.paper_names | index.names(finding.paper)) & seen]


def paper_weights(papers: Sequence[str]) -> list[float]:
    """A weight for each row, of which `papers` are the papers, such that every paper weighs 1, however many rows it has."""
    rows = Counter(papers)
    return [1.0 / rows[paper] for paper in papers]


def fingerprint(findings: Iterable[Finding]) -> str:
    """SHA-256 (hex, first 16) over what a model learns from, whatever the order of the rows."""
    lines = sorted(repr((known.paper, known.candidate.to_dict(), known.effect)) for known in findings)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _read_rows(rows: Iterable[TableRow], reader: CandidateParser) -> tuple[dict[int, Finding], list[RowError]]:
    findings: dict[int, Finding] = {}
    faults: list[RowError] = []
    for row in rows:
        cells = read_identifiers(row.cells)
        if author := read_author(cells.get("last_author", "")):
            cells["last_author"] = author
        row_faults = citation_faults(TableRow(row.line, cells))
        reading = None
        try:
            reading = reader.parse({name: cells.get(name, "") for name in CANDIDATE_COLUMNS}, require_cargo_name=False)
            row_faults += [*_unread_phenotypes(reading, reader.vocabulary), *_unlearned_set(reading)]
        except CandidateError as error:
            row_faults += error.faults
        effect = reader.vocabulary.lookup("effect", cells["effect"]).name
        if effect is None:
            code, remedy = "missing", "Give suppressing or promoting"
            if text := cells["effect"]:
                code, remedy = "unknown_term", f"{text[:80]!r} is not an effect. {remedy}"
            row_faults.append(FieldError("effect", code, remedy, text, EFFECTS))
        row_id = cells.get("finding_id", "")
        if reading and effect and not row_faults:
            citation = {name: cells.get(name, "") for name in CITATION_COLUMNS}
            observed = {name: cells.get(name, "") for name in (*OBSERVED_COLUMNS[1:], "cell_model", *REPORTING_COLUMNS)}
            paper = cells.get("paper") or _paper(citation)
            row_id = row_id or content_id(_content_hash(paper, reading.candidate, effect))
            findings[row.line] = Finding(row_id, paper, reading, effect, observed, citation)
        faults += [RowError(row.line, fault, row_id) for fault in row_faults]
    return findings, faults


def _unlearned_set(reading: ParsedCandidate) -> list[FieldError]:
    """What a candidate may state of a set of cargos, a finding may not, since nothing is learned from it."""
    carried, hows = reading.carried, {note.how for note in reading.notes}
    fields = {
        "cargo_type": carried.types or INFERRED in hows,
        "cargo_state": carried.states,
        "cargo_name": carried.weights or UNWEIGHTED in hows,
    }
    plain = JOINT.join(name.name for name in carried.names)
    remedies = {
        field: f"A finding has one {field}. Give that of its main cargo" for field in ("cargo_type", "cargo_state")
    }
    remedies["cargo_name"] = f"A finding has no weights of cargos, since nothing is learned from them. Give {plain}"
    return [FieldError(field, "not_applicable", remedies[field]) for field, is_of_set in fields.items() if is_of_set]


def _unread_phenotypes(reading: ParsedCandidate, vocabulary: Vocabulary) -> list[FieldError]:
    """What a candidate may leave open, a finding may not: nothing is to be learned of a state that is not known here."""
    return [
        unknown_term(vocabulary, note.field, note.given, vocabulary.names(note.field))
        for note in reading.notes
        if note.field == "source_phenotype" and note.how == "unknown"
    ]


def _paper(citation: Mapping[str, str]) -> str:
    for kind in IDENTIFIERS:
        if citation[kind]:
            return f"{kind}:{citation[kind]}"
    return "title:" + hashlib.sha256(fold(citation["title"][:MAX_CELL]).encode()).hexdigest()[:10]


def _content_hash(paper: str, candidate: Candidate, effect: str) -> str:
    return hashlib.sha256(repr((paper, candidate.to_dict(), effect)).encode()).hexdigest()


def content_id(content: str, digits: int = 8) -> str:
    """The id of a finding that was given none."""
    return "EXF-" + content[:digits]


def _faults_across(
    rows: Sequence[TableRow], findings: Mapping[int, Finding], locator: Callable[[int], str]
) -> list[RowError]:
    """Ids used twice, the same finding twice, and one paper that says both effects of one candidate."""
    faults = []
    line_of_id: dict[str, int] = {}
    for row in rows:
        if (row_id := row.cells.get("finding_id", "")) and line_of_id.setdefault(row_id, row.line) != row.line:
            remedy = f"The finding_id {row_id} is already on {locator(line_of_id[row_id])}"
            faults.append(RowError(row.line, FieldError("finding_id", "repeated", remedy, row_id), row_id))
    cells = {row.line: {**row.cells, "finding_id": ""} for row in rows}
    papers = index_papers(findings.values())
    experiments: ExperimentIndex[int] = ExperimentIndex()
    for line, finding in sorted(findings.items()):
        paper = papers.key(finding.paper)
        contrary, same = (
            experiments.find(paper, finding.candidate, effect) for effect in (finding.opposite, finding.effect)
        )
        if contrary is None:
            experiments.add(paper, finding.candidate, finding.effect, line)
        if contrary is not None:
            fault = contradiction(locator(contrary), finding)
        elif same is not None and cells[same] == cells[line]:
            fault = FieldError("", "repeated", f"The same row is already on {locator(same)}")
        else:
            continue
        faults.append(RowError(line, fault, finding.finding_id))
    return faults


def contradiction(other: str, finding: Finding) -> FieldError:
    """What is wrong with a finding where `other` says the contrary of the same experiment in the same paper."""
    remedy = f"{other} reports {finding.opposite} for the same candidate in the same paper. Keep one, or state how they differ"
    return FieldError("effect", "contradiction", remedy, finding.effect, EFFECTS)
