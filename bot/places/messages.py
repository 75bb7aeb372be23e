"""Messages: a digest in the language of a place, as long as it takes it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.domain.digests import Digest
from bot.domain.news import Key, key_of
from bot.places.fitting import fitted
from bot.places.services import Ways
from bot.render.digest_html import digest_html_lines
from bot.render.digest_html import escaped as escaped_html
from bot.render.digest_markdown import digest_markdown_lines
from bot.render.digest_markdown import escaped as escaped_markdown
from bot.render.digest_parts import Line, named_in
from bot.render.digest_text import digest_text_lines
from bot.render.markup import quiet
from bot.render.words import printable

# Between a title and its body.
_BREAK = 2
# What the last line of a body that is cut says; the first where new releases are missing in it.
_NEXT = "new releases that are missing here are named in the next digest; "
_WHOLE = "release-bot digest {name} shows the whole"
_ESCAPED = {"markdown": escaped_markdown, "html": escaped_html}


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: a title, empty where the place has none, and a body in its language.

    ``unnamed`` are the new releases that it has no room to name.
    """

    title: str
    body: str
    language: str
    unnamed: frozenset[Key] = frozenset()


def message_of(digest: Digest, ways: Ways, turned: Callable[[str], str]) -> Message:
    """Write a digest for a place; ``turned`` is how the place's own dialect makes a body longer or shorter.

    Where there is no room for every new release, those are named without dates and links.
    """
    headline = quiet(printable(digest.headline))
    title = _shortened(headline, ways.title)
    most = ways.most - (len(title) + _BREAK if ways.is_shared else 0)
    everything = frozenset(map(key_of, digest.news))

    def fits(text: str) -> bool:
        return len(turned(text)) <= most

    def written(*, is_brief: bool) -> Message:
        lines = _lines(digest, ways.language, is_headed=title != headline, is_brief=is_brief)
        message = cut(lines, _WHOLE)
        return cut(lines, _NEXT + _WHOLE) if message.unnamed else message

    def cut(lines: Sequence[Line], told: str) -> Message:
        told = _ESCAPED.get(ways.language, quiet)(told.format(name=digest.name))
        body = fitted([line.text for line in lines], ways.language, told, fits)
        return Message(title, body.body, ways.language, everything - named_in(lines[: body.kept]))

    full = written(is_brief=False)
    return min(full, written(is_brief=True), key=lambda each: len(each.unnamed)) if full.unnamed else full


def _lines(digest: Digest, language: str, *, is_headed: bool, is_brief: bool) -> list[Line]:
    match language:
        case "html":
            return digest_html_lines(digest, is_headed=is_headed, is_brief=is_brief)
        case "markdown":
            return digest_markdown_lines(digest, is_headed=is_headed, is_brief=is_brief)
        case _:
            lines = digest_text_lines(digest, is_headed=is_headed, is_brief=is_brief)
            return [replace(line, text=quiet(line.text)) for line in lines]


def _shortened(headline: str, most: int) -> str:
    return headline if len(headline) <= most else f"{headline[: most - 1].rstrip()}…" if most else ""
