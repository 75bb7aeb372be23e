"""The demo's database, served by the real program, and Debian's Chromium to look at it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, ViewportSize, sync_playwright

from bot.domain.digests.delivery import DeliveryState, Frozen
from bot.render.digest_content import digest_content
from bot.store.store import Store
from tests.render.digests import dirac_digest
from tests.web.browser.crawl import crawled

DESKTOP: ViewportSize = {"width": 1200, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# Nothing but the pages is loaded: no component, no synchronisation, no second protocol.
_ARGUMENTS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RELEASE_BOT = (sys.executable, "-m", "bot")


@dataclass(frozen=True)
class Served:
    """Where the pages are, and the address of one page of each kind, by its name."""

    base: str
    pages: dict[str, str]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("demo")
    run = partial(subprocess.run, env={"PATH": os.defpath}, check=True, stdout=subprocess.DEVNULL)
    run([*RELEASE_BOT, "demo", "--folder", str(folder)])
    with closing(Store.open(f"sqlite:///{folder / 'release-bot.db'}")) as store:
        for _ in range(2):
            digest = dirac_digest()
            frozen = Frozen("{}", content=digest_content(digest))
            store.deliveries.add(digest, "#dirac-releases", frozen, state=DeliveryState.SENT, again=True)
    with serving(folder / "bot.toml") as base:
        yield Served(base, crawled(base, "/?as_of=2021-02-22&period=1m"))


@contextmanager
def serving(configuration: Path) -> Iterator[str]:
    """Serve the pages, and give the address of the first without its slash."""
    command = [*RELEASE_BOT, "--config", str(configuration), "web", "--address", "127.0.0.1:0"]
    process = subprocess.Popen(command, env={"PATH": os.defpath}, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        found = re.match(r"serving (\S+)/ until", process.stdout.readline())
        assert found is not None
        yield found[1]
    finally:
        process.terminate()
        process.communicate(timeout=10)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium is not None, "chromium is not installed; run: apt-get install chromium"
    # As root, and in a container, its sandbox cannot be had.
    with playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS, chromium_sandbox=False) as launched:
        yield launched


@pytest.fixture
def scripted(browser: Browser) -> Iterator[BrowserContext]:
    """A context in which a test may run its own scripts beside a page."""
    with browser.new_context(viewport=DESKTOP, bypass_csp=True) as context:
        yield context


@pytest.fixture
def scriptless(browser: Browser) -> Iterator[BrowserContext]:
    """A context as of somebody who has switched JavaScript off."""
    with browser.new_context(viewport=DESKTOP, java_script_enabled=False) as context:
        yield context
