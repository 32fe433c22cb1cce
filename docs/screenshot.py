"""Takes the picture of an answer that README and manual show: docs/images/answer.png. Needs Chromium.

python docs/screenshot.py             of the model in the installation (EXOSCORE_VAR, else var)
"""

from __future__ import annotations

import shutil
import sys
import threading
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright
from werkzeug.serving import make_server

from service import Settings, create_app

PICTURE = Path(__file__).parent / "images" / "answer.png"
ANSWER = "/?source_phenotype=M2&cargo_type=mirna&cargo_name=miR-21-5p&cancer_type=gastric+cancer"
SIZE: ViewportSize = {"width": 1100, "height": 820}


def main() -> None:
    """Serves the application, and takes the picture."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is needed: apt-get install chromium")
    server = make_server("127.0.0.1", 0, create_app(Settings.read()), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(f"http://127.0.0.1:{server.port}{ANSWER}", wait_until="networkidle")
        if page.locator("h1").count() != 1:
            sys.exit("There is no answer: is there a model? Run `exoscore train` first.")
        page.screenshot(path=PICTURE)
        browser.close()
    server.shutdown()
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
