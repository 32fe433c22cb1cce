"""What the documents say of speed is what the commands measured: the kept figures make the very documents, byte for byte."""

from __future__ import annotations

from benchmarks.performance import DOCUMENT, KEPT, ROOT, documents, read, too_small


def test_the_documents_are_made_of_the_kept_figures() -> None:
    made = documents(read(ROOT / KEPT))
    assert made[DOCUMENT] == (ROOT / DOCUMENT).read_text("utf-8")


def test_the_kept_figures_are_of_what_is_promised_and_nothing_failed() -> None:
    measured = read(ROOT / KEPT)
    assert too_small(measured) == ""
    failed = [
        (turn["name"], load)
        for turn in measured["serving"]["turns"]
        for load, found in turn["loads"].items()
        if found["failed"]
    ]
    assert failed == []
