"""Messages: a digest in the language of a place, as long as it takes it."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.digests import Digest
from bot.places.fitting import fitted
from bot.places.services import Ways
from bot.render.digest_html import digest_fragment
from bot.render.digest_html import escaped as escaped_html
from bot.render.digest_markdown import digest_markdown
from bot.render.digest_markdown import escaped as escaped_markdown
from bot.render.digest_text import digest_text
from bot.render.markup import quiet
from bot.render.words import printable

# Between a title and its body.
_BREAK = 2


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: a title, empty where the place has none, and a body in its language."""

    title: str
    body: str
    language: str


def message_of(digest: Digest, ways: Ways, turned: Callable[[str], str]) -> Message:
    """Write a digest for a place; ``turned`` is how the place's own dialect makes a body longer or shorter."""
    headline = quiet(printable(digest.headline))
    title = _shortened(headline, ways.title)
    most = ways.most - (len(title) + _BREAK if ways.is_shared else 0)
    body = _body(digest, ways.language, is_headed=title != headline)
    told = f"release-bot digest {digest.name} shows the whole"
    told = {"markdown": escaped_markdown, "html": escaped_html}.get(ways.language, quiet)(told)
    return Message(title, fitted(body, ways.language, told, lambda text: len(turned(text)) <= most), ways.language)


def _body(digest: Digest, language: str, *, is_headed: bool) -> str:
    match language:
        case "html":
            return digest_fragment(digest, is_headed=is_headed)
        case "markdown":
            return digest_markdown(digest, is_headed=is_headed)
        case _:
            return quiet(digest_text(digest, is_headed=is_headed))


def _shortened(headline: str, most: int) -> str:
    return headline if len(headline) <= most else f"{headline[: most - 1].rstrip()}…" if most else ""
