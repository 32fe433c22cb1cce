"""Kills `exoscore batch` at random moments and goes on with it, and compares the bytes with those of an undisturbed run.

    python benchmarks/interruptions.py [--rows 300000] [--kills 50] [--formats csv parquet jsonl] [--seed 0] [--json FILE]

Exits 1 where a file differs, or something stands under the final name before it is whole. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.bars import table
from benchmarks.library import NAMES, write
from benchmarks.serving import project
from models.estimator.features import Features


def main() -> None:
    """Kills, goes on, compares, and prints."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--kills", type=int, default=50)
    arguments.add_argument("--formats", nargs="+", default=["csv", "parquet", "jsonl"])
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--json", type=Path)
    chosen = arguments.parse_args()
    features = Features.load()
    found = []
    with tempfile.TemporaryDirectory() as scratch, project(Path(scratch)) as var:
        library = Path(scratch) / "library.csv"
        write(library, chosen.rows, features, NAMES)
        for form in chosen.formats:
            kills = -(-chosen.kills // len(chosen.formats))
            found.append(interrupted(var, library, form, kills, random.Random(f"{chosen.seed} {form}")))
    head = ["output", "rows", "kills", "with blocks finished", "same bytes", "nothing unfinished under the name"]
    shown = [[one[name] for name in ("format", "rows", "kills", "with_blocks", "same", "whole")] for one in found]
    print(table(head, shown))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    sys.exit(not all(one["same"] and one["whole"] for one in found))


def interrupted(var: Path, library: Path, form: str, kills: int, chance: random.Random) -> dict[str, Any]:
    """One output, until it was killed so often. A batch that ends before its kill is begun anew."""
    folder = library.parent
    undisturbed = [folder / f"undisturbed.{form}", folder / "undisturbed.bad.csv"]
    disturbed = [folder / f"disturbed.{form}", folder / "disturbed.bad.csv"]
    environment = {**os.environ, "EXOSCORE_VAR": str(var)}
    exoscore = str(Path(sys.executable).with_name("exoscore"))

    def command(files: list[Path]) -> list[str]:
        return [exoscore, "batch", str(library), str(files[0]), "--errors", str(files[1]), "--resume", "--json"]

    begun = time.monotonic()
    subprocess.run(command(undisturbed), env=environment, check=True, stdout=subprocess.DEVNULL)
    longest = time.monotonic() - begun
    journal = folder / f".{disturbed[0].name}.journal"
    killed = with_blocks = rows = 0
    same = whole = True
    while True:
        with subprocess.Popen(command(disturbed), env=environment, stdout=subprocess.PIPE) as process:
            if killed < kills:
                try:
                    process.wait(chance.uniform(0.0, longest))
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
            output, _ = process.communicate()
        if process.returncode == -signal.SIGKILL:
            killed += 1
            # The first two lines are what the batch is of, and the headers.
            with_blocks += journal.exists() and journal.read_bytes().count(b"\n") > 2
            # It may have been killed after the last thing that it did.
            whole = whole and (not disturbed[0].exists() or disturbed[0].read_bytes() == undisturbed[0].read_bytes())
            continue
        if process.returncode:
            sys.exit(f"a batch ended with status {process.returncode}")
        rows = json.loads(output)["rows"]
        pairs = zip(undisturbed, disturbed, strict=True)
        same = same and all(one.read_bytes() == other.read_bytes() for one, other in pairs)
        for path in disturbed:
            path.unlink()
        if killed >= kills:
            counted = {"format": form, "rows": rows, "kills": killed, "with_blocks": with_blocks}
            return {**counted, "same": same, "whole": whole}


if __name__ == "__main__":
    main()
