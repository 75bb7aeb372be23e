"""Whether GraphQL is there at all: an old Enterprise has none, and a proxy or a stand-in may not let it through."""

from typing import Any

from bot.forges.answers import text_of
from bot.forges.github_limits import is_limit
from bot.forges.github_wire import NOT_IMPLEMENTED, Reply

_SUCCESS, _ELSEWHERE, _REFUSED, _SERVER_ERROR = 200, 300, 400, 500
# What an address says where nothing is, whoever says it.
_NOTHING_THERE = (404, 405, 410, NOT_IMPLEMENTED)
# A refused token, and what passes: it is the same for all of GitHub.
_OF_ALL = (401, 408, 425, 429)


def has_graphql(reply: Reply, value: Any) -> bool:
    """Say whether an answer to a query comes from GraphQL, or tells that GitHub itself is in trouble.

    ``value`` is what its JSON says, None where it has none. GitHub's refusals of a query name their documentation; an
    outage, a spent limit and a refused token say nothing of whether there is GraphQL.
    """
    status = reply.status
    if status in _NOTHING_THERE:
        return False
    if status >= _SERVER_ERROR or status in _OF_ALL or is_limit(status, reply.headers, text_of(value, "message")):
        return True
    if _SUCCESS <= status < _ELSEWHERE and value is None:
        # JSON that breaks off is one answer's trouble; a page is somebody else's.
        return "json" in reply.headers.get("content-type", "")
    marks = ("errors", "documentation_url") if status >= _REFUSED else ("data", "errors")
    return isinstance(value, dict) and any(mark in value for mark in marks)
