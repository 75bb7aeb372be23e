"""A digest as a page of HTML: the same words, and nothing in it that a forge could have put there."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

from hypothesis import HealthCheck, given, settings

from bot.domain.digests.digest import Digest
from bot.render.digest_html import HTML, digest_html
from bot.render.digest_text import digest_text
from tests.render.digests import digests, dirac_digest

OWN = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "ul", "li", "strong", "a", "footer"}

ATTRIBUTES = {"a": {"href"}, "html": {"lang"}, "meta": {"charset", "name", "content"}, "li": {"class"}}


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and "title" not in self.open:
            self.words += data


def test_the_page_has_the_words_of_the_text_and_links_each_release() -> None:
    page = Page(digest_html(dirac_digest()))
    # Text has the addresses that a page has behind its links.
    for word in digest_text(dirac_digest()).split():
        assert word in page.words or word.startswith("https://")
    linked = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert "https://github.example/DIRACGrid/DIRAC/releases/tag/v7r0p49" in linked
    assert page.open == []


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(digests())
def test_nothing_from_a_forge_is_more_than_words(digest: Digest) -> None:
    page = Page(digest_html(digest))
    assert page.open == []
    for tag, attributes in page.elements:
        assert tag in OWN
        assert attributes.keys() <= ATTRIBUTES.get(tag, set())
        assert attributes.get("class") in {None, "of"}
        if tag == "a":
            assert urlsplit(attributes["href"] or "").scheme in {"http", "https"}


def test_a_link_stays_on_one_line_whatever_its_address() -> None:
    assert HTML.link("https://forge.example/\n\ud800", "v1") == '<a href="https://forge.example/%0A%3F">v1</a>'
