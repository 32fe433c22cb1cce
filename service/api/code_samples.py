"""Examples of requests to the main endpoints, in the languages of those who send them."""

import tomllib
from pathlib import Path
from typing import Any

# What each language is called, and in which one its source is written.
LANGUAGES = {
    "curl": ("curl", "shell"),
    "client": ("Python (exoscore_client)", "python"),
    "httpx": ("Python (httpx)", "python"),
    "r": ("R (httr2)", "r"),
}
# By the name of an operation: its title, and the source of its example in each language.
SAMPLES: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def document(operation: dict[str, Any], info: dict[str, Any], **_: object) -> dict[str, Any]:
    """The operation with its examples."""
    samples = SAMPLES.get(info["manual_doc"]["operationId"], {})
    listed = [
        {"lang": language, "label": label, "source": samples[name].strip()}
        for name, (label, language) in LANGUAGES.items()
        if name in samples
    ]
    return operation | ({"x-codeSamples": listed} if listed else {})
