"""The time between two releases, or since one: "how many days between v7r0p48 and v7r0p49?", "how old is v7r1p29?"."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from bot.domain.errors import UsageError
from bot.domain.filters import KindWord, choose_repositories
from bot.domain.pauses import Pause
from bot.domain.periods.period import AsOf, Period
from bot.domain.periods.spans import ReleaseEdge, Span
from bot.domain.releases import Release, ReleaseState
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.queries.base import Answer, FollowUp, Json, Query, QueryContext, Refusal, Result
from bot.queries.certification import is_about_certification
from bot.queries.language.follow_up import is_filtered
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined, of_names
from bot.queries.notes import WhatChanged
from bot.queries.rate import Rate
from bot.queries.selection import UNFILTERED, Filters, releases_at, select
from bot.render.basis import basis_notes
from bot.render.count_words import nouns, whose
from bot.render.json_form import moment_json, releases_json
from bot.render.markup import Markup
from bot.render.numbers import duration
from bot.render.release_table import releases_table
from bot.render.release_words import bounds_words, flagged, source_words, yanked
from bot.render.table import Table
from bot.render.words import moment_words, plural
from bot.services.basis import Basis, basis_of
from bot.services.names import listed_keys, releases_named, unknown_release

_BESIDE = frozenset({Cue.COUNT, Cue.WHEN, Cue.NOUN, Cue.OUT, Cue.FILLER, Cue.LATEST, Cue.EVERYWHERE})
_TWO = 2


@dataclass(frozen=True, slots=True)
class Gap(Query):
    """The time between the two ``releases``, since the one, or without a name since the newest of the filters."""

    intent: ClassVar[str] = "gap"
    order: ClassVar[int] = 8
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE | {Cue.GAP, Cue.PAUSE, Cue.BETWEEN}
    releases: tuple[str, ...] = ()
    filters: Filters = UNFILTERED

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read the time between two releases, or since one that is named, or is the last."""
        del as_of
        names = _names(cues)
        is_of_two = cues.has(Cue.PAUSE) and len(names) == _TWO
        if not (cues.has(Cue.GAP) or is_of_two) or cues.has(Cue.RATE) or is_about_certification(cues):
            return None
        if cues.has(Cue.BETWEEN) and not names:
            return None
        filters = Filters.heard_in(cues)
        if cues.units or cues.ranked or cues.digests or cues.claims or not _is_since(cues.spans):
            return Refusal("the time between two releases, or since one, has no other interval and no breakdown")
        if cues.has(Cue.LATEST) and not names:
            return cls(filters=filters)
        # "v7r1 releases" are many, v7r1 alone is its first.
        named = names or (() if cues.has(Cue.NOUN) else tuple(cues.series))
        if not 1 <= len(named) <= _TWO or (names and cues.series) or cues.kinds or cues.has(Cue.LATEST):
            return Refusal("name the two releases, or the one, or ask how long it is since the last release")
        return cls(named, Filters(filters.repositories))

    def run(self, context: QueryContext) -> "TimeBetween":
        """Find the releases. Raises UsageError."""
        return _between(self, context) if self.releases else _since_newest(self, context)

    def parameters(self) -> Json:
        """Return the releases, and the filters of the newest."""
        return self.filters.parameters() | {"releases": list(self.releases)}

    def wording(self) -> str:
        """Return ``how long between v7r0p48 and v7r0p49``, ``how long since the last release of v7r1``."""
        of = of_names(["all repositories" if name == "*" else name for name in self.filters.repositories])
        match self.releases:
            case ():
                return joined("how long since the last", self.filters.wording())
            case (release,):
                return joined("how old is", release, of)
            case _:
                return joined("how long between", " and ".join(self.releases), of)

    def followed_by(self, cues: Cues) -> "Gap | None":
        """Return the time between two others, since another release, or since the newest of others."""
        if len(self.releases) == _TWO and len(pair := _names(cues)) == _TWO and _is_since(cues.spans):
            is_pair_alone = not (cues.kinds or cues.series or cues.is_with_pre or cues.is_without_pre)
            filters = Filters(tuple(cues.repositories) or self.filters.repositories)
            return replace(self, releases=pair, filters=filters) if is_pair_alone else None
        if cues.spans or len(self.releases) == _TWO or (bool(self.releases) and is_filtered(cues)):
            return None
        if self.releases:
            named = tuple(cues.versions or cues.series)
            filters = Filters(tuple(cues.repositories) or self.filters.repositories)
            return replace(self, releases=named or self.releases, filters=filters) if len(named) <= 1 else None
        return None if cues.versions else replace(self, filters=self.filters.followed_by(cues))


def _names(cues: Cues) -> tuple[str, ...]:
    """Return the releases that are named, alone or as the ends of an interval."""
    edges = (edge for span in cues.spans for edge in (span.start, span.end))
    return (*(edge.release for edge in edges if isinstance(edge, ReleaseEdge)), *cues.versions)


def _is_since(spans: Sequence[Span]) -> bool:
    """Return whether intervals name but releases: ``since v7r1p29``, ``between v7r0p48 and v7r0p49``."""
    edges = [(span.start, span.end) for span in spans]
    return all(isinstance(start, ReleaseEdge) and (end is None or isinstance(end, ReleaseEdge)) for start, end in edges)


def _between(query: Gap, context: QueryContext) -> "TimeBetween":
    repository, found = _of_one_repository(query, context)
    undated = next((release.version for release in found if release.date is None), None)
    if undated is not None:
        raise UsageError(f'release "{undated}"', "date unknown", "ask for another release")
    withdrawn = next((release.version for release in found if release.state is ReleaseState.WITHDRAWN), None)
    if withdrawn is not None:
        raise UsageError(f'release "{withdrawn}"', "withdrawn: its tags were deleted", "ask for another release")
    whole = Period(None, context.as_of.end, context.as_of.zone)
    basis = replace(basis_of([repository], context.store, whole, context.stale_after), unclassified=0)
    in_order = sorted(found, key=lambda release: (release.date, release.order))
    return TimeBetween(query, context.as_of, in_order, basis, f"of {repository.name}")


def _of_one_repository(query: Gap, context: QueryContext) -> tuple[Repository, list[Release]]:
    """Return the one repository that has all releases that are named, and these. Raises UsageError."""
    near = choose_repositories(query.filters.repositories or context.own, context.repositories)
    everywhere = near if query.filters.repositories else list(context.repositories)
    for among in (near, everywhere):
        held = [{each.repository: each for each in releases_at(text, among, context)} for text in query.releases]
        shared = [repository for repository in among if all(repository.key in each for each in held)]
        if len(shared) == 1:
            return shared[0], [each[shared[0].key] for each in held]
        if shared:
            what = f"exists in {listed_keys([each.key for each in shared])}"
            raise UsageError(f'release "{query.releases[0]}"', what, "name the repository")
    for text, each in zip(query.releases, held, strict=True):
        if not each:
            raise _not_there(text, everywhere, context)
    keys = [listed_keys(list(each)) for each in held]
    what = f"found in {keys[0]}, but {query.releases[1]} in {keys[1]}"
    raise UsageError(f'release "{query.releases[0]}"', what, "name two releases of one repository")


def _not_there(text: str, everywhere: Sequence[Repository], context: QueryContext) -> UsageError:
    if not releases_named(text, everywhere, context.store.releases):
        return unknown_release(text, everywhere, context.repositories, context.store.releases)
    when = f"not released yet on {context.as_of.day.isoformat()}"
    return UsageError(f'release "{text}"', when, "ask for the latest releases, or list them")


def _since_newest(query: Gap, context: QueryContext) -> "TimeBetween":
    selection = select(query.filters, context, usual=(KindWord.FINAL,))
    newest = selection.source.newest_of_each(selection.wanted)
    last = sorted(newest, key=lambda release: (release.date, release.order))[-1:]
    one, _ = nouns(selection.kinds, is_asked=True)
    names = {each.key: each.name for each in selection.repositories}
    of = f"of {names[last[0].repository]}" if last else ""
    basis = replace(selection.basis, unclassified=0)
    return TimeBetween(query, context.as_of, last, basis, of, one, selection.series)


@dataclass(frozen=True, slots=True)
class TimeBetween(Result):
    """The time between two releases, the earlier first, or from one to ``as_of``.

    ``of`` names their repository; ``kind`` and ``series`` are of what the newest was looked for.
    """

    query: Gap
    as_of: AsOf
    releases: Sequence[Release]
    basis: Basis
    of: str
    kind: str = ""
    series: Sequence[str] = ()

    def answer(self, markup: Markup) -> Answer:
        """Return the time, and both dates."""
        notes = (*self._bounds(), *basis_notes(self.basis, self.as_of, markup.plain))
        pause = self._pause
        if pause is None:
            where = whose(self.series, self.basis.repositories, markup)
            return Answer(f"no {self.kind} {where} by {self._now}", (), notes)
        first, of = self.releases[0], markup.plain(self.of)
        length = markup.strong(duration(pause.length))
        if len(self.releases) == _TWO:
            second = self.releases[1]
            between = f"between {markup.release(first)} and {markup.release(second)} {of}"
            sentence = f"{length} {between}: from {self._dated(first)} to {self._dated(second)} ({self._zone})"
        else:
            since = f"{markup.release(first)} {of}"
            if not self.query.releases:
                where = whose(self.series, self.basis.repositories, markup)
                named = markup.release(first) if where == of else since
                since = f"{named}, the last {self.kind} {where}"
            sentence = f"{length} since {since}: from {self._dated(first)} to {self._now}"
        return Answer(f"{sentence}{self._days(pause)}", (), notes, self._follow_ups())

    def tables(self) -> Sequence[Table]:
        """Return the releases."""
        return [releases_table(self.releases, self.as_of.zone)]

    def data(self) -> Any:
        """Return the time in seconds and in days of the calendar, null where there is no release, and the releases."""
        pause, zone = self._pause, self.as_of.zone
        return {
            "seconds": None if pause is None else int(pause.length.total_seconds()),
            "calendar_days": None if pause is None else self._calendar_days(pause),
            "from": None if pause is None else moment_json(pause.start, zone),
            "to": None if pause is None else moment_json(pause.end, zone),
            "releases": releases_json(self.releases, zone),
        }

    @property
    def _zone(self) -> str:
        return self.as_of.zone.key

    @property
    def _now(self) -> str:
        return f"{moment_words(self.as_of.end, self.as_of.zone)} ({self._zone})"

    @property
    def _pause(self) -> Pause | None:
        dates = [release.date for release in self.releases if release.date is not None]
        return Pause(dates[0], dates[1] if len(dates) == _TWO else self.as_of.end) if dates else None

    def _dated(self, release: Release) -> str:
        if release.date is None or release.date_source is None:
            return "no known date"
        remarks = ", ".join([source_words(release.date_source), *yanked(release), *flagged(release)])
        return f"{moment_words(release.date, self.as_of.zone)} ({remarks})"

    def _calendar_days(self, pause: Pause) -> int:
        start, end = (moment.astimezone(self.as_of.zone).date() for moment in (pause.start, pause.end))
        return (end - start).days

    def _days(self, pause: Pause) -> str:
        days = self._calendar_days(pause)
        return "" if days == pause.length.days else f"; by the calendar {plural(days, 'day')}"

    def _bounds(self) -> list[str]:
        """Return a note for each release that may be later than its date."""
        period = Period(None, self.as_of.end, self.as_of.zone)
        late = [each for each in self.releases if each.bounds is not None]
        return [f"{each.version} may be later than its date: {bounds_words(each, period)}" for each in late]

    def _follow_ups(self) -> tuple[FollowUp, ...]:
        first, key = self.releases[0], (self.releases[0].repository,)
        usual = FollowUp("Usual delay", Rate(Filters(key, (first.series,)), is_delay=True).wording())
        if len(self.releases) == _TWO:
            between = WhatChanged((self.releases[1].version,), first.version, key)
            return usual, FollowUp("What changed", between.wording())
        return usual, FollowUp("What changed", WhatChanged((first.version,), repositories=key).wording())
