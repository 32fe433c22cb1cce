"""What findings are sent as, and what is read of answers.

An answer to POST is {"added", "existing", "conflicts"}; a page is {"findings", "next"}; an error is a problem document.
"""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

Cells = dict[str, Any]


def pointers(answer: TestResponse) -> list[str]:
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json"), answer.get_json()
    return [error["pointer"] for error in answer.get_json()["errors"]]
