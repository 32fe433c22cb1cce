"""Findings that several add, correct and read at once are added once, corrected one after another, and read without a gap."""

from __future__ import annotations

import itertools
import threading
from collections import Counter

from service.db.tables import AuditRow, FindingRevision, FindingRow
from service.errors import StaleFindingError
from service.findings.repository import FindingRepository
from service.findings.search import Filters, iter_all, search
from tests.service.findings.rows import row
from tests.threads import in_threads


def test_concurrent_additions_add_each_content_once(findings: FindingRepository) -> None:
    rows = [row(line, paper=f"lab:{line}") for line in range(12)]
    placed: list[str] = []

    def add(number: int) -> None:
        chosen = rows[number % 3 :: 2] if number % 2 else rows[::-1]
        placed.extend(one.finding_id for one in findings.add(chosen, f"thread {number}").added)

    assert in_threads(add, 8) == []
    assert len(placed) == len(set(placed)) == len(rows)
    with findings.database.read() as session:
        for table in (FindingRow, FindingRevision, AuditRow):
            assert session.query(table).count() == len(rows)


def test_of_concurrent_corrections_exactly_one_wins_each_revision(findings: FindingRepository) -> None:
    (placed,) = findings.add([row()], "anna").added
    won: Counter[int] = Counter()

    def correct(number: int) -> None:
        for revision in range(1, 6):
            try:
                findings.correct(
                    placed.finding_id, {"dose": f"{number}/{revision}"}, f"thread {number}", "to test", [revision]
                )
                won[revision] += 1
            except StaleFindingError:
                continue

    assert in_threads(correct, 6) == []
    history = findings.history(placed.finding_id)
    assert [one.revision for one in history] == list(range(1, len(history) + 1))
    assert dict(won) == dict.fromkeys(range(1, len(history)), 1)
    assert len({one.cells.get("dose") for one in history}) == len(history)


def test_pages_hold_every_finding_once_even_while_others_are_added(findings: FindingRepository) -> None:
    findings.add([row(line, paper=f"lab:{line}") for line in range(20)], "anna")
    at_first = [one.finding_id for one in search(findings, Filters())[0]]
    stop = threading.Event()

    def add() -> None:
        for number in itertools.count():
            if stop.is_set():
                return
            findings.add([row(paper=f"lab:later-{number}-{one}", line=one) for one in range(3)], "ben")

    adding = [threading.Thread(target=add) for _ in range(2)]
    for thread in adding:
        thread.start()
    seen: list[str] = []
    after: int | None = 0
    while after is not None and len(seen) < 60:
        found, after = search(findings, Filters(), after, 3)
        seen += [one.finding_id for one in found]
    stop.set()
    for thread in adding:
        thread.join()
    everyone = [one.finding_id for one in iter_all(findings, Filters())]
    assert seen[: len(at_first)] == at_first
    assert seen == everyone[: len(seen)]
