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
    values = {
        "found": found,
        "said": words_of(visit, found),
        "when": interval(lanes.found.period.until(visit.as_of.end)),
        "lanes": lanes,
        "choices": _choices(visit),
        "minute": minute,
    }
    feeds = {"All releases": visit.root + addresses.ALL_RELEASES}
    return Page("Timeline", "timeline.html", values, {"releases": lanes.found, "count": found}, feeds)


def _choices(visit: Visit) -> list[tuple[str, str, bool]]:
    """Return what to choose from as value, name and whether it is chosen; nothing where several are asked for.

    What was asked for by a name that is no choice's own stays a choice, so that the form never asks for more.
    """
    watched, asked = visit.context.repositories, visit.asked.repositories
    if len(watched) > _MOST_CHOICES or len(asked) > 1:
        return []
    choices = [(each.key, each.name, each.key in asked) for each in watched]
    others = [(text, text, True) for text in asked if text not in {key for key, _, _ in choices}]
    return [*others, *choices]
