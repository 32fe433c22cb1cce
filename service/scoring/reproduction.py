"""How an answer can be had again: the command, the request and the address that give it, the model pinned."""

import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from models.candidates.candidate import stated
from models.scoring.decisions import Costs
from service.scoring import query_string
from service.scoring.documents import OPTIONAL_FIELDS
from service.scoring.query_string import Given


def replay(given: Given, model: str, score_id: str, costs: Costs | None = None) -> dict[str, Any]:
    """The ways to the score of the candidate `given` by `model`, with all that can be included and the decision by
    `costs`, and to its report; the id is that of the score.

    Addresses begin at the root of a server, since any that keeps the model gives the same answer.
    """
    candidate = stated(given)
    chosen = costs.as_query() if costs else {}
    options = [f"--{name.replace('_', '-')}={cost}" for name, cost in chosen.items()]
    return {
        "command": command(candidate, model, *(f"--include={name}" for name in OPTIONAL_FIELDS), *options, "--json"),
        "request": {
            "method": "POST",
            "path": f"/v1/scores?include={','.join(OPTIONAL_FIELDS)}&{urlencode({'model': model, **chosen})}",
            "body": {"candidates": [candidate]},
        },
        "score": f"/v1/scores/{score_id}",
        "report": address(candidate, model, chosen),
    }


def address(given: Given, model: str, costs: Mapping[str, str] | None = None) -> str:
    """Where a server shows the report of a candidate by a model, with the decision by costs."""
    return f"/v1/reports?{query_string.write(given, model, costs)}"


def command(given: Given, model: str, *options: str) -> str:
    """The command that scores a candidate by a model, as a POSIX shell takes it."""
    words = ["exoscore", "score"]
    for name, value in stated(given).items():
        text = ";".join(value) if isinstance(value, list) else value
        option = f"--{name.replace('_', '-')}"
        words += [f"{option}={text}"] if text.startswith("-") else [option, text]
    return shlex.join([*words, "--model", model, *options])
