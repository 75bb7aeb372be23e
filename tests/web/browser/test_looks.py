"""The pages in a real browser: what a tool for accessibility finds, on a phone, by keyboard, without JavaScript."""

from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, Locator, Page

from tests.web.browser.conftest import DESKTOP, PHONE, Served

pytestmark = pytest.mark.browser
_STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_EVERY_RULE = {"type": "tag", "values": _STANDARDS}
# All else is the same in the dark.
_RULES_OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
_AXE = """async rules => {
    const found = await axe.run(document, {runOnly: rules, resultTypes: ['violations']});
    return found.violations.flatMap(rule => rule.nodes.map(node => [rule.id, ...node.target, node.failureSummary]));
}"""
_SCHEMES: tuple[tuple[Literal["light", "dark"], object], ...] = (("light", _EVERY_RULE), ("dark", _RULES_OF_COLOURS))
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_CUT_OFF = """() => [...document.querySelectorAll('.scroll > svg text')].filter(text => {
    const box = text.getBBox(), svg = text.ownerSVGElement;
    return box.x < -1 || box.y < -1 || box.x + box.width > svg.width.baseVal.value + 1
        || box.y + box.height > svg.height.baseVal.value + 1;
}).map(text => text.textContent)"""
_FOCUS = """() => {
    const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
    const name = at.id || at.textContent.trim().slice(0, 30) || at.name || at.tagName;
    const isSeen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
        && box.width > 0 && box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
    return [at === document.body ? '' : name, isSeen];
}"""


def test_no_page_is_hard_to_use(scripted: BrowserContext, served: Served) -> None:
    scripted.add_init_script(AXE_SCRIPT)
    page, found = scripted.new_page(), []
    for kind, address in served.pages.items():
        page.goto(served.base + address)
        page.evaluate("() => document.querySelectorAll('details').forEach(each => { each.open = true; })")
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            for scheme, rules in _SCHEMES:
                page.emulate_media(color_scheme=scheme)
                found += [(kind, size["width"], scheme, *each) for each in page.evaluate(_AXE, rules)]
    assert found == []


def test_no_page_is_wider_than_a_phone_and_no_text_is_cut_off(scripted: BrowserContext, served: Served) -> None:
    page, wrong = scripted.new_page(), []
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        for kind, address in served.pages.items():
            page.goto(served.base + address)
            found = page.evaluate(_OVERFLOW), page.evaluate(_CUT_OFF)
            wrong += [] if found == (0, []) else [(kind, size["width"], found)]
    assert wrong == []


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_refused(scriptless: BrowserContext, served: Served) -> None:
    asked, said = list[str](), list[str]()
    scriptless.on("request", lambda request: asked.append(request.url))
    page = scriptless.new_page()
    page.on("console", lambda message: said.append(message.text))
    for kind, address in served.pages.items():
        page.goto(served.base + address)
        assert page.locator("script").count() == 0, kind
    assert {urlsplit(each).netloc for each in asked} == {urlsplit(served.base).netloc}
    # A status that is meant is not a refusal by the policy for contents.
    assert [each for each in said if "status of 40" not in each] == []


def test_a_visitor_gets_everywhere_without_scripts(scriptless: BrowserContext, served: Served) -> None:
    page = scriptless.new_page()
    page.goto(f"{served.base}/?as_of=2021-02-22&period=1m")
    heading = page.locator("h1")
    for link in ("Certification", "Digests", "Status", "Timeline"):
        page.get_by_role("navigation", name="Main").get_by_role("link", name=link).click()
        assert heading.inner_text() == link
    table = page.get_by_role("table", name="Releases by series")
    assert not table.is_visible()
    page.get_by_text("The same as a table").click()
    assert table.is_visible()
    table.get_by_role("rowheader").get_by_role("link", name="v7r1", exact=True).click()
    assert heading.inner_text().startswith("v7r1 ")
    page.get_by_label("Period").fill("2021-02")
    page.get_by_label("Period").press("Enter")
    assert "period=2021-02" in page.url
    page.get_by_label("Ask").fill("latest v7r0")
    page.get_by_label("Ask").press("Enter")
    assert heading.inner_text() == "Search: latest v7r0"


def test_on_a_phone_the_newest_is_in_view(scriptless: BrowserContext, served: Served) -> None:
    page = scriptless.new_page()
    page.set_viewport_size(PHONE)
    for kind in ("timeline", "repository", "series", "overview", "board"):
        page.goto(served.base + served.pages[kind])
        chart = page.locator(".scroll.newest").first
        # Of a lane, or of bars, the last is the newest.
        marks = chart.locator("svg a:last-of-type, svg circle:last-of-type")
        newest = max(map(_right, marks.all()))
        frame = chart.bounding_box()
        assert frame is not None
        assert frame["x"] + 20 < newest <= min(frame["x"] + frame["width"], PHONE["width"]), kind


def _right(mark: Locator) -> float:
    box = mark.bounding_box()
    assert box is not None
    return box["x"] + box["width"]


def test_by_keyboard_the_header_is_skipped_and_the_place_is_seen(scripted: BrowserContext, served: Served) -> None:
    page = scripted.new_page()
    page.goto(served.base + served.pages["repository"])
    page.keyboard.press("Tab")
    assert page.evaluate(_FOCUS) == ["Skip to content", True]
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"
    stops = _stops(page)
    assert "Timeline" not in stops
    assert len(stops) > 10
    assert all(is_seen for is_seen in stops.values()), stops


def _stops(page: Page) -> dict[str, bool]:
    """Return what the key Tab stops at from here on, each with whether it can be seen that it does."""
    found: dict[str, bool] = {}
    for _ in range(60):
        page.keyboard.press("Tab")
        name, is_seen = page.evaluate(_FOCUS)
        if not name:
            break
        # The parts of a field for dates are one stop, and the last, a button, shows it in its own way.
        found[name] = found.get(name, False) or is_seen
    return found
