"""The state of polling: how complete the data is, and what waits."""

from bot.queries.bot_status import BotStatus
from bot.render.status import status_text
from bot.render.words import plural, printable
from bot.services.status import RepositoryStatus, Status
from bot.web import addresses
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
        # The first has the numbers of repositories and tags, which are links here.
        "lines": [_linked(visit, found, line) for line in status_text(found, visit.as_of.zone).splitlines()[1:]],
        "rows": [(each, _state(visit, each, failing)) for each in ordered[part]],
        "links": links,
        "minute": minute,
    }
    return Page("Status", "status.html", values, {"status": BotStatus(found, visit.source.version, visit.as_of.zone)})


def _linked(visit: Visit, found: Status, line: str) -> tuple[str, str, str, str]:
    """Return a line in which a number has a list: what is before it, the number, the address of the list, the rest."""
    numbers = {f"{printable(each.name)}: ": plural(each.repositories, "repository") for each in found.forges}
    for before, number in numbers.items():
        if line.startswith(f"{before}{number},"):
            return before, number, "#repos", line.removeprefix(before + number)
    before, _, states = line.partition("digests: ")
    return (line, "", "", "") if before or not states else ("digests: ", states, visit.at(addresses.DIGESTS), "")


def _state(visit: Visit, each: RepositoryStatus, failing: set[str]) -> str:
    record = each.record
    if record.error:
        return f"failing since {minute(visit, record.failing_since)}: {record.error}"
    return "not checked recently" if each.repository.key in failing else "fine"
