"""The board of certifications: their steps, how these slipped, what comes next, and suggested hackathons."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from bot.domain.certification.certification import Certification
from bot.domain.errors import UsageError
from bot.domain.filters import KindWord
from bot.domain.periods.period import Period, midnight
from bot.queries.certification import Certifications, CertificationStatus
from bot.queries.selection import Filters
from bot.render.words import in_days
from bot.web import addresses
from bot.web.charts import Slip, Tick, axis_of, slips_of
from bot.web.views import day_words, minute, words_of
from bot.web.visits import NotThereError, Page, Visit

_MOST = 20


@dataclass(frozen=True)
class Board:
    """A certification with the drawing of its milestones: where today stands, and each with its plans."""

    certification: Certification
    today: float
    slips: list[Slip]
    ticks: tuple[Tick, ...]
    height: float
    pre_releases: str


def make(visit: Visit, name: str = "") -> Page:
    """Return the board, of all certifications or of one series. Raises UsageError and NotThereError."""
    try:
        query = CertificationStatus((name,) if name else (), visit.asked.repositories, with_closed=True)
        found = cast("Certifications", visit.run(query))
    except UsageError as error:
        if not name:
            raise
        what = f"there is no certification of {name}"
        raise NotThereError(what) from error
    ordered = sorted(found.certifications, key=lambda each: not each.is_open)
    values = {
        "found": found,
        "said": words_of(visit, found),
        "boards": [_board(visit, each) for each in ordered[:_MOST]],
        "left": len(ordered) - _MOST,
        "minute": minute,
        "day": day_words,
        "in_days": in_days,
    }
    title = f"Certification of {name}" if name else "Certification"
    calendars = visit.root + addresses.in_format(addresses.certification(name), "ics")
    return Page(title, "certification.html", values, {"certification": found}, calendar=calendars)


def _board(visit: Visit, each: Certification) -> Board:
    zone = visit.as_of.zone
    days = [day for m in each.milestones for day in (*m.plans, m.planned, m.done) if day is not None] + [each.today]
    period = Period(midnight(min(days) - timedelta(days=7), zone), midnight(max(days) + timedelta(days=7), zone), zone)
    rows = []
    for milestone in each.milestones:
        former = (*milestone.plans, *([milestone.planned] if milestone.planned else []))
        rows.append((former if milestone.done else milestone.plans, milestone.day))
    today, height, slips = slips_of(rows, each.today, period)
    pre = Filters((each.repository,), (each.series,), (KindWord.PRE_RELEASE,))
    return Board(each, today, slips, axis_of(period).ticks(), height, visit.how(pre))
