"""The calendars of milestones: of all certifications, and of one series."""

from bot.domain.certification.revisions import revisions
from bot.queries.certification import CertificationStatus
from bot.web import addresses
from bot.web.calendar import CalendarSource, calendar_bytes
from bot.web.visits import Document, Visit

KIND = "text/calendar; charset=utf-8"


def of_all(visit: Visit) -> Document:
    """Return the calendar of all certifications. Raises UsageError."""
    return _calendar(visit, "milestones", visit.asked.series)


def of_series(visit: Visit, name: str) -> Document:
    """Return the calendar of the certification of a series. Raises UsageError."""
    return _calendar(visit, f"milestones of {name}", (name,))


def _calendar(visit: Visit, name: str, series: tuple[str, ...]) -> Document:
    found = CertificationStatus(series, visit.asked.repositories, with_closed=True).run(visit.context)
    plans = {(plan.repository, plan.series): plan for plan in visit.context.plans}
    source = CalendarSource(
        name=f"{visit.source.title}: {name}",
        certifications=found.certifications,
        revisions={line: revisions(plan, visit.as_of.end) for line, plan in plans.items()},
        page=lambda each: visit.whole(addresses.certification(each.series)),
    )
    return Document(calendar_bytes(source), KIND)
