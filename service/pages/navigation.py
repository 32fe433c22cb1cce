"""Where the pages lead: one entry for each page that there is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the navigation: its endpoint, and the blueprint whose pages it stands for."""

    title: str
    endpoint: str

    @property
    def blueprint(self) -> str:
        """The blueprint of the endpoint, that of a whole section: on each of its pages this is the current entry."""
        return ".".join(self.endpoint.split(".")[:-1][:2])


ENTRIES = (
    Entry("Score", "pages.score.score"),
    Entry("Compare", "pages.compare.compare"),
    Entry("Batch", "pages.batch.sending.begin"),
    Entry("Findings", "pages.findings.browsing.browse"),
    Entry("Models", "pages.models.registry.listed"),
    Entry("API docs", "documentation.docs"),
)
