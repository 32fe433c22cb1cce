"""A plugin of pytest for `make attack`: a table of what was tried and whether it held, a row for each test."""

from __future__ import annotations

import pytest

CLAIM = "claim"
VERDICTS = {"passed": "held", "failed": "FELL", "error": "FELL", "skipped": "skipped"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gives each test its claim: the first line of its docstring, else its name in words; with its case, if it has several."""
    for item in items:
        assert isinstance(item, pytest.Function)
        sentence = (item.obj.__doc__ or "").strip().partition("\n")[0]
        claim = sentence or item.originalname.removeprefix("test_").replace("_", " ")
        case = item.name.removeprefix(item.originalname)
        item.user_properties.append((CLAIM, f"{claim} {case}".strip()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the table."""
    seconds: dict[str, float] = {}
    verdicts: dict[str, tuple[str, str]] = {}
    for outcome, verdict in VERDICTS.items():
        for report in terminalreporter.stats.get(outcome, []):
            seconds[report.nodeid] = seconds.get(report.nodeid, 0.0) + report.duration
            # A test that held and could not clean up after itself is named in both lists; the later one counts.
            verdicts[report.nodeid] = (verdict, dict(report.user_properties)[CLAIM])
    terminalreporter.section("What was tried, and what held")
    for place, (verdict, claim) in sorted(verdicts.items()):
        terminalreporter.write_line(f"{verdict:8}{seconds[place]:7.1f} s  {claim}")
    held = sum(verdict == "held" for verdict, _ in verdicts.values())
    terminalreporter.write_line(f"{held} of {len(verdicts)} attacks held")
