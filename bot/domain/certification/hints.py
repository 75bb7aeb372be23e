"""Hints: pull requests that name a hackathon or a certification, gathered to the dates they suggest.

DIRAC records certification in chat and on boards that no forge shows; on the forge
there are only traces. A hint is evidence for people to accept, and is never counted.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.certification.milestones import FINAL_CERTIFICATION, HACKATHON, Milestone
from bot.domain.values import dataclass
from bot.domain.versions.base import Scheme

# DIRAC's titles spell it seven ways: hackathon, hackaton, hackthon, hachathon, hackhathon, hacktathon, hackatlon.
_HACKATHON = re.compile(r"\bhac[kh]\w{0,5}on\b", re.IGNORECASE)
_HACKATHON_BRANCH = re.compile(r"(?:^|[-_/])(?:fix)?hack(?:at?h?l?on)?s?\d*(?:$|[-_/.])", re.IGNORECASE)
_CERTIFICATION = re.compile(r"\bcertif\w*", re.IGNORECASE)
# The series that a title is for stands in brackets: "[v7r2] Hackathon fixes", "[8.0] ...".
_TARGET = re.compile(r"\[\s*([^\[\]\s]{1,20})[^\[\]]{0,20}\]")
# Another product's hackathon is not this one's.
_OTHER_PRODUCT = re.compile(r"(?:LHCb|_LHCB_)", re.IGNORECASE)
# Pull requests of one hackathon are opened on the eve, on the day, or the day after.
_SAME_EVENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull or merge request, as far as it can be a trace; ``created`` is its own date, aware, ``url`` its page."""

    number: int
    title: str
    branch: str
    created: datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """A day that pull requests suggest, with those pull requests, oldest first."""

    day: date
    kind: str
    pull_requests: tuple[PullRequest, ...]


def hints_of(pull_requests: Iterable[PullRequest], series: str, scheme: Scheme, zone: ZoneInfo) -> list[Hint]:
    """Return the dates that the traces of a series' hackathons and certifications suggest, oldest first.

    The day is that on which most of an event's pull requests were opened; the dates
    in branch names are not read (in March 2021 two of three were wrong).
    """
    traces = sorted(
        (pull for pull in pull_requests if is_trace(pull) and series_of(pull, scheme) == series),
        key=lambda pull: (pull.created, pull.number),
    )
    events: list[list[PullRequest]] = []
    for pull in traces:
        if events and _day(pull, zone) - _day(events[-1][-1], zone) <= _SAME_EVENT:
            events[-1].append(pull)
        else:
            events.append([pull])
    return [_hint(event, zone) for event in events]


def is_trace(pull: PullRequest) -> bool:
    """Return whether a pull request names a hackathon or a certification of this product, in title or branch."""
    if _OTHER_PRODUCT.search(pull.title) or _OTHER_PRODUCT.search(pull.branch):
        return False
    named = _HACKATHON.search(pull.title) or _CERTIFICATION.search(pull.title)
    return bool(named or _HACKATHON_BRANCH.search(pull.branch))


def series_of(pull: PullRequest, scheme: Scheme) -> str | None:
    """Return the series that a pull request is for: in brackets in its title, else at the head of its branch."""
    words = [found[1] for found in _TARGET.finditer(pull.title)]
    words += re.split(r"[-_/]", pull.branch)[:2]
    for word in words:
        series = scheme.read_series(word)
        if series is None and (version := scheme.read(word)) is not None:
            series = version.series
        if series is not None:
            return series
    return None


def open_hints(hints: Iterable[Hint], milestones: Sequence[Milestone]) -> list[Hint]:
    """Leave out the hints whose days are covered already: a milestone of that day, the day before or after."""
    days = [milestone.day for milestone in milestones if milestone.day is not None]
    return [hint for hint in hints if not any(abs(hint.day - day) <= _SAME_EVENT for day in days)]


def _hint(event: Sequence[PullRequest], zone: ZoneInfo) -> Hint:
    days = [_day(pull, zone) for pull in event]
    day = max(sorted(set(days)), key=lambda each: (days.count(each), each))
    is_final = any(_CERTIFICATION.search(pull.title) for pull in event)
    return Hint(day, FINAL_CERTIFICATION if is_final else HACKATHON, tuple(event))


def _day(pull: PullRequest, zone: ZoneInfo) -> date:
    return pull.created.astimezone(zone).date()
