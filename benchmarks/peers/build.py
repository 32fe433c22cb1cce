"""Sets up the peers in a folder: a virtual environment for each, and the pipeline that all of them serve.

    python -m benchmarks.peers.build FOLDER [NAME ...]    by default every peer; what is there already is kept

Says which could not be installed; the others can be measured without them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.bodies import as_rows
from benchmarks.candidates import Candidates
from benchmarks.peers.registry import APPS, ENVIRONMENTS, VERSIONS_OF, program
from models.estimator.features import Features
from training.data.findings import CORPUS

SAMPLE = 100
SEED = 20


def main() -> None:
    """Builds, and says what there is."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ENVIRONMENTS))
    chosen = arguments.parse_args()
    if unknown := set(chosen.names) - set(ENVIRONMENTS):
        arguments.error(f"no peer is named {', '.join(sorted(unknown))}; there are {', '.join(ENVIRONMENTS)}")
    folder = chosen.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in chosen.names or ENVIRONMENTS if not installed(folder, name)]
    write_models(folder)
    for name in ENVIRONMENTS:
        if found := versions(folder, name):
            print(f"{name:10s}{', '.join(f'{package} {number}' for package, number in found.items())}")
    sys.exit(f"not installed: {', '.join(missing)}" if missing else 0)


def installed(folder: Path, name: str) -> bool:
    """Whether an environment is there, after an attempt to make it."""
    home = folder / "venv" / name
    try:
        if not (home / "bin" / "python").exists():
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        if not versions(folder, name):
            quiet = ["--quiet", "--disable-pip-version-check"]
            command = [program(folder, name, "python"), "-m", "pip", "install", *quiet, *ENVIRONMENTS[name]]
            subprocess.run(command, check=True)
    except subprocess.CalledProcessError as error:
        print(f"{name}: {error}", file=sys.stderr)
    return bool(versions(folder, name))


def versions(folder: Path, name: str) -> dict[str, str]:
    """What of a peer is installed, by package; nothing where a package is missing."""
    code = "import importlib.metadata as m, sys; print(*map(m.version, sys.argv[1:]))"
    packages = tuple(dict.fromkeys([*VERSIONS_OF[name], "scikit-learn", "pandas"]))
    python = Path(program(folder, name, "python"))
    if not python.exists():
        return {}
    done = subprocess.run([str(python), "-c", code, *packages], capture_output=True, text=True)
    return dict(zip(packages, done.stdout.split(), strict=True)) if done.returncode == 0 else {}


def write_models(folder: Path) -> None:
    """The fitted pipeline with what it says of a sample, and what MLflow and MLServer want beside it."""
    sample = as_rows(Candidates(Features.load(), SEED).draw(SAMPLE))
    (folder / "sample.json").write_text(json.dumps(sample), encoding="utf-8")
    fitting = next((name for name in ENVIRONMENTS if versions(folder, name)), None)
    if fitting is None:
        sys.exit("none of the peers is installed")
    command = [program(folder, fitting, "python"), str(APPS / "fit.py")]
    subprocess.run([*command, str(CORPUS), str(folder / "sample.json"), str(folder)], check=True)
    if versions(folder, "mlflow"):
        shutil.rmtree(folder / "mlflow", ignore_errors=True)
        subprocess.run([program(folder, "mlflow", "python"), str(APPS / "save_mlflow.py"), str(folder)], check=True)
    batching = {"max_batch_size": 32, "max_batch_time": 0.01}
    for name, more in (("plain", {}), ("batching", batching)):
        home = folder / "mlserver" / name
        home.mkdir(parents=True, exist_ok=True)
        settings = {"host": "127.0.0.1", "parallel_workers": 2, "debug": False}
        (home / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        of_model = {
            "name": "scorer",
            "implementation": "mlserver_sklearn.SKLearnModel",
            "parameters": {"uri": str(folder / "pipeline.joblib"), "version": "v1"},
            **more,
        }
        (home / "model-settings.json").write_text(json.dumps(of_model), encoding="utf-8")


if __name__ == "__main__":
    main()
