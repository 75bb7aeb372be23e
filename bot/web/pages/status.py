"""The state of polling: how complete the data is, and what waits."""

from bot.queries.bot_status import BotStatus
from bot.render.status import status_text
from bot.services.status import RepositoryStatus
from bot.web.views import minute, paged
from bot.web.visits import Page, Visit

_EACH = 100


def make(visit: Visit) -> Page:
    """Return the page of the bot's state."""
    found = visit.source.status()
    failing = {each.repository.key for each in found.stale}
    ordered = sorted(found.repositories, key=lambda each: each.repository.key not in failing)
    part, links = paged(visit, len(ordered), _EACH)
    values = {
        "found": found,
        "lines": status_text(found, visit.as_of.zone).splitlines(),
        "rows": [(each, _state(visit, each, failing)) for each in ordered[part]],
        "links": links,
        "minute": minute,
    }
    return Page("Status", "status.html", values, {"status": BotStatus(found, visit.source.version, visit.as_of.zone)})


def _state(visit: Visit, each: RepositoryStatus, failing: set[str]) -> str:
    record = each.record
    if record.error:
        return f"failing since {minute(visit, record.failing_since)}: {record.error}"
    return "not checked recently" if each.repository.key in failing else "fine"
