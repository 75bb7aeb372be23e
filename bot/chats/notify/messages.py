"""A digest in the format of a notification service, cut at a line end to its maximum length."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.chats.notify.services import Ways
from bot.domain.digests.digest import Digest
from bot.domain.releases import Key, key_of
from bot.domain.values import dataclass
from bot.render.digest_html import digest_html_lines
from bot.render.digest_markdown import digest_markdown_lines
from bot.render.digest_markdown import escaped as escaped_markdown
from bot.render.digest_text import digest_text_lines
from bot.render.html import escaped as escaped_html
from bot.render.markup import quiet
from bot.render.sections import Line, named_in
from bot.render.words import plural, printable

# The length of what separates a title from its body.
_BREAK = 2
# The last line of a body that is cut; the first part if new releases are missing.
_NEXT = "the next digest names the new releases missing here; "
_WHOLE = "full digest: {where}"
# The form of the last line, by format; in HTML the list is closed first.
_LAST = {"markdown": "\n\n_{}_", "text": "\n\n{}", "html": "\n<p><em>{}</em></p>"}
_ESCAPED = {"markdown": escaped_markdown, "html": escaped_html}


@dataclass(frozen=True, slots=True)
class Message:
    """A message: a title, empty if the service has none, and a body in its format.

    ``unnamed`` are the new releases that do not fit.
    """

    title: str
    body: str
    language: str
    unnamed: frozenset[Key] = frozenset()


def message_of(digest: Digest, ways: Ways, turned: Callable[[str], str]) -> Message:
    """Return a digest as a message; ``turned`` converts a body into the service's own dialect, to measure it.

    If not every new release fits, they are named without dates and links.
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

    def cut(lines: Sequence[Line], template: str) -> Message:
        last = _ESCAPED.get(ways.language, quiet)(
            template.format(where=digest.page or f"release-bot digest {digest.name}")
        )
        body = fitted([line.text for line in lines], ways.language, last, fits)
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


@dataclass(frozen=True, slots=True)
class CutBody:
    """A body that fits, and the number of lines kept."""

    body: str
    kept: int


def fitted(lines: Sequence[str], language: str, last: str, fits: Callable[[str], bool]) -> CutBody:
    """Return the body with as few lines as possible cut at the end; ``last`` is its last line, escaped."""
    body = "\n".join(lines)
    if fits(body):
        return CutBody(body, len(lines))
    # Binary search for the number of lines that fit.
    least, most = 0, len(lines) - 1
    while least < most:
        middle = (least + most + 1) // 2
        if fits(_cut(lines, middle, language, last)):
            least = middle
        else:
            most = middle - 1
    return CutBody(_cut(lines, least, language, last), least)


def _cut(lines: Sequence[str], kept: int, language: str, last: str) -> str:
    shown = "\n".join(lines[:kept]).rstrip()
    left = sum(1 for line in lines[kept:] if _has_content(line))
    if language == "html" and shown.count("<ul>") > shown.count("</ul>"):
        shown += "\n</ul>"
    end = _LAST[language].format(f"… and {plural(left, 'more line')}; {last}")
    return shown + end if shown.strip() else end.lstrip("\n")


def _has_content(line: str) -> bool:
    """Return whether a line has content: it is neither empty nor only a list tag."""
    return line.strip() not in {"", "<ul>", "</ul>"}
