"""Candidates to begin with: different sources, cargos and answers."""

import json
from pathlib import Path

from service.scoring.query_string import Given

_EXAMPLES = json.loads(Path(__file__).with_name("examples.json").read_text("utf-8"))
# What each is in words, and the candidate.
EXAMPLES: tuple[tuple[str, Given], ...] = tuple((row["title"], row["candidate"]) for row in _EXAMPLES["scores"])
# One question, four answers: what of a macrophage's vesicles would act against gastric cancer?
COMPARISON: tuple[Given, ...] = tuple(_EXAMPLES["comparison"])
