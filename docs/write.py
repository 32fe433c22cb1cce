"""Writes what is made by commands: outputs and figures in README.md, docs/settings.md, and the client's types.

    python docs/write.py            writes them, after training a model in a temporary folder
    python docs/write.py --check    exits 1 where a document differs from what the commands give

A model's id and its date may differ: the id is a digest of coefficients, whose last digits depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import client_types

from service import Settings, create_app, open_scorer
from service.settings import SETTINGS

ROOT = Path(__file__).parent.parent
CLIENT_TYPES = ROOT / "exoscore_client" / "types"
FIGURES = {
    "auroc": "AUROC",
    "within_stratum_auroc": "within-stratum AUROC",
    "mcc": "MCC",
    "brier": "Brier",
}
MODELS = {
    "majority": "majority",
    "rule: source x phenotype x state": "rule: source cell x phenotype x cargo state",
    "role of the cargo alone": "what reports say of the cargo, alone",
    "model": "**Exoscore**",
}


def main() -> None:
    """Writes or checks every document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as var:
        subprocess.run(
            [executable("exoscore"), "train"], check=True, stdout=subprocess.DEVNULL, env=environment(Path(var))
        )
        documents = make_documents(Path(var))
    stale = [path for path in CLIENT_TYPES.glob("[!_]*.py") if path not in documents]
    differing = [path for path, text in documents.items() if mask(read(path)) != mask(text)] + stale
    if arguments.check:
        names = ", ".join(str(path.relative_to(ROOT)) for path in differing)
        sys.exit(f"Out of date, run `python docs/write.py`: {names}" if differing else 0)
    for path, text in documents.items():
        path.write_text(text, encoding="utf-8")
    for path in stale:
        path.unlink()


def read(path: Path) -> str:
    """The present text of a document; that of a new one is empty."""
    return path.read_text("utf-8") if path.exists() else ""


def make_documents(var: Path) -> dict[Path, str]:
    """Every document as it should be, by the model in `var`."""
    readme = (ROOT / "README.md").read_text("utf-8")
    for name, text in (("answer", answer(readme, var)), ("figures", figures(var)), ("console", console(readme, var))):
        readme = re.sub(
            rf"(?s)(<!-- begin {name} -->\n).*?(<!-- end {name} -->)",
            lambda match, text=text: match[1] + text + match[2],
            readme,
        )
    return {ROOT / "README.md": readme, ROOT / "docs" / "settings.md": settings(), **client_type_modules(var)}


def client_type_modules(var: Path) -> dict[Path, str]:
    """The modules of the client's types, from the OpenAPI document."""
    openapi = create_app(Settings(var=var)).test_client().get("/openapi.json").get_json()
    return {CLIENT_TYPES / f"{name}.py": text for name, text in client_types.write_modules(openapi).items()}


def answer(readme: str, var: Path) -> str:
    """The answer to the README's request."""
    request = re.search(r"(?s)curl -s '\S+?(/v1/\S+)' .*?-d '(.*?)'\n", readme)
    if request is None:
        raise ValueError("The README has no curl command.")
    client = create_app(Settings(var=var)).test_client()
    response = client.post(request[1], json=json.loads(request[2]))
    return f"```json\n{compact_json(response.get_json())}\n```\n"


def compact_json(document: Any, indent: str = "") -> str:
    """JSON with a line for each member, and on one line whatever fits."""
    line = json.dumps(document, ensure_ascii=False)
    if len(indent) + len(line) <= 120 or not isinstance(document, dict | list) or not document:
        return line
    inner = indent + "  "
    if isinstance(document, list):
        return "[\n" + ",\n".join(inner + compact_json(each, inner) for each in document) + f"\n{indent}]"
    members = (f"{inner}{json.dumps(key)}: {compact_json(value, inner)}" for key, value in document.items())
    return "{\n" + ",\n".join(members) + f"\n{indent}}}"


def figures(var: Path) -> str:
    """The model beside baselines, from its own manifest."""
    metrics = open_scorer(var).bundle.manifest["metrics"]
    heading = f"On {metrics['findings']} findings of {metrics['papers']} papers, {metrics['protocol']}, papers weighing equal:"
    lines = [heading, "", f"| | {' | '.join(FIGURES.values())} |", "|---" * (len(FIGURES) + 1) + "|"]
    for name, label in MODELS.items():
        cells = [f"{metrics['figures'][name][figure]['mean']:.3f}" for figure in FIGURES]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    intervals = [metrics["figures"]["model"][figure]["interval"] for figure in FIGURES]
    lines.append(f"| 95 % interval | {' | '.join(f'{low:.3f} to {high:.3f}' for low, high in intervals)} |")
    return "\n".join(lines) + "\n"


def console(readme: str, var: Path) -> str:
    """The README's commands with their output."""
    block = re.search(r"(?s)<!-- begin console -->\n(.*?)<!-- end console -->", readme)
    lines = []
    for line in re.findall(r"^\$ .*$", block[1] if block else "", re.MULTILINE):
        name, *words = shlex.split(line[2:])
        process = subprocess.run(
            [executable(name), *words], check=True, capture_output=True, text=True, env=environment(var)
        )
        lines += [line, *(output.rstrip() for output in process.stdout.rstrip("\n").split("\n"))]
    return "```console\n" + "\n".join(lines) + "\n```\n"


def settings() -> str:
    """The page of the settings."""
    lines = [
        "# Settings",
        "",
        "Each is an environment variable, and an option of `exoscore serve` by the same name; `--var` is one of every command. A",
        "malformed or unknown one stops the start. Written by `python docs/write.py`.",
        "",
        "| variable | type | default | what it does |",
        "|---|---|---|---|",
        *(
            f"| `{setting.variable}` | {setting.wanted} | `{setting.default}` | {setting.help} |"
            for setting in SETTINGS
        ),
    ]
    return "\n".join(lines) + "\n"


def executable(name: str) -> str:
    """The path of a command of this installation."""
    return str(Path(sys.executable).with_name(name))


def environment(var: Path) -> dict[str, str]:
    """The environment of a command over `var`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EXOSCORE_")}
    return {**inherited, "EXOSCORE_VAR": str(var), "COLUMNS": "110", "TERM": "dumb"}


def mask(text: str) -> str:
    """A document without what may differ between two runs that agree."""
    return re.sub(r"exo-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:+]+", "…", text)


if __name__ == "__main__":
    main()
