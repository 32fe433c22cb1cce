"""Where a form leads, so that one form can serve several pages."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Destination:
    """The address that a form is sent to with what is `kept` beside its fields, what its button says, and where somebody gets
    who gives it up."""

    address: str
    button: str
    cancel: str
    given_up: str = "Clear"
    kept: tuple[tuple[str, str], ...] = ()

    def with_query(self, query: str) -> str:
        """The address as if the form had been sent with the fields of `query`."""
        return f"{self.address}?{'&'.join(filter(None, (urlencode(self.kept, errors='surrogateescape'), query)))}"
