"""Runs the tutorial notebook and writes its page: docs/notebook.ipynb with its outputs, and docs/notebook.md.

python docs/notebook.py             with the model in the installation (EXOSCORE_VAR, else var)
python docs/notebook.py --check     says what would change, with status 1
"""

from __future__ import annotations

import re
import sys
from copy import deepcopy
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbconvert import MarkdownExporter
from nbformat import NotebookNode
from write import with_example_commit

HERE = Path(__file__).parent
NOTEBOOK, PAGE = HERE / "notebook.ipynb", HERE / "notebook.md"
INTRODUCTION = "[Download this notebook](notebook.ipynb){: download }\n\n"
TIMEOUT = 600
# The manual takes no styles from pages, so what needs them stays in the notebook.
_STYLED = re.compile(r"<style.*?</style>\s*|<div class=\"track\".*?</div>\s*|<p class=\"ends\".*?</p>\s*", re.DOTALL)
_ATTRIBUTES = re.compile(r" (?:style|border)=\"[^\"]*\"")
_BLANK_LINES = re.compile(r"\n\s*\n")


def run(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """The notebook with the outputs of its cells, run in a folder. Raises CellExecutionError."""
    client = NotebookClient(notebook, timeout=TIMEOUT, kernel_name="python3", resources={"metadata": {"path": folder}})
    client.execute()
    for cell in notebook.cells:
        # When each cell ran would differ each time.
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            for kind, text in output.get("data", {}).items():
                output.data[kind] = with_example_commit(text)
    return notebook


def make_page(notebook: NotebookNode) -> str:
    """A notebook that was run as a page of the manual."""
    shown = deepcopy(notebook)
    for cell in shown.cells:
        for output in cell.get("outputs", ()):
            if html := output.get("data", {}).get("text/html"):
                # A blank line would end the HTML in Markdown.
                output["data"]["text/html"] = _BLANK_LINES.sub("\n", _ATTRIBUTES.sub("", _STYLED.sub("", html)))
    body, _ = MarkdownExporter().from_notebook_node(shown)
    title, rest = body.lstrip().split("\n", 1)
    return f"{title}\n\n{INTRODUCTION}{rest.strip()}\n"


def texts_of(notebook: NotebookNode) -> str:
    """What the cells of a notebook say, and what they print, line by line."""
    printed = (output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", ()))
    return "\n".join(["\n".join(cell.source for cell in notebook.cells), *printed])


def check(written: NotebookNode, notebook: NotebookNode) -> str:
    """The lines in which what stands in the folder differs from a run; empty where it does not."""
    pairs = (texts_of(written), texts_of(notebook)), (PAGE.read_text(encoding="utf-8"), make_page(notebook))
    return "\n".join(
        line for before, after in pairs for line in unified_diff(before.splitlines(), after.splitlines(), lineterm="")
    )


def main() -> None:
    """Runs the notebook, and writes it and its page; with --check, says what would change instead."""
    written = nbformat.read(NOTEBOOK, as_version=4)
    with TemporaryDirectory() as folder:
        notebook = run(deepcopy(written), Path(folder))
    if "--check" in sys.argv:
        sys.exit(check(written, notebook) or 0)
    nbformat.write(notebook, NOTEBOOK)
    PAGE.write_text(make_page(notebook), encoding="utf-8")
    sys.stdout.write(f"{NOTEBOOK}\n{PAGE}\n")


if __name__ == "__main__":
    main()
