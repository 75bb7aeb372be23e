"""The timeline: lanes of all repositories, or of those that are asked for."""

from bot.queries.releases import Count
from bot.render.words import interval
from bot.web import addresses
from bot.web.views import drawn, minute, words_of
from bot.web.visits import Page, Visit

_MOST_CHOICES = 200


def make(visit: Visit) -> Page:
    """Return the timeline. Raises UsageError."""
    filters = visit.asked.filters(visit.as_of, usual_period="1y")
    found = visit.run(Count(filters, most=0))
    lanes = drawn(visit, filters)
    watched = visit.context.repositories
    values = {
        "found": found,
        "said": words_of(visit, found),
        "when": interval(lanes.found.period.until(visit.as_of.end)),
        "lanes": lanes,
        "choices": [(each.key, each.name) for each in watched] if len(watched) <= _MOST_CHOICES else [],
        "minute": minute,
    }
    feeds = {"All releases": visit.root + addresses.ALL_RELEASES}
    return Page("Timeline", "timeline.html", values, {"releases": lanes.found, "count": found}, feeds)
