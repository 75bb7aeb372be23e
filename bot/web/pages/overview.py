"""The overview: what came out in this period."""

from bot.queries.releases import Count
from bot.web.visits import Page, Visit


def make(visit: Visit) -> Page:
    """Return the overview. Raises UsageError."""
    found = visit.run(Count(visit.asked.filters(visit.as_of, usual_period="this-week")))
    return Page("This period", "overview.html", {"found": found}, {"count": found})
