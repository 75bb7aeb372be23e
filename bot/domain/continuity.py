"""Digests of one name follow each other without gap or overlap, also where their time zone was changed between."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.periods import Period

# How far the same hour can be apart in two zones: UTC-12 and UTC+14.
_APART = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class PastPeriod:
    """The period of a digest that was made, with the name of its zone."""

    start: datetime | None
    end: datetime
    zone: str


def is_retold(period: Period, past: Iterable[PastPeriod]) -> bool:
    """Whether the period is that of a digest made in another zone, as far as days and weeks can tell."""
    return any(abs(each.end - period.end) <= _most(period) for each in past if each.zone != period.zone.key)


def continued(period: Period, past: Iterable[PastPeriod]) -> Period:
    """Let a period begin where that of the digest before ended, if that was of another zone."""
    most = _most(period)
    near = [
        each.end
        for each in past
        if each.zone != period.zone.key and period.start is not None and abs(each.end - period.start) <= most
    ]
    return replace(period, start=max(near)) if near else period


def _most(period: Period) -> timedelta:
    """Give how far ends may be apart: less than half of the period, so that the day before is not the same day."""
    return _APART if period.start is None else min(_APART, (period.end - period.start) / 2)
