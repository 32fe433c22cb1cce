"""A server on this machine in the place of Crossref and PubMed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from service.settings import Settings

CROSSREF = {
    "message": {
        "title": ["M1 macrophages <i>in vivo</i> &amp; TLR5/NF-κB"],
        "author": [{"given": "Hui", "family": "Jiang"}, {"family": "Li"}],
        "issued": {"date-parts": [[2022, 2]]},
        "container-title": ["Cell Death &amp; Disease"],
    }
}
PUBMED = {
    "result": {
        "uids": ["35210436"],
        "35210436": {
            "title": "M1 macrophages suppress carcinoma.",
            "authors": [{"name": "van der Berg AB"}, {"name": "Li X"}],
            "pubdate": "2022 Feb 24",
            "fulljournalname": "Cell death & disease",
            "articleids": [
                {"idtype": "doi", "value": "10.1038/s41419-022-04640-z"},
                {"idtype": "pmc", "value": "PMC8873397"},
            ],
        },
    }
}


class StandIn:
    """A server on this machine in the place of Crossref and PubMed, with `answer` for whoever asks."""

    def __init__(self) -> None:
        stand_in = self
        self.asked: list[str] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = lambda handler: handler.send_error(500)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                stand_in.asked.append(self.path)
                stand_in.answer(self)

            def log_message(self, *args: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.settings = Settings(lookup=True, crossref_url=address, pubmed_url=f"{address}/eutils/")

    def send(self, content: bytes, status: int = 200, **headers: str) -> None:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(content)

        self.answer = answer
