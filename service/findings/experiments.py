"""Which stored findings are of the very experiments of others: doubles, and papers that would contradict themselves."""

from collections.abc import Collection, Container
from operator import attrgetter

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.candidates.parser import CandidateParser
from service.db.tables import FindingRow
from service.findings.rows import normalize_cells, rows_where
from training.data.findings import Finding, validate_rows
from training.data.papers import ExperimentIndex, PaperIndex


class StoredExperiments:
    """The stored findings of the papers, by whatever name, that some findings are of."""

    def __init__(
        self, session: Session, findings: Collection[Finding], reader: CandidateParser, but: Container[str] = ()
    ) -> None:
        """`but` are the ids of stored findings that are left out: those that `findings` are to take the place of."""
        query = select(FindingRow.position, FindingRow.finding_id, FindingRow.paper, FindingRow.cells)
        active = session.execute(query.where(FindingRow.retracted.is_(False))).all()
        stored = [row for row in active if row.finding_id not in but]
        self.papers = PaperIndex(
            [*((row.paper, row.cells) for row in stored), *((finding.paper, finding.citation) for finding in findings)]
        )
        concerned = {self.papers.key(finding.paper) for finding in findings}
        kin = [row for row in stored if self.papers.key(row.paper) in concerned]
        # What the words of this version do not admit any more is nobody's double.
        tested, _ = validate_rows([normalize_cells(row.position, row.cells) for row in kin], reader)
        rows = {
            row.finding_id: row
            for row in rows_where(session, FindingRow.finding_id, map(attrgetter("finding_id"), kin))
        }
        contents = {finding.content for finding in findings}
        # The same content is not kept twice, not even where one was retracted.
        self._by_content = {row.content: row for row in rows_where(session, FindingRow.content, contents)}
        self._by_content = {content: row for content, row in self._by_content.items() if row.finding_id not in but}
        self._active: ExperimentIndex[FindingRow] = ExperimentIndex()
        self._joined: dict[str, tuple[FindingRow, FindingRow]] = {}
        for _, finding in sorted(tested.items()):
            paper, row = self.papers.key(finding.paper), rows[finding.finding_id]
            if other := self._active.find(paper, finding.candidate, finding.opposite):
                self._joined[paper] = other, row
            self._active.add(paper, finding.candidate, finding.effect, row)
        if self._joined:
            # Stores of earlier versions may hold papers that contradicted themselves before.
            before = PaperIndex((row.paper, row.cells) for row in active)
            self._joined = {
                paper: pair
                for paper, pair in self._joined.items()
                if before.key(pair[0].paper) != before.key(pair[1].paper)
            }

    def same(self, finding: Finding) -> FindingRow | None:
        """The stored finding that says the same of the same experiment, or that has its very content."""
        active = self._active.find(self.papers.key(finding.paper), finding.candidate, finding.effect)
        return active or self._by_content.get(finding.content)

    def joined(self, finding: Finding) -> tuple[FindingRow, FindingRow] | None:
        """Two active findings that contradict each other within one paper, if `finding` makes it one."""
        return self._joined.get(self.papers.key(finding.paper))

    def contrary(self, finding: Finding) -> FindingRow | None:
        """The active finding that says the contrary of the same experiment."""
        return self._active.find(self.papers.key(finding.paper), finding.candidate, finding.opposite)
