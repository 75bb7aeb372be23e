"""What is planned: "when will v7r2 be released?", "how many days until the final certification?"."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from bot.domain.certification.milestones import FINAL_CERTIFICATION
from bot.domain.certification.outlook import Goal, Outlook, outlook
from bot.domain.filters import KindWord, choose_repositories
from bot.domain.periods.period import AsOf, Period
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.queries.base import Answer, FollowUp, Json, Query, QueryContext, Refusal, Result
from bot.queries.certification import CertificationStatus, is_about_certification
from bot.queries.language.follow_up import is_filtered
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined, of_names
from bot.queries.latest import Latest
from bot.queries.selection import Filters
from bot.render.basis import basis_notes
from bot.render.markup import Markup
from bot.render.table import Column, Table
from bot.render.words import in_days, listed_as, plural
from bot.services.basis import Basis, basis_of

_BESIDE = frozenset({Cue.WILL, Cue.UNTIL, Cue.NEXT, Cue.WHEN, Cue.OUT, Cue.READY, Cue.NOUN, Cue.LIST, Cue.NEW})
_GOALS = (
    (Goal.HACKATHON, (Cue.HACKATHON,)),
    (Goal.CERTIFICATION, (Cue.FINAL, Cue.CERTIFICATION, Cue.CERTIFIED)),
    (Goal.STEP, (Cue.MILESTONE,)),
)
_WAITED = {
    Goal.RELEASE: "release",
    Goal.CERTIFICATION: "final certification",
    Goal.HACKATHON: "next hackathon",
    Goal.STEP: "next milestone",
}
_EACH_ALONE = frozenset({Cue.HACKATHON, Cue.FINAL, Cue.MILESTONE})
_MOST, _MOST_NAMES = 5, 6
_COLUMNS = (
    Column("repository", rank=2),
    Column("series"),
    Column("milestone"),
    Column("planned"),
    Column("days", is_number=True),
)


@dataclass(frozen=True, slots=True)
class Planned(Query):
    """When a series is planned to be released, or ``in_days`` how long it is until a goal; a plan is no prediction."""

    intent: ClassVar[str] = "plan"
    order: ClassVar[int] = 40
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE.union({Cue.FILLER}, *(cues for _, cues in _GOALS))
    series: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    goal: Goal = Goal.RELEASE
    in_days: bool = False

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text about a release to come, or the days until something that is planned."""
        del as_of
        is_next_hackathon = cues.has(Cue.NEXT) and cues.has(Cue.HACKATHON)
        is_of_another = is_about_certification(cues) and not (cues.has(Cue.UNTIL) or is_next_hackathon)
        if is_of_another or not (is_planning(cues) or is_next_hackathon):
            return None
        if cues.versions:
            nearest = f"when was {cues.versions[0]} released"
            return Refusal("the date of a single release is not planned, and I do not predict it", nearest)
        if set(cues.kinds) - {KindWord.FINAL, KindWord.MAJOR} or cues.is_with_pre or cues.has(Cue.COUNT):
            return Refusal("I do not predict releases; I know what is planned for a certification")
        if cues.spans or cues.units:
            return Refusal("a plan has a date, and no interval or breakdown; I do not predict")
        if len(cues.heard & _EACH_ALONE) > 1:
            return Refusal("one at a time, please: the next hackathon, the next milestone or the final certification")
        goal = next((goal for goal, named in _GOALS if cues.has(*named)), Goal.RELEASE)
        return cls(tuple(cues.series), tuple(cues.repositories), goal, cues.has(Cue.UNTIL))

    def run(self, context: QueryContext) -> "PlannedDates":
        """Find the plans of the series, else those of the certifications that are open. Raises UsageError."""
        asked = self.repositories or tuple(context.own)
        chosen = choose_repositories(asked, context.repositories)
        known = tuple(each for each in self.series if _lines(each, chosen, context))
        missing = [each for each in self.series if each not in known]
        found = [] if missing and not known else self._outlooks(known, asked, context)
        begun = {each.certification.series for each in found}
        everything = Period(None, context.as_of.end, context.as_of.zone)
        basis = basis_of(chosen, context.store, everything, context.stale_after)
        without = missing or [each for each in known if not found and each not in begun]
        return PlannedDates(self, context.as_of, found, without, replace(basis, unclassified=0))

    def _outlooks(self, known: Sequence[str], asked: tuple[str, ...], context: QueryContext) -> list[Outlook]:
        status = CertificationStatus(tuple(known), asked).run(context)
        stood = status.certifications if known else [each for each in status.certifications if each.is_open]
        return [outlook(each, self.goal) for each in stood]

    def parameters(self) -> Json:
        """Return the series, the repositories and the goal."""
        return {
            "series": list(self.series),
            "repositories": list(self.repositories),
            "goal": self.goal.value,
            "in_days": self.in_days,
        }

    def wording(self) -> str:
        """Return ``when will v7r2 be released``, ``how many days until the final certification of v7r2``."""
        names = of_names([*self.repositories, *self.series])
        if self.in_days:
            return joined("how many days until the", _WAITED[self.goal], names)
        if self.goal is Goal.HACKATHON or not self.series:
            return joined("when is the next", self.goal.value, names)
        return joined("when will", *self.series, of_names(self.repositories), "be released")

    def followed_by(self, cues: Cues) -> "Planned | None":
        """Return the same of other series."""
        if cues.versions or is_filtered(cues) or cues.has(Cue.EVERYWHERE):
            return None
        repositories, series = tuple(cues.repositories), tuple(cues.series)
        return replace(self, repositories=repositories or self.repositories, series=series or self.series)


def is_planning(cues: Cues) -> bool:
    """Return whether a text asks about what is to come."""
    is_of_release = cues.has(Cue.NOUN) or bool(cues.series or cues.repositories or cues.kinds)
    return cues.has(Cue.WILL, Cue.UNTIL) or (cues.has(Cue.NEXT) and is_of_release and not is_about_certification(cues))


def _lines(series: str, chosen: Sequence[Repository], context: QueryContext) -> Sequence[Any]:
    from bot.services.series import known_lines

    return known_lines(series, chosen, context.repositories, context.plans, context.store)


@dataclass(frozen=True, slots=True)
class PlannedDates(Result):
    """What certifications still wait for; ``without`` are the series asked for that have no plan."""

    query: Planned
    as_of: AsOf
    outlooks: Sequence[Outlook]
    without: Sequence[str]
    basis: Basis

    def answer(self, markup: Markup) -> Answer:
        """Return the planned dates, as plans; or that there are none."""
        said = [self._of(each, markup) for each in self.outlooks[:_MOST]]
        of = f" of {self._names(markup)}" if self.query.repositories else ""
        said += [f"no date is planned for {markup.plain(series)}{of}" for series in self.without]
        left = len(self.outlooks) - _MOST
        said += [f"and {left} more"] if left > 0 else []
        sentence = "; ".join(said) or f"no {self.query.goal.value} of {self._names(markup)} is planned"
        notes = (*self._caution(), *basis_notes(self.basis, self.as_of, markup.plain))
        return Answer(sentence, (), notes, self._offers())

    def tables(self) -> Sequence[Table]:
        """Return the plans."""
        rows = (["" if cell is None else str(cell) for cell in row.values()] for row in self.data())
        return [Table.of(_COLUMNS, rows)]

    def data(self) -> Any:
        """Return the plans; what has no date has null."""
        return [
            {
                "repository": each.certification.repository,
                "series": each.certification.series,
                "milestone": each.milestone.title if each.milestone else None,
                "planned": each.milestone.planned.isoformat() if each.milestone and each.milestone.planned else None,
                "days": each.days,
            }
            for each in self.outlooks
        ]

    def _caution(self) -> tuple[str, ...]:
        """Return a note that a plan is no prediction, where anything is still to come."""
        is_to_come = any(each.milestone is not None for each in self.outlooks)
        if not self.query.series and self.query.goal is Goal.RELEASE:
            return ("only certifications have plans; other releases are not planned, and I do not predict them",)
        return ("a plan, not a prediction",) if is_to_come else () if self.outlooks else ("I do not predict",)

    def _of(self, each: Outlook, markup: Markup) -> str:
        name = self._series(each, markup)
        certification, milestone = each.certification, each.milestone
        if certification.released is not None and self.query.goal is not Goal.CERTIFICATION:
            return f"{name} is released already: {markup.release(certification.released)}{_on(each.released_on)}"
        if each.done is not None:
            return f"the final certification of {name} was done{_on(each.done.done)}"
        if milestone is None or milestone.planned is None or each.days is None:
            certified = f"was certified{_on(each.certified_on)} and " if each.certified_on else ""
            return f"{name} {certified}has no planned date for its {_WAITED[self.query.goal]}"
        is_final = milestone.kind == FINAL_CERTIFICATION
        title = _WAITED[Goal.CERTIFICATION] if is_final else markup.plain(milestone.title)
        return self._dated(
            f"the {title} of {name}", f"{name} is not released yet; its {title}", milestone.planned, each.days
        )

    def _dated(self, what: str, released: str, planned: date, days: int) -> str:
        """Write a planned date: ``what`` it is of, or how that reads of a release that is awaited."""
        when, away = full_date(planned), in_days(days)
        if days < 0:
            return f"{what} was planned for {when} ({away}), and is not done yet"
        if self.query.in_days and days:
            return f"{plural(days, 'day')} until {what}, planned for {when}"
        said = released if self.query.goal is Goal.RELEASE else what
        return f"{said} is planned for {when} ({away})"

    def _series(self, each: Outlook, markup: Markup) -> str:
        name = next(one.name for one in self.basis.repositories if one.key == each.certification.repository)
        return f"{markup.strong(markup.plain(each.certification.series))} of {markup.plain(name)}"

    def _names(self, markup: Markup) -> str:
        return listed_as(self.basis.repositories, lambda each: markup.plain(each.name), _MOST_NAMES)

    def _offers(self) -> tuple[FollowUp, ...]:
        if self.outlooks:
            return (FollowUp("Status", CertificationStatus((self.outlooks[0].certification.series,)).wording()),)
        return (FollowUp("Latest", Latest(Filters(repositories=self.query.repositories)).wording()),)


def full_date(day: date) -> str:
    """Return a date with its year: ``4 Mar 2021``."""
    return f"{day.day} {day:%b %Y}"


def _on(day: date | None) -> str:
    return f" on {full_date(day)}" if day else ""
