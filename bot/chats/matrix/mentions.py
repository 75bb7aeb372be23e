"""What people's messages say, and whether they speak to the bot."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Any
from urllib.parse import unquote

from bot.render.words import printable

Content = Mapping[str, Any]

# The quoted message that clients put before a reply (deprecated since version 1.13 of the specification).
_QUOTE = re.compile(r"\A(?:> [^\n]*\n)+\n?")
_MATRIX_TO = "https://matrix.to/#/"
# A link to a person, as clients write it, and the text shown.
_PERSON = re.compile(
    rf"""<a\s(?:[^<>]{{0,200}}\s)?href=["']{_MATRIX_TO}((?:@|%40)[^"'?/<>]{{1,300}})[^<>]{{0,200}}>([^<>]{{1,200}})</a>"""
)
_GREETED = r"(?:\A\s*|(?<=\bhi )|(?<=\bhey )|(?<=\bhello ))"
# Above any question; no more of a message is read.
_LONGEST_READ = 4_000


@dataclass(frozen=True)
class BotNames:
    """By what people call the bot: its user id, the name in front of the server, and its display name."""

    user: str
    display_name: str = ""

    def is_spoken_to(self, content: Content) -> bool:
        """Return whether a message mentions the bot: by the list of mentions, a link, its id, or first of all by name.

        A reply to one of the bot's messages mentions it too: clients put its author into the list.
        """
        listed = content.get("m.mentions")
        users = listed.get("user_ids") if isinstance(listed, Mapping) else None
        if isinstance(users, list) and self.user in users:
            return True
        body = _body(content)
        is_named = self.user in body or self._spoken_to.search(body) is not None
        return is_named or any(user == self.user for user, _ in _mentioned(content))

    def words_of(self, content: Content) -> str:
        """Return what a message says to the bot; a mention of somebody else is ``@NAME``."""
        body = _body(content)
        for user, shown in _mentioned(content):
            written = "" if user == self.user else user.partition(":")[0]
            for form in (f"[{shown}]({_MATRIX_TO}{user})", shown):
                if form in body:
                    body = body.replace(form, f"{written} ", 1)
                    break
        return " ".join(self._spoken_to.sub(" ", body.replace(self.user, " ")).split())

    @cached_property
    def _spoken_to(self) -> re.Pattern[str]:
        names = {self.user, self.user.partition(":")[0].removeprefix("@"), self.display_name} - {""}
        named = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        return re.compile(rf"{_GREETED}@?(?:{named})(?![\w-])[:,]?\s*", re.IGNORECASE)


def _body(content: Content) -> str:
    """Return the plain text of a message, without what it quotes."""
    body, relation = str(content.get("body") or "")[:_LONGEST_READ], content.get("m.relates_to")
    is_reply = isinstance(relation, Mapping) and "m.in_reply_to" in relation
    return _QUOTE.sub("", body) if is_reply else body


def _mentioned(content: Content) -> list[tuple[str, str]]:
    """Return the people whom the HTML of a message links to, each with the text shown."""
    if content.get("format") != "org.matrix.custom.html":
        return []
    links = _PERSON.findall(str(content.get("formatted_body") or "")[:_LONGEST_READ])
    return [(unquote(user), printable(unescape(shown))) for user, shown in links]
