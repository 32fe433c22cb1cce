"""A page as PDF, by Chromium or WeasyPrint where one is installed."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from service.cli.output import fail

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
WEASYPRINT = "weasyprint"
SECONDS = 120


def print_pdf(page: bytes) -> bytes:
    """A page printed as PDF. Fails where nothing that prints is installed, or it does not print."""
    program = next(filter(None, map(shutil.which, (*BROWSERS, WEASYPRINT))), None)
    if program is None:
        fail("printing a PDF needs Chromium, Chrome or WeasyPrint, and none is installed. Install one, or write .html")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_bytes(page)
        options = ["--headless", "--disable-gpu", f"--user-data-dir={folder}/profile", "--no-pdf-header-footer"]
        # Chromium's sandbox does not work for root; the page is our own and runs no scripts.
        options += ["--no-sandbox"] if os.geteuid() == 0 else []
        is_browser = Path(program).stem != WEASYPRINT
        arguments = (
            [*options, f"--print-to-pdf={target}", source.as_uri()] if is_browser else [str(source), str(target)]
        )
        try:
            printed = subprocess.run([program, *arguments], capture_output=True, timeout=SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            fail(f"{program} could not print the report: {error}")
        if printed.returncode or not target.exists():
            fail(f"{program} could not print the report: {printed.stderr.decode(errors='replace').strip()[-500:]}")
        return target.read_bytes()
