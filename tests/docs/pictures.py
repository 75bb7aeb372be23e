"""Make the pictures of the README from the demo: ``python -m tests.docs.pictures``, or ``make pictures``."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from playwright.sync_api import ViewportSize, sync_playwright

from tests.docs.world import ROOT
from tests.web.browser.conftest import RELEASE_BOT, serving

IMAGES = ROOT / "docs" / "images"
_DAY = "as_of=2021-02-22"
_TIMELINE = f"/timeline?{_DAY}&period=1y&repository=DIRAC"
# Wide enough for a page's text, and scaled down by readers.
_SIZE: ViewportSize = {"width": 1000, "height": 460}
_BADGES = {
    "newest.svg": f"/badge/newest/github:DIRACGrid/DIRAC/-/v7r1.svg?{_DAY}",
    "count.svg": f"/badge/count/github:DIRACGrid/DIRAC.svg?{_DAY}&period=1m",
    "certification.svg": f"/badge/certification/v7r2.svg?{_DAY}",
}


def main() -> int:
    """Take the pictures; needs Debian's Chromium."""
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="release-bot-pictures-") as folder:
        subprocess.run([*RELEASE_BOT, "demo", "--folder", folder], check=True, stdout=subprocess.DEVNULL)
        with serving(Path(folder) / "bot.toml") as base:
            for name, address in _BADGES.items():
                with urlopen(base + address, timeout=30) as answer:
                    (IMAGES / name).write_bytes(answer.read())
            _photograph(base + _TIMELINE, IMAGES / "timeline.png")
    return 0


def _photograph(address: str, image: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium", path=os.defpath))
        page = browser.new_page(viewport=_SIZE, color_scheme="light")
        page.goto(address)
        page.screenshot(path=image)
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
