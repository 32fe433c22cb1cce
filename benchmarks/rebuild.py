"""Trains the shipped model anew, and compares it with the record of it in benchmarks/measured/shipped_model.json.

    python benchmarks/rebuild.py            status 1 where the model is another one
    python benchmarks/rebuild.py --write    writes the record; for changes that are meant to change the model

The installed command trains, from the committed corpus, in an empty folder. Of the manifest all is compared but the date, the
seconds, the commit and the version of Python: byte for byte on the same kind of processor. Another one computes other last
digits, from which follows another id, so numbers that agree to RELATIVE are the same. The candidates of all findings get the
same prediction, and the same probability within PROBABILITY, which is the last digit that documents show.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.rounding import round_probability
from models.scorer import Scorer
from service import open_scorer
from training.data.findings import Finding, read_findings

RECORD = Path(__file__).parent / "measured" / "shipped_model.json"
RELATIVE = 1e-6
PROBABILITY = 1e-4
# What differs each time or by the machine: the files of a bundle have the time in them.
BESIDE = ("created", "seconds", "code", "members")
Record = dict[str, Any]


def make_record(scorer: Scorer, findings: Sequence[Finding]) -> Record:
    """What is compared of a model: its manifest, and its prediction for the candidate of each finding."""
    manifest = {name: value for name, value in scorer.bundle.manifest.items() if name not in BESIDE}
    manifest["libraries"] = {name: text for name, text in manifest["libraries"].items() if name != "python"}
    scores = {}
    for finding in findings:
        score = scorer.score_reading(finding.reading)
        scores[finding.finding_id] = [score.label, round_probability(score.probability_suppressing)]
    return {"manifest": json.loads(json.dumps(manifest)), "scores": scores}


def differences(recorded: Record, rebuilt: Record) -> list[str]:
    """Where a model is another one than the recorded one: a line for each value of the manifest and each score."""
    before, after = _without_id(recorded), _without_id(rebuilt)
    lines = list(_differing(before, after, "manifest"))
    ids = recorded["manifest"]["model"], rebuilt["manifest"]["model"]
    if before == after and ids[0] != ids[1]:
        lines.append(f"manifest.model: {ids[0]} is {ids[1]} now")
    for name in sorted(recorded["scores"].keys() | rebuilt["scores"].keys()):
        before, after = recorded["scores"].get(name), rebuilt["scores"].get(name)
        # Half a digit more, since decimal fractions are not exact.
        if not (before and after and before[0] == after[0] and abs(before[1] - after[1]) < 1.5 * PROBABILITY):
            lines.append(f"score of {name}: {before} is {after} now")
    return lines


def _without_id(record: Record) -> Record:
    return {name: value for name, value in record["manifest"].items() if name != "model"}


def _differing(before: Any, after: Any, where: str) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted(before.keys() | after.keys()):
            if name not in before or name not in after:
                yield f"{where}.{name} is {'new' if name in after else 'missing'}"
            else:
                yield from _differing(before[name], after[name], f"{where}.{name}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, pair in enumerate(zip(before, after, strict=True)):
            yield from _differing(*pair, f"{where}[{place}]")
    elif isinstance(before, float) and isinstance(after, float):
        if not math.isclose(before, after, rel_tol=RELATIVE, abs_tol=RELATIVE):
            yield f"{where}: {before!r} is {after!r} now"
    elif before != after:
        yield f"{where}: {before!r} is {after!r} now"


def format_record(record: Record) -> str:
    """A record as JSON, with a line for each member of the manifest and each score."""
    parts = (
        f"{json.dumps(part)}: {{\n"
        + ",\n".join(
            f"{json.dumps(name)}: {json.dumps(value, sort_keys=True)}" for name, value in sorted(lines.items())
        )
        + "\n}"
        for part, lines in record.items()
    )
    return "{\n" + ",\n".join(parts) + "\n}\n"


def rebuild() -> Record:
    """The record of a model that the installed command trains in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        inherited = {name: text for name, text in os.environ.items() if not name.startswith(("EXOSCORE_", "PYTHON"))}
        command = [str(Path(sys.executable).with_name("exoscore")), "train", "--var", "var"]
        subprocess.run(command, cwd=folder, env=inherited, check=True, stdout=subprocess.DEVNULL)
        scorer = open_scorer(Path(folder, "var"))
        return make_record(scorer, read_findings(reader=scorer.parser))


def main() -> None:
    """Compares, or writes the record."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    rebuilt = rebuild()
    if arguments.write:
        RECORD.write_text(format_record(rebuilt), encoding="utf-8")
        print(RECORD)
        return
    recorded = json.loads(RECORD.read_text("utf-8"))
    if lines := differences(recorded, rebuilt):
        shown = "\n".join(f"  {line}" for line in lines[:20])
        more = f"\n  and {len(lines) - 20} more" if len(lines) > 20 else ""
        sys.exit(
            f"The model is not the recorded one:\n{shown}{more}\n"
            "If it is meant to be another one, run `python benchmarks/rebuild.py --write` and say why in the commit."
        )
    exact = recorded["manifest"] == rebuilt["manifest"]
    how = "byte for byte" if exact else f"to {RELATIVE:.0e}, as on another kind of processor"
    print(
        f"{rebuilt['manifest']['model']}: the manifest is the recorded one {how}, and so are {len(rebuilt['scores'])} scores."
    )


if __name__ == "__main__":
    main()
