"""Search: the questions of the chats, then repositories, series and tags by name."""

import re
from dataclasses import replace

from bot.dialogue import ask
from bot.domain.errors import UsageError
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.queries.base import Result
from bot.queries.release_list import ReleaseList
from bot.services.names import releases_named
from bot.web.views import minute, words_of
from bot.web.visits import Page, Visit

_MOST = 30
_MOST_ROWS = 60
_IN_NO_TAG = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]")


def make(visit: Visit) -> Page:
    """Return the answer to a question, and what has it in its name."""
    text = visit.asked.text.strip()
    # As in a channel that has repositories of its own: an answer there links here.
    context = replace(visit.context, own=visit.asked.repositories)
    reply = ask(text, context, visit.source.vocabulary(), None) if text else None
    tables = [] if reply is None else [table for table in reply.result.tables() if len(table.rows) <= _MOST_ROWS]
    values = {
        "text": text,
        "said": None if reply is None else words_of(visit, reply.result, reply.answer),
        "how": "" if reply is None else _how(visit, reply.result),
        "tables": tables,
        "repositories": _repositories(visit, text) if text else [],
        "releases": _releases(visit, text) if text else [],
        "tags": visit.context.store.tags.containing(text, _MOST) if _is_in_tags(text) else [],
        "most": _MOST,
        "minute": minute,
    }
    results: dict[str, Result] = {} if reply is None else {"answer": reply.result}
    return Page(f"Search: {text}" if text else "Search", "search.html", values, results)


def _is_in_tags(text: str) -> bool:
    """Return whether a tag may have a text in its name: git allows no space there, which most questions have."""
    return bool(text) and not _IN_NO_TAG.search(text)


def _how(visit: Visit, result: Result) -> str:
    return visit.how(result.filters, result.period) if isinstance(result, ReleaseList) else ""


def _repositories(visit: Visit, text: str) -> list[Repository]:
    asked = text.casefold()
    found = [
        each
        for each in visit.context.repositories
        if any(asked in name.casefold() for name in (each.key, each.name, *each.aliases))
    ]
    return found[:_MOST]


def _releases(visit: Visit, text: str) -> list[Release]:
    try:
        found = releases_named(text, visit.context.repositories, visit.context.store.releases)
    except UsageError:
        return []
    return list(found[:_MOST])
