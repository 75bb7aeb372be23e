"""Milestones of an interval: "how many hackathons since 1 Feb?", "which milestones are planned in March?"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from bot.domain.certification.certification import Certification
from bot.domain.certification.milestones import HACKATHON, Milestone, MilestoneStatus
from bot.domain.certification.outlook import within
from bot.domain.errors import UsageError
from bot.domain.periods.period import AsOf, Period
from bot.domain.periods.spans import Span
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.certification import CertificationStatus
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import is_yearless, joined, of_names, span_words
from bot.queries.plan import full_date
from bot.queries.selection import Filters, select
from bot.render.basis import basis_notes
from bot.render.json_form import period_json
from bot.render.markup import Markup
from bot.render.sections import Section
from bot.render.table import Column, Table
from bot.render.words import interval, listed_as, moment_words, plural
from bot.services.basis import Basis

_BESIDE = frozenset({Cue.HACKATHON, Cue.MILESTONE, Cue.COUNT, Cue.LIST, Cue.ALL, Cue.WHEN, Cue.WILL, Cue.READY})
_BESIDE |= {Cue.FILLER, Cue.CERTIFICATION, Cue.OVERDUE, Cue.DROPPED, Cue.NUMBERED}
# "planned" before "done": what will be done is planned.
_ONLY = {
    Cue.OVERDUE: (MilestoneStatus.OVERDUE,),
    Cue.DROPPED: (MilestoneStatus.DROPPED,),
    Cue.WILL: (MilestoneStatus.PLANNED, MilestoneStatus.OVERDUE),
    Cue.READY: (MilestoneStatus.DONE,),
}
_WORDS = dict(zip(_ONLY.values(), ("overdue", "dropped", "planned", "done"), strict=True))
_MOST_NAMES = 6
_NUMBER = re.compile(r"\b[0-9]+\b")
_SEVERAL, _PAST = {"milestones", "steps"}, {"was", "were", "did", "had"}
_COLUMNS = (Column("repository", rank=2), Column("series"), Column("milestone"), Column("date"), Column("status"))


@dataclass(frozen=True, slots=True)
class MilestonesIn(Query):
    """The hackathons that were done or planned within an interval, or the milestones of every kind, or of all time.

    ``only`` are the statuses that are asked for, all where it is empty; ``number`` is that of one hackathon.
    """

    intent: ClassVar[str] = "milestones"
    order: ClassVar[int] = 45
    looks_ahead: ClassVar[bool] = True
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE
    span: Span | None = None
    series: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    is_of_hackathons: bool = True
    only: tuple[MilestoneStatus, ...] = ()
    number: int | None = None

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text about the hackathons or milestones of an interval."""
        is_one = cues.has(Cue.HACKATHON, Cue.MILESTONE) and bool(cues.spans)
        if not (is_one or _is_listed(cues)):
            return None
        if cues.has(Cue.HACKATHON) and cues.has(Cue.MILESTONE):
            return Refusal("hackathons or milestones of every kind, please, not both in one question")
        if cues.kinds or cues.units or cues.versions:
            return Refusal("hackathons and milestones have no kind of release or breakdown")
        only = next((statuses for cue, statuses in _ONLY.items() if cues.has(cue)), ())
        span = _of_its_year(cues.spans[0], cues, as_of) if cues.spans else None
        names = tuple(cues.series), tuple(cues.repositories)
        if cues.numbered:
            return _one_refused(cues) or cls(None, *names, number=cues.numbered[0])
        return cls(span, *names, cues.has(Cue.HACKATHON), only)

    def run(self, context: QueryContext) -> "MilestonesFound":
        """Find them in the certifications of the series, else in all. Raises UsageError."""
        asked = self.repositories or tuple(context.own)
        chosen = select(Filters(asked, span=self.span), context)
        status = CertificationStatus(self.series, asked, with_closed=self.span is not None).run(context)
        found = [(each, self._within(each, chosen.period)) for each in status.certifications]
        if self.number and not any(self._of_kind(each) for each in status.certifications):
            raise UsageError(f"hackathon {self.number}", "not recorded", "ask which hackathons there are")
        return MilestonesFound(self, context.as_of, chosen.period, found, replace(chosen.basis, unclassified=0))

    def _within(self, certification: Certification, period: Period) -> list[Milestone]:
        of_kind = self._of_kind(certification)
        return list(of_kind if self.span is None else within(of_kind, period))

    def _of_kind(self, certification: Certification) -> list[Milestone]:
        of_kind = (each for each in certification.milestones if not self.is_of_hackathons or each.kind == HACKATHON)
        if self.number:
            return _numbered(list(of_kind), self.number)
        return [each for each in of_kind if not self.only or each.status(certification.today) in self.only]

    @property
    def noun(self) -> str:
        """What is counted."""
        return "hackathon" if self.is_of_hackathons else "milestone"

    def parameters(self) -> Json:
        """Return what is counted, the series, the repositories and the interval."""
        return {
            "of": self.noun,
            "series": list(self.series),
            "repositories": list(self.repositories),
            "only": [status.value for status in self.only],
            "number": self.number,
            "interval": span_words(self.span),
        }

    def wording(self) -> str:
        """Return ``how many hackathons of v7r2 since 1 february``."""
        names = of_names([*self.repositories, *self.series])
        what = f"when was hackathon {self.number}" if self.number else f"how many {self.noun}s"
        return joined(what, names, _WORDS.get(self.only, ""), span_words(self.span))

    def followed_by(self, cues: Cues) -> "MilestonesIn | None":
        """Return the same of other series, or of another interval."""
        if cues.versions or cues.kinds or cues.is_with_pre or cues.is_without_pre or cues.has(Cue.EVERYWHERE):
            return None
        if self.number and cues.spans:
            return None
        named = replace(self, span=cues.spans[0]) if cues.spans else self
        repositories, series = tuple(cues.repositories), tuple(cues.series)
        return replace(named, repositories=repositories or self.repositories, series=series or self.series)


def _is_listed(cues: Cues) -> bool:
    """Return whether milestones of all time are asked for, and not the next one or those that are left."""
    if cues.has(Cue.NUMBERED, Cue.OVERDUE) or (cues.has(Cue.DROPPED) and cues.has(Cue.HACKATHON)):
        return True
    is_list = cues.has(Cue.COUNT, Cue.LIST, Cue.ALL) or not cues.words.isdisjoint(_SEVERAL)
    return cues.has(Cue.MILESTONE) and is_list and not cues.heard - (_BESIDE - {Cue.WILL})


def _one_refused(cues: Cues) -> Refusal | None:
    nearest = f"when was hackathon {cues.numbered[0]}"
    if len(cues.numbered) > 1:
        return Refusal("one hackathon at a time, please", nearest)
    return Refusal("a hackathon has one day, and no interval", nearest) if cues.spans else None


def _numbered(hackathons: Sequence[Milestone], number: int) -> list[Milestone]:
    """Return the hackathon of a number: by its title, else by its place."""
    if any(_NUMBER.search(each.title) for each in hackathons):
        return [each for each in hackathons if str(number) in _NUMBER.findall(each.title)]
    return list(hackathons[number - 1 : number])


def _of_its_year(span: Span, cues: Cues, as_of: AsOf) -> Span:
    """Return an interval without a year in the year that it is nearest in: plans lie ahead, what was done behind."""
    start, end = span.start, span.end
    if not (is_yearless(span.text) and isinstance(start, datetime) and isinstance(end, datetime)):
        return span
    try:
        next_start, next_end = start.replace(year=start.year + 1), end.replace(year=end.year + 1)
    except ValueError:
        # The 29 February of one year is not in the next.
        return span
    is_planned = cues.has(Cue.WILL) and end <= as_of.end
    is_past = cues.has(Cue.READY) or not cues.words.isdisjoint(_PAST)
    is_nearer = not is_past and next_start - as_of.end < as_of.end - end
    return replace(span, start=next_start, end=next_end) if is_planned or is_nearer else span


@dataclass(frozen=True, slots=True)
class MilestonesFound(Result):
    """The milestones of each certification on a day of the period."""

    query: MilestonesIn
    as_of: AsOf
    period: Period
    found: Sequence[tuple[Certification, Sequence[Milestone]]]
    basis: Basis

    def answer(self, markup: Markup) -> Answer:
        """Return how many are done and planned, with a line for each certification that has any."""
        number = markup.strong(plural(len(self._rows), joined(_WORDS.get(self.query.only, ""), self.query.noun)))
        day = moment_words(self.as_of.end, self.as_of.zone)
        when = f"as of {day} ({self.as_of.zone.key})" if self.query.span is None else interval(self.period)
        said = f"{number} of {self._of(markup)}, {markup.plain(when)}"
        by_status = [f"{count} {each.value}" for each in MilestoneStatus if (count := self._statuses.count(each))]
        lines = tuple(_line(certification, inside, markup) for certification, inside in self.found if inside)
        sections = (Section("", lines),) if lines else ()
        notes = tuple(basis_notes(self.basis, self.as_of, markup.plain))
        return Answer(f"{said}{': ' if by_status else ''}{', '.join(by_status)}", sections, notes)

    def tables(self) -> Sequence[Table]:
        """Return the milestones."""
        return [Table.of(_COLUMNS, (row.values() for row in self._rows))]

    def data(self) -> Any:
        """Return the number and the milestones."""
        return {"period": period_json(self.period), "total": len(self._rows), "milestones": self._rows}

    @property
    def _rows(self) -> list[dict[str, str]]:
        return [
            {
                "repository": certification.repository,
                "series": certification.series,
                "milestone": each.title,
                "date": each.day.isoformat() if each.day else "",
                "status": each.status(certification.today).value,
            }
            for certification, inside in self.found
            for each in inside
        ]

    @property
    def _statuses(self) -> list[MilestoneStatus]:
        return [each.status(certification.today) for certification, inside in self.found for each in inside]

    def _of(self, markup: Markup) -> str:
        series = [each.series for each, _ in self.found]
        if len(series) == 1:
            [(only, _)] = self.found
            names = [each.name for each in self.basis.repositories if each.key == only.repository]
            return f"{markup.plain(only.series)} of {markup.plain(*names)}"
        return listed_as(series or [each.name for each in self.basis.repositories], markup.plain, _MOST_NAMES)


def _line(certification: Certification, inside: Sequence[Milestone], markup: Markup) -> str:
    said = [f"{markup.plain(each.title)} ({_status(each, certification, markup)})" for each in inside]
    return f"{markup.plain(certification.series)}: {', '.join(said)}"


def _when(milestone: Milestone) -> str:
    return full_date(milestone.day) if milestone.day else "no date yet"


def _status(milestone: Milestone, certification: Certification, markup: Markup) -> str:
    note = f"; {markup.plain(milestone.note)}" if milestone.note else ""
    return f"{_when(milestone)}, {milestone.status(certification.today).value}{note}"
