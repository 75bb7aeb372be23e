"""Deciding: which question a text asks, from what was heard of it, or why it cannot be answered."""

from datetime import UTC, timedelta

from bot.domain.dates.spans import Span
from bot.domain.periods import AsOf, midnight
from bot.domain.questions.asked import (
    EVERY_ONE,
    Aspect,
    CertificationAsked,
    CountAsked,
    DigestAsked,
    Filters,
    HelpAsked,
    LatestAsked,
    Reading,
    Refusal,
    ReleaseAsked,
    ReleasesAsked,
    WatchedAsked,
)
from bot.domain.questions.hearing import Heard
from bot.domain.questions.lexicon import Cue
from bot.domain.selection import KindWord

# "What is new?" asks for as much.
_NEWS = timedelta(days=7)
_OF_CERTIFICATION = (Cue.HACKATHON, Cue.FINAL, Cue.MILESTONE, Cue.CERTIFICATION, Cue.CERTIFIED, Cue.HIGHLIGHTS)

# What may be said beside a question for releases without changing it.
_OF_RELEASES = {Cue.COUNT, Cue.LIST, Cue.ALL, Cue.NEW, Cue.NOUN, Cue.OUT, Cue.LATEST, Cue.READY, Cue.FILLER}
_OF_RELEASES |= {Cue.REPOSITORIES, Cue.WATCH, Cue.HELP, Cue.EVERYWHERE}


def decide(heard: Heard, as_of: AsOf) -> Reading | Refusal:
    """Tell what is asked; words that were not known are not looked at here."""
    if refusal := _impossible(heard, as_of):
        return refusal
    decided = _of_the_bot(heard) or _of_certification(heard) or _of_releases(heard, as_of)
    if isinstance(decided, CountAsked | ReleasesAsked | LatestAsked) and heard.cues - _OF_RELEASES:
        return Refusal("I do not see how all of that goes together")
    return decided


def _impossible(heard: Heard, as_of: AsOf) -> Refusal | None:
    if len(heard.spans) > 1:
        told = " and ".join(f'"{span.text}"' for span in heard.spans)
        return Refusal(f"I can look at one interval at a time, and {told} are several")
    ahead = [span for span in heard.spans if _is_ahead(span, as_of)]
    if ahead:
        return Refusal(f'"{ahead[0].text}" lies ahead, and I know only what was')
    if heard.has(Cue.WILL) and not heard.has(*_OF_CERTIFICATION, Cue.NEXT):
        return Refusal("I do not predict releases; I know what was, and what is planned for a certification")
    return None


def _is_ahead(span: Span, as_of: AsOf) -> bool:
    start = span.start
    return start is not None and not hasattr(start, "release") and start.astimezone(UTC) >= as_of.end.astimezone(UTC)


def _of_the_bot(heard: Heard) -> Reading | None:
    is_about_releases = heard.has(Cue.NOUN, Cue.NEW, Cue.LATEST, Cue.OUT) or _filters(heard) != Filters()
    if heard.has(Cue.DIGEST) and not is_about_releases:
        return DigestAsked(heard.digests[0] if heard.digests else None)
    if heard.has(Cue.WATCH) and (heard.has(Cue.REPOSITORIES, Cue.LIST, Cue.COUNT) or not is_about_releases):
        return WatchedAsked()
    if heard.has(Cue.REPOSITORIES) and not (is_about_releases or heard.units):
        return WatchedAsked()
    return HelpAsked() if heard.has(Cue.HELP) and not is_about_releases else None


def _of_certification(heard: Heard) -> Reading | Refusal | None:
    is_about_it = heard.has(*_OF_CERTIFICATION, Cue.STATUS) or _is_bare_series(heard) or _is_out(heard)
    if not is_about_it or heard.versions:
        return None
    if heard.spans or heard.kinds or heard.units:
        if heard.has(*_OF_CERTIFICATION):
            return Refusal("I tell of a certification as a whole, not by interval, kind or unit")
        return None
    if heard.has(Cue.COUNT) and not heard.has(Cue.HACKATHON, Cue.MILESTONE):
        return None
    return CertificationAsked(tuple(heard.series), tuple(heard.repositories), _aspect(heard))


def _is_bare_series(heard: Heard) -> bool:
    return bool(heard.series) and not (heard.cues - {Cue.FILLER} or heard.spans or heard.kinds or heard.units)


def _is_out(heard: Heard) -> bool:
    """Whether it is asked if a series is out, as in "is v7r2 released?"; a question by number or date is another."""
    others = (Cue.COUNT, Cue.LIST, Cue.ALL, Cue.NEW, Cue.NOUN, Cue.LATEST, Cue.WHEN, Cue.ABOUT)
    return bool(heard.series) and heard.has(Cue.OUT, Cue.READY) and not (heard.has(*others) or heard.kinds)


def _aspect(heard: Heard) -> Aspect:
    rules = (
        (Aspect.HIGHLIGHTS, heard.has(Cue.HIGHLIGHTS)),
        (Aspect.FINAL, heard.has(Cue.FINAL)),
        (Aspect.NEXT, heard.has(Cue.NEXT)),
        (Aspect.HACKATHONS, heard.has(Cue.HACKATHON)),
        (Aspect.NEXT, heard.has(Cue.MILESTONE) and not heard.has(Cue.ALL)),
        (Aspect.CERTIFIED, heard.has(Cue.CERTIFIED, Cue.READY, Cue.OUT)),
    )
    return next((aspect for aspect, holds in rules if holds), Aspect.STATUS)


def _of_releases(heard: Heard, as_of: AsOf) -> Reading | Refusal:
    named = _named_release(heard)
    if named is not None:
        return named
    if heard.versions:
        told = " and ".join(f'"{version}"' for version in heard.versions)
        return Refusal(f'{told} names one release; for all after it, say "since {heard.versions[0]}"')
    if heard.has(Cue.WHEN) and not heard.has(Cue.LATEST):
        return Refusal("I can tell when one release came out, if you name it")
    if heard.has(Cue.COUNT) or heard.units:
        return CountAsked(_filters(heard), tuple(heard.units))
    return _listed(heard, as_of)


def _listed(heard: Heard, as_of: AsOf) -> Reading | Refusal:
    filters = _filters(heard)
    if heard.has(Cue.LATEST) and filters.span is None:
        return LatestAsked(filters)
    if not (heard.has(Cue.NOUN, Cue.NEW, Cue.LIST, Cue.OUT) or filters != Filters()):
        return Refusal("I do not see what is asked")
    if filters == Filters(repositories=filters.repositories) and not heard.has(Cue.NOUN, Cue.NEW, Cue.OUT):
        return LatestAsked(filters) if filters.repositories else Refusal("I do not see what is asked")
    if heard.has(Cue.NEW) and filters.span is None:
        start = midnight(as_of.day - _NEWS, as_of.zone)
        filters = Filters(
            filters.repositories, filters.series, filters.kinds, Span(start=start, text="in the last week")
        )
    return ReleasesAsked(filters, whole=heard.has(Cue.ALL))


def _named_release(heard: Heard) -> ReleaseAsked | None:
    """Find the release that is asked about by name: "when was v7r0p49 released?", or nothing but its name."""
    if heard.spans or heard.kinds or heard.units or heard.has(Cue.COUNT, Cue.LATEST, Cue.NEW):
        return None
    if heard.versions:
        return ReleaseAsked(tuple(heard.versions), tuple(heard.repositories))
    if heard.series and heard.has(Cue.WHEN, Cue.ABOUT) and not heard.has(Cue.NOUN):
        return ReleaseAsked(tuple(heard.series), tuple(heard.repositories))
    return None


def _filters(heard: Heard) -> Filters:
    return Filters(
        repositories=(EVERY_ONE,) if heard.has(Cue.EVERYWHERE) else tuple(heard.repositories),
        series=tuple(heard.series),
        kinds=_kinds(heard),
        span=heard.spans[0] if heard.spans else None,
    )


def _kinds(heard: Heard) -> tuple[KindWord, ...]:
    told = tuple(heard.kinds)
    if heard.is_without_pre:
        return told or (KindWord.FINAL,)
    if heard.is_with_pre:
        return (*told, KindWord.PRE_RELEASE) if told else (KindWord.ALL,)
    return told
