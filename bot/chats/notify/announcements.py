"""An announcement in the format of a notification service, within its maximum length."""

from collections.abc import Callable

from bot.chats.notify.messages import Message
from bot.chats.notify.services import Ways
from bot.domain.subscriptions import Announcement
from bot.render.announcement import announcement_lines, last_line, title
from bot.render.digest_html import HTML
from bot.render.digest_markdown import MARKDOWN
from bot.render.markup import TEXT, Markup, quiet

# The length of what separates a title from its body.
_BREAK = 2
_MARKUPS = {"markdown": MARKDOWN, "html": HTML}
_QUIET = Markup(plain=lambda text: quiet(TEXT.plain(text)), link=lambda _, text: quiet(TEXT.plain(text)), strong=str)


def announcement_message(announcement: Announcement, ways: Ways, turned: Callable[[str], str]) -> Message:
    """Return an announcement as a message; ``turned`` converts a body into the service's own dialect, to measure it.

    Where not even one release fits with all that is said of it, its name alone is told.
    """
    heading = quiet(title(announcement))[: ways.title]
    most = ways.most - (len(heading) + _BREAK if ways.is_shared else 0)
    for kept in range(len(announcement.items), 0, -1):
        body = _body(announcement.first(kept), ways.language)
        if len(turned(body)) <= most:
            unnamed = frozenset(item.key for item in announcement.items[kept:])
            return Message(heading, body, ways.language, unnamed)
    first = announcement.first(1)
    brief = _MARKUPS.get(ways.language, _QUIET).plain(title(first))[:most]
    return Message(heading, brief, ways.language, frozenset(item.key for item in announcement.items[1:]))


def _body(announcement: Announcement, language: str) -> str:
    markup = _MARKUPS.get(language, _QUIET)
    releases = announcement_lines(announcement, markup)
    last = last_line(announcement, markup, is_answered=False)
    if language == "html":
        paragraphs = ["<br>".join(lines) for lines in releases]
        return "\n".join(f"<p>{each}</p>" for each in [*paragraphs, *([f"<em>{last}</em>"] if last else [])])
    parts = ["\n".join(lines) for lines in releases]
    if language == "markdown":
        return "\n\n".join([*parts, *([f"_{last}_"] if last else [])])
    return "\n".join([*parts, *([last] if last else [])])
