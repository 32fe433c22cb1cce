"""Pages and messages are in the words of the field."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.private_words import private_words

ROOT = Path(__file__).parents[2]
# What a template does, and what it only marks up.
TEMPLATE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
MARKUP = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]+>|[\w-]+=\"[^\"]*\"", re.DOTALL)
PLACE = re.compile(r"\{[\w.!]+\}")


def messages_of(path: Path) -> Iterator[str]:
    """The texts of a module that have several words; those that explain its code are left out."""
    tree = ast.parse(path.read_text("utf-8"))
    explaining = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explaining
        if is_text and " " in node.value:
            yield PLACE.sub(" ", node.value)


@pytest.mark.parametrize("package", ["models", "training", "service", "client/exoscore_client"])
def test_messages_have_no_private_words(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    words = {str(path.relative_to(ROOT)): private_words("\n".join(messages_of(path))) for path in modules}
    assert {path: found for path, found in words.items() if found} == {}


@pytest.mark.parametrize("folder", ["service/pages/templates", "training/report/templates"])
def test_pages_and_reports_have_no_private_words(folder: str) -> None:
    templates = [
        path for path in sorted((ROOT / folder).rglob("*.*")) if path.suffix in (".html", ".svg", ".md", ".txt")
    ]
    assert templates
    words = {
        path.name: private_words(MARKUP.sub(" ", TEMPLATE.sub(" ", path.read_text("utf-8")))) for path in templates
    }
    assert {name: found for name, found in words.items() if found} == {}
