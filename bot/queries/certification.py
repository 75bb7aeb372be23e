"""How certification stands: "is v7r2 certified?", "how many hackathons are done?"."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from bot.domain.certification.milestones import FINAL_CERTIFICATION, HACKATHON, Milestone, MilestoneStatus
from bot.domain.filters import choose_repositories
from bot.domain.periods.period import AsOf
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.follow_up import is_filtered
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined, of_names
from bot.render.json_form import certification_json, change_json
from bot.render.markup import Markup
from bot.render.sections import Section
from bot.render.table import Table
from bot.render.words import date_words, in_days, listed, moment_words, plural

if TYPE_CHECKING:
    from bot.domain.certification.certification import Certification

_MOST = 5
_PAST = (MilestoneStatus.DONE, MilestoneStatus.DROPPED)
_CUES = (Cue.HACKATHON, Cue.FINAL, Cue.MILESTONE, Cue.CERTIFICATION, Cue.CERTIFIED, Cue.HIGHLIGHTS)
# Each is asked about alone.
_PARTS = frozenset({Cue.HACKATHON, Cue.FINAL, Cue.MILESTONE, Cue.HIGHLIGHTS})
_BESIDE = frozenset({Cue.STATUS, Cue.OUT, Cue.READY, Cue.NEXT, Cue.WHEN, Cue.ABOUT, Cue.COUNT, Cue.LIST, Cue.ALL})
_BESIDE |= {Cue.WILL, Cue.NEW, Cue.NOUN, Cue.LATEST, Cue.FEW, Cue.EVERYWHERE, Cue.FILLER}


class Aspect(StrEnum):
    """What of a certification is requested; the first sentence of the answer is about it."""

    STATUS = "status"
    CERTIFIED = "certified"
    HACKATHONS = "hackathons"
    FINAL = "final"
    NEXT = "next"
    HIGHLIGHTS = "highlights"


# Beside hackathons, these may be what is counted: "how many hackathon releases".
_OF_RELEASES = {"releases", "versions"}
_ASPECTS = {
    Aspect.STATUS: "status",
    Aspect.CERTIFIED: "is it certified,",
    Aspect.HACKATHONS: "how many hackathons",
    Aspect.FINAL: "when is the final certification",
    Aspect.NEXT: "what is the next milestone",
    Aspect.HIGHLIGHTS: "highlights",
}


@dataclass(frozen=True, slots=True)
class CertificationStatus(Query):
    """How certification stands; without a series, every open one, or ``with_closed`` every one."""

    intent: ClassVar[str] = "certification"
    order: ClassVar[int] = 50
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE.union(_CUES)
    series: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    aspect: Aspect = Aspect.STATUS
    with_closed: bool = False

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text about a certification, or one that asks if a series is out."""
        del as_of
        is_about_it = cues.has(*_CUES, Cue.STATUS) or _is_out(cues)
        if not is_about_it or cues.versions:
            return None
        if cues.spans or cues.kinds or cues.units:
            is_refused = cues.has(*_CUES)
            what = "certification status has no interval, kind or breakdown"
            return Refusal(what) if is_refused else None
        if cues.has(Cue.COUNT) and not cues.has(Cue.HACKATHON, Cue.MILESTONE):
            return None
        if cues.has(Cue.COUNT) and not _OF_RELEASES.isdisjoint(cues.words):
            return Refusal("say what to count: releases, or hackathons")
        return _several(cues) or cls(
            tuple(cues.series), tuple(cues.repositories), _aspect(cues), cues.has(Cue.ALL) and not cues.series
        )

    def run(self, context: QueryContext) -> "Certifications":
        """Find the certifications of the series, else the open ones, else all. Raises UsageError."""
        from bot.services.certification import certifications

        chosen = choose_repositories(self.repositories, context.repositories)
        if self.series:
            return self._of_series(context)
        every = certifications(chosen, context.plans, context.store.releases, context.as_of)
        found = every if self.with_closed else [each for each in every if each.is_open] or every
        names = [each.name for each in chosen] if self.repositories else []
        return Certifications(self.aspect, context.as_of, found, names=names)

    def _of_series(self, context: QueryContext) -> "Certifications":
        from bot.services.certification import certification_at, plan_named

        store, watched = context.store, context.repositories
        chosen = choose_repositories(self.repositories, watched)
        plans = [plan_named(series, chosen, context.plans, store, watched) for series in self.series]
        stood = [(plan, certification_at(plan, store.releases, context.as_of)) for plan in plans]
        begun = [each for _, each in stood if each is not None]
        not_begun = [plan.series for plan, each in stood if each is None]
        return Certifications(self.aspect, context.as_of, begun, not_begun)

    def parameters(self) -> Json:
        """Return the series, the repositories and the aspect."""
        return {"series": list(self.series), "repositories": list(self.repositories), "aspect": self.aspect.value}

    def wording(self) -> str:
        """Return ``status of v7r2``."""
        names = of_names([*self.repositories, *self.series])
        every = "of all certifications" if self.with_closed else "" if names else "of the certifications"
        return joined(_ASPECTS[self.aspect], every, names)

    def followed_by(self, cues: Cues) -> "CertificationStatus | None":
        """Return how the certification of other series stands."""
        if cues.versions or is_filtered(cues) or cues.has(Cue.EVERYWHERE):
            return None
        repositories, series = tuple(cues.repositories), tuple(cues.series)
        return replace(self, repositories=repositories or self.repositories, series=series or self.series)


def _several(cues: Cues) -> Refusal | None:
    """Refuse two parts of a certification at once, and releases beside one."""
    if len(cues.heard & _PARTS) > 1:
        return Refusal("one at a time, please: the hackathons, the final certification, a milestone or the highlights")
    is_of_releases = cues.has(Cue.NOUN) and (cues.has(Cue.LATEST, Cue.FEW) or not cues.series)
    is_of_end = cues.has(Cue.LATEST, Cue.FEW) and cues.has(Cue.MILESTONE, Cue.HIGHLIGHTS, Cue.FINAL)
    is_of_end |= cues.has(Cue.FEW) and not cues.has(Cue.HACKATHON)
    if is_about_certification(cues) and (is_of_releases or is_of_end):
        return Refusal("I cannot combine all of that in one question")
    return None


def is_about_certification(cues: Cues) -> bool:
    """Return whether a text names something of certification."""
    return cues.has(*_CUES)


def _is_out(cues: Cues) -> bool:
    """Return whether the question is if a series is released ("is v7r2 released?"), not how many or when."""
    others = (Cue.COUNT, Cue.LIST, Cue.ALL, Cue.NEW, Cue.NOUN, Cue.LATEST, Cue.WHEN, Cue.ABOUT)
    return bool(cues.series) and cues.has(Cue.OUT, Cue.READY) and not (cues.has(*others) or cues.kinds)


def _aspect(cues: Cues) -> Aspect:
    rules = (
        (Aspect.HIGHLIGHTS, cues.has(Cue.HIGHLIGHTS) and not cues.has(Cue.STATUS)),
        (Aspect.FINAL, cues.has(Cue.FINAL)),
        (Aspect.NEXT, cues.has(Cue.NEXT)),
        (Aspect.HACKATHONS, cues.has(Cue.HACKATHON)),
        (Aspect.NEXT, cues.has(Cue.MILESTONE) and not cues.has(Cue.ALL)),
        (Aspect.CERTIFIED, cues.has(Cue.CERTIFIED, Cue.READY, Cue.OUT)),
    )
    return next((aspect for aspect, holds in rules if holds), Aspect.STATUS)


@dataclass(frozen=True, slots=True)
class Certifications(Result):
    """How certifications stand; ``not_begun`` are those of the series asked for that are still to begin.

    ``names`` are the repositories asked for.
    """

    aspect: Aspect
    as_of: AsOf
    certifications: Sequence["Certification"]
    not_begun: Sequence[str] = ()
    names: Sequence[str] = ()

    def answer(self, markup: Markup) -> Answer:
        """Return what was asked, for each certification, then how it stands."""
        parts = [_section(each, self, markup) for each in self.certifications[:_MOST]]
        return Answer(self._sentence(markup), tuple(part for part in parts if part.lines))

    def tables(self) -> Sequence[Table]:
        """Return the way of each certification by date, with the changes that people made."""
        from bot.render.certification_table import certification_table

        return [certification_table(each, self.as_of.zone) for each in self.certifications]

    def sheet(self) -> Table:
        """Return the ways of all certifications in one table."""
        from bot.render.certification_table import certifications_sheet

        return certifications_sheet(self.certifications, self.as_of.zone)

    def data(self) -> Any:
        """Return the certifications, with the changes that people made."""
        zone = self.as_of.zone
        return [
            certification_json(each, zone) | {"changes": [change_json(made, zone) for made in each.changes]}
            for each in self.certifications
        ]

    def _sentence(self, markup: Markup) -> str:
        if not (self.certifications or self.not_begun):
            moment = moment_words(self.as_of.end, self.as_of.zone)
            of = f" of {listed([markup.plain(name) for name in self.names])}" if self.names else ""
            return f"no certification{of} had started by {moment} ({self.as_of.zone.key})"
        said = [_about(each, self.aspect, markup) for each in self.certifications[:_MOST]]
        said += [not_begun_words(markup.strong(markup.plain(series)), self.as_of) for series in self.not_begun]
        left = len(self.certifications) - _MOST
        return "; ".join([*said, *([f"and {left} more"] if left > 0 else [])])


def not_begun_words(series: str, as_of: AsOf) -> str:
    """Return the words for a certification that was still to begin."""
    return f"the certification of {series} had not started by {moment_words(as_of.end, as_of.zone)} ({as_of.zone.key})"


def _section(certification: "Certification", found: Certifications, markup: Markup) -> Section:
    from bot.domain.digests.digest import CertificationDigest
    from bot.render.certification_parts import certification_lines, heading

    title = heading(certification, markup)
    match found.aspect:
        case Aspect.HIGHLIGHTS:
            return Section(title, ())
        case Aspect.HACKATHONS:
            wanted = [milestone for milestone in certification.milestones if milestone.kind == HACKATHON]
        case Aspect.FINAL | Aspect.NEXT:
            wanted = [each for each in certification.milestones if each.status(certification.today) not in _PAST]
        case _:
            part = CertificationDigest(certification, (), certification.moves, ())
            lines = certification_lines(part, markup, found.as_of.zone, with_period=False)
            return Section(title, tuple(lines))
    return Section(title, tuple(_line(milestone, certification, markup) for milestone in wanted))


def _line(milestone: Milestone, certification: "Certification", markup: Markup) -> str:
    status = milestone.status(certification.today)
    day = milestone.done if status is MilestoneStatus.DONE else milestone.planned
    when = f" {date_words(day, certification.today)}" if day else ""
    note = f", {markup.plain(milestone.note)}" if milestone.note else ""
    return f"{markup.plain(milestone.title)}: {status.value}{when}{note}"


def _about(certification: "Certification", aspect: Aspect, markup: Markup) -> str:
    series = markup.strong(markup.plain(certification.series))
    match aspect:
        case Aspect.HACKATHONS:
            return _hackathons(certification, series, markup)
        case Aspect.FINAL:
            return _final(certification, series)
        case Aspect.NEXT:
            return _next(certification, series, markup)
        case Aspect.HIGHLIGHTS:
            noted = "; ".join(map(markup.plain, certification.highlights))
            return f"highlights of {series}: {noted}" if noted else f"no highlights recorded for {series}"
        case _:
            return _state(certification, series, markup)


def _state(certification: "Certification", series: str, markup: Markup) -> str:
    released = certification.released
    if released is not None:
        day = next((m.done for m in reversed(certification.milestones) if m.kind == "release"), None)
        when = f" on {date_words(day, certification.today)}" if day else ""
        return f"yes, {series} is released: {markup.release(released)}{when}"
    final = _of_kind(certification, FINAL_CERTIFICATION)
    done = [milestone for milestone in final if milestone.status(certification.today) is MilestoneStatus.DONE]
    if done and done[-1].done:
        return f"{series} was certified on {date_words(done[-1].done, certification.today)} and is not released yet"
    return f"{series} is not certified yet; {_planned(final, certification)}"


def _planned(final: list[Milestone], certification: "Certification") -> str:
    coming = next((milestone for milestone in reversed(final) if milestone.planned and not milestone.dropped), None)
    if coming is None or coming.planned is None:
        return "its final certification is not scheduled yet"
    when = date_words(coming.planned, certification.today)
    away = in_days((coming.planned - certification.today).days)
    state = "was" if coming.planned < certification.today else "is"
    return f"its final certification {state} planned for {when} ({away})"


def _hackathons(certification: "Certification", series: str, markup: Markup) -> str:
    done = certification.done(HACKATHON)
    if not done:
        is_over = not certification.is_open
        return f"no hackathon of {series} {'is recorded as' if is_over else 'has been'} done{'' if is_over else ' yet'}"
    days = listed([date_words(milestone.done, certification.today) for milestone in done if milestone.done])
    note = f"; last: {markup.plain(done[-1].note)}" if done[-1].note else ""
    verb = "is" if len(done) == 1 else "are"
    return f"{plural(len(done), 'hackathon')} of {series} {verb} done ({days}){note}"


def _final(certification: "Certification", series: str) -> str:
    final = _of_kind(certification, FINAL_CERTIFICATION)
    done = [milestone for milestone in final if milestone.status(certification.today) is MilestoneStatus.DONE]
    if done and done[-1].done:
        return f"the final certification of {series} was done on {date_words(done[-1].done, certification.today)}"
    if not certification.is_open:
        return f"{series} is released; no final certification is recorded as done"
    return f"{series}: {_planned(final, certification)}"


def _next(certification: "Certification", series: str, markup: Markup) -> str:
    coming = certification.next
    if coming is None:
        return f"{series}: nothing is planned"
    title = markup.plain(coming.milestone.title)
    if coming.milestone.planned is None or coming.days is None:
        return f"next for {series}: {title}, no date yet"
    when = date_words(coming.milestone.planned, certification.today)
    return f"next for {series}: {title} on {when} ({in_days(coming.days)})"


def _of_kind(certification: "Certification", kind: str) -> list[Milestone]:
    return [milestone for milestone in certification.milestones if milestone.kind == kind and not milestone.dropped]
