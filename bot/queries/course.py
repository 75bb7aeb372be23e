"""How long a certification took, and what it still waits for: "what is blocking v7r2?"."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from bot.domain.certification.certification import Certification
from bot.domain.certification.milestones import HACKATHON, Milestone
from bot.domain.certification.outlook import Course, course, remaining
from bot.domain.periods.period import AsOf
from bot.domain.values import dataclass
from bot.queries.base import Answer, FollowUp, Json, Query, QueryContext, Refusal, Result
from bot.queries.certification import CertificationStatus, is_about_certification, not_begun_words
from bot.queries.language.follow_up import is_filtered
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined, of_names
from bot.queries.plan import full_date
from bot.render.markup import Markup
from bot.render.words import in_days, plural

_STEPS = (Cue.HACKATHON, Cue.MILESTONE)
_ABOUT = frozenset({Cue.CERTIFICATION, Cue.CERTIFIED, Cue.FINAL, Cue.MILESTONE, Cue.HACKATHON})
_BESIDE = frozenset({Cue.DURATION, Cue.REMAINING, Cue.STATUS, Cue.LIST, Cue.COUNT, Cue.LATEST, Cue.READY, Cue.OUT})
_BESIDE |= {Cue.WILL, Cue.WHEN}
_MOST = 5


@dataclass(frozen=True, slots=True)
class CertificationCourse(Query):
    """How long certifications took, or have taken so far; ``is_remaining`` which of their milestones are not done.

    With ``of_hackathons``, which hackathons are not.
    """

    intent: ClassVar[str] = "course"
    order: ClassVar[int] = 46
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE | _ABOUT | {Cue.FILLER}
    series: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    is_remaining: bool = False
    of_hackathons: bool = False

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text about what a certification took or lacks."""
        del as_of
        is_remaining = cues.has(Cue.REMAINING) or (cues.has(Cue.WILL) and cues.has(*_STEPS))
        is_asked = is_remaining or cues.has(Cue.DURATION)
        if not is_asked or not (cues.series or is_about_certification(cues)):
            return None
        if cues.has(Cue.OUT) and not (is_remaining or is_about_certification(cues)):
            of = joined("how old is", *cues.series[:1], of_names(cues.repositories))
            return Refusal("I know how long ago a release came out, and what its certification took", of)
        if cues.spans or cues.kinds or cues.units or cues.versions:
            return Refusal("a certification has one duration, and no interval, kind or breakdown")
        if not is_remaining and cues.has(*_STEPS, Cue.FINAL, Cue.COUNT):
            return Refusal("I know the day of a hackathon or a milestone, not how long it took")
        if cues.has(Cue.LATEST) and not cues.series:
            return Refusal("name the series of the certification", "how long took the certification of v7r2")
        return cls(tuple(cues.series), tuple(cues.repositories), is_remaining, is_remaining and cues.has(Cue.HACKATHON))

    def run(self, context: QueryContext) -> "Courses":
        """Find the certifications. Raises UsageError."""
        status = CertificationStatus(self.series, self.repositories or tuple(context.own)).run(context)
        names = {each.key: each.name for each in context.repositories}
        return Courses(self, context.as_of, status.certifications, status.not_begun, names)

    def parameters(self) -> Json:
        """Return the series, the repositories, and which of both is asked."""
        return {
            "series": list(self.series),
            "repositories": list(self.repositories),
            "of": "remaining" if self.is_remaining else "duration",
            "hackathons": self.of_hackathons,
        }

    def wording(self) -> str:
        """Return ``how long did the certification of v7r2 take``."""
        certification = joined("the certification", of_names([*self.repositories, *self.series]))
        what = "which hackathons are" if self.of_hackathons else "what is"
        return f"{what} missing for {certification}" if self.is_remaining else f"how long took {certification}"

    def followed_by(self, cues: Cues) -> "CertificationCourse | None":
        """Return the same of other series."""
        if cues.versions or is_filtered(cues) or cues.has(Cue.EVERYWHERE):
            return None
        repositories, series = tuple(cues.repositories), tuple(cues.series)
        return replace(self, repositories=repositories or self.repositories, series=series or self.series)


@dataclass(frozen=True, slots=True)
class Courses(Result):
    """How long each certification took, or what it waits for; ``names`` are those of repositories by key."""

    query: CertificationCourse
    as_of: AsOf
    certifications: Sequence[Certification]
    not_begun: Sequence[str]
    names: dict[str, str]

    def answer(self, markup: Markup) -> Answer:
        """Return a sentence for each."""
        write = self._remaining if self.query.is_remaining else self._duration
        said = [write(each, markup) for each in self.certifications[:_MOST]]
        said += [not_begun_words(markup.plain(series), self.as_of) for series in self.not_begun]
        left = len(self.certifications) - _MOST
        said += [f"and {left} more"] if left > 0 else []
        is_open = self.query.is_remaining and any(each.is_open for each in self.certifications)
        notes = ("I know milestones; issues and pull requests are not read for this",) if is_open else ()
        offers = tuple(
            FollowUp("Status", CertificationStatus((each.series,)).wording()) for each in self.certifications[:1]
        )
        return Answer("; ".join(said) or "no certification had started by then", (), notes, offers)

    def data(self) -> Any:
        """Return the same."""
        return [
            {
                "repository": each.repository,
                "series": each.series,
                "remaining": [{"milestone": one.title, "planned": _iso(one.planned)} for one in remaining(each)],
                "first": _iso(took.first) if (took := course(each)) else None,
                "last": _iso(took.last) if took else None,
                "days": took.days if took else None,
                "is_over": bool(took and took.is_over),
            }
            for each in self.certifications
        ]

    def _duration(self, certification: Certification, markup: Markup) -> str:
        name = f"the certification of {self._name(certification, markup)}"
        took = course(certification)
        if took is None:
            return f"no milestone of {name} is recorded as done, so its duration is not known"
        return f"{name} {_took(took, markup)}"

    def _remaining(self, certification: Certification, markup: Markup) -> str:
        name = self._name(certification, markup)
        if certification.released is not None:
            return f"nothing: {name} is released ({markup.release(certification.released)})"
        noun = HACKATHON if self.query.of_hackathons else "milestone"
        waiting = [each for each in remaining(certification) if noun in ("milestone", each.kind)]
        if not waiting:
            return f"no {noun} of {name} is still to do; it is not released yet"
        parts = ", ".join(_waits(each, certification.today, markup) for each in waiting)
        total = sum(not each.dropped and noun in ("milestone", each.kind) for each in certification.milestones)
        verb = "is" if len(waiting) == 1 else "are"
        return f"{len(waiting)} of {plural(total, noun)} of {name} {verb} still to do: {parts}"

    def _name(self, certification: Certification, markup: Markup) -> str:
        name = markup.plain(self.names[certification.repository])
        return f"{markup.strong(markup.plain(certification.series))} of {name}"


def _took(took: Course, markup: Markup) -> str:
    days = markup.strong(plural(took.days, "day"))
    if not took.is_over:
        return f"has taken {days} so far, since its first milestone on {full_date(took.first)}"
    return f"took {days}: from its first milestone on {full_date(took.first)} to {full_date(took.last)}"


def _waits(milestone: Milestone, today: date, markup: Markup) -> str:
    title = markup.plain(milestone.title)
    if milestone.planned is None:
        return f"{title} (no date yet)"
    return f"{title}, planned for {full_date(milestone.planned)} ({in_days((milestone.planned - today).days)})"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
