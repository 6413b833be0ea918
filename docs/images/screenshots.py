"""Makes the pictures of docs/reader.md from the demo archive:

    huyen --archive demo-archive demo --no-serve
    python docs/images/screenshots.py demo-archive

Needs Chromium (Debian: apt install chromium) and the development dependencies.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent


def main(archive: str) -> None:
    chromium = shutil.which("chromium") or sys.exit("no chromium")
    reader = subprocess.Popen(
        [sys.executable, "-m", "crawler.command", "--archive", archive, "serve", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert reader.stderr is not None
    found = re.search(r" at (http://\S+?)/?\s", reader.stderr.readline())
    assert found is not None
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1100, "height": 860})
            take(page, found[1])
            browser.close()
    finally:
        reader.send_signal(signal.SIGINT)
        reader.wait(20)


def take(page: Page, address: str) -> None:
    page.goto(f"{address}/search?q=nghi+quyet+35")
    page.screenshot(path=HERE / "search.png")
    # An article with a picture that has a caption.
    page.goto(f"{address}/search?q=bao+hiem+y+te+tang")
    page.locator(".hits h2 a").first.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / "article.png")
    page.get_by_role("link", name="Xem trang gốc đã lưu").click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=HERE / "replay.png")


if __name__ == "__main__":
    main(sys.argv[1])
