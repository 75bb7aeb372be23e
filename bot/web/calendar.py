"""Milestones as a calendar (iCalendar, RFC 5545) that calendar programs subscribe to."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from bot.domain.certification.certification import Certification
from bot.domain.certification.milestones import RELEASE, Milestone, MilestoneStatus
from bot.domain.certification.revisions import Revision
from bot.domain.values import dataclass
from bot.web.identities import ISSUED, PRODUCT, uid
from bot.web.text import brief, web_address

if TYPE_CHECKING:
    from icalendar import Event

# How often a program should look, as RFC 7986 has it, and as Outlook and Google's read it.
_EVERY = "PT6H"

# By repository and series, then by title in lower case.
Revisions = Mapping[tuple[str, str], Mapping[str, Revision]]


@dataclass(frozen=True, slots=True)
class CalendarSource:
    """What a calendar is made of: its name, certifications with their revisions, and where their pages are."""

    name: str
    certifications: Iterable[Certification]
    revisions: Revisions
    page: Callable[[Certification], str]


def calendar_bytes(source: CalendarSource) -> bytes:
    """Return the dated milestones as all-day events; dropped ones are cancelled.

    An event keeps its identity when it moves, and its SEQUENCE then grows, so that a program takes up the new day.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", f"-//{PRODUCT}//milestones//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    name = brief(source.name)
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-published-ttl", _EVERY)
    for certification in source.certifications:
        for event in _events(certification, source):
            calendar.add_component(event)
    document: bytes = calendar.to_ical()
    return document


def _events(certification: Certification, source: CalendarSource) -> Iterator["Event"]:
    revisions = source.revisions.get((certification.repository, certification.series), {})
    for milestone in certification.milestones:
        if milestone.day is not None:
            revision = revisions.get(milestone.title.casefold())
            yield _event(milestone, milestone.day, revision, certification, source.page(certification))


def _event(
    milestone: Milestone, day: date, revision: Revision | None, certification: Certification, page: str
) -> "Event":
    from icalendar import Event

    status = milestone.status(certification.today)
    event = Event()
    event.add("uid", _uid(certification, milestone))
    event.add("dtstamp", _changed_at(milestone, revision, certification))
    event.add("sequence", revision.moves if revision else 0)
    event.add("dtstart", day)
    event.add("summary", brief(f"{certification.series}: {milestone.title}"))
    event.add("description", "\n".join(_lines(milestone, status)))
    event.add("categories", [brief(milestone.kind)])
    event.add("status", "CANCELLED" if status is MilestoneStatus.DROPPED else "CONFIRMED")
    # It takes no time of anybody's day.
    event.add("transp", "TRANSPARENT")
    event.add("url", web_address(milestone.url) or page)
    return event


def _uid(certification: Certification, milestone: Milestone) -> str:
    # A UUID, as RFC 7986 has it.
    return uid("milestone", certification.repository, certification.series, milestone.title.casefold())


def _changed_at(milestone: Milestone, revision: Revision | None, certification: Certification) -> datetime:
    """Return when it changed last; the final release changes the milestone that it closes."""
    released = certification.released
    is_closed = released is not None and milestone.kind == RELEASE and milestone.done is not None
    moments = [revision.at if revision else None, released.first_seen if released and is_closed else None]
    return max((moment for moment in moments if moment is not None), default=ISSUED)


def _lines(milestone: Milestone, status: MilestoneStatus) -> Iterator[str]:
    yield status.value
    if milestone.done and milestone.planned and milestone.done != milestone.planned:
        yield f"planned for {milestone.planned}"
    if milestone.plans:
        yield f"earlier planned for {', '.join(str(day) for day in milestone.plans)}"
    if milestone.note:
        yield brief(milestone.note)
