"""How a number is made, with the list of what it counts."""

from typing import cast

from bot.queries.how import HowCounted, NumberMade
from bot.queries.release_list import ReleaseList
from bot.queries.releases import Releases
from bot.web.views import minute, paged, words_of
from bot.web.visits import Page, Visit

_EACH = 100


def make(visit: Visit) -> Page:
    """Return the page of a number. Raises UsageError."""
    filters = visit.asked.filters(visit.as_of)
    made = cast("NumberMade", visit.run(HowCounted(filters)))
    part, links = paged(visit, made.found.total, _EACH)
    listed = cast("ReleaseList", visit.run(Releases(filters, most=part.stop)))
    values = {
        "made": made,
        "said": words_of(visit, made),
        "listed": listed.releases[part],
        "links": links,
        "minute": minute,
        "several": len(made.found.basis.repositories) > 1,
    }
    return Page("How this number is made", "how.html", values, {"releases": listed, "made": made})
