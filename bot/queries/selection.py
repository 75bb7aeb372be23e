"""Which releases a question means: filters as they were asked for, and what they come to."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.errors import UsageError
from bot.domain.filters import KindWord, Wanted, choose_repositories, kinds_told, wanted
from bot.domain.periods.period import Period
from bot.domain.periods.spans import Span
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.series_status import Line, line_of
from bot.domain.values import dataclass
from bot.domain.versions.version import ReleaseKind
from bot.queries.base import Json, Query, QueryContext
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined, of_names, span_words
from bot.services.basis import Basis, basis_of
from bot.services.names import KnownSeries, began_later, date_of_release, releases_named, require_series
from bot.services.release_source import ReleasesKnownAt, ReleaseSource
from bot.services.twins import NamedTags

if TYPE_CHECKING:
    from bot.queries.language.lexer import Cues

_BOTH = 2
# In the place of repositories: all that are watched, whoever asks.
EVERY_ONE = "*"
_KINDS = {
    KindWord.PATCH: "patch",
    KindWord.MINOR: "minor",
    KindWord.MAJOR: "major",
    KindWord.PRE_RELEASE: "pre-release",
    KindWord.FINAL: "final",
}
# What may be said beside a question for releases without changing it.
BESIDE_RELEASES = frozenset({Cue.COUNT, Cue.LIST, Cue.ALL, Cue.NEW, Cue.NOUN, Cue.OUT, Cue.LINE, Cue.FILLER})
BESIDE_RELEASES |= {Cue.REPOSITORIES, Cue.EVERYWHERE, Cue.MADE}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which releases are meant; what is empty is not restricted.

    ``repositories`` are named in any way that people name them, or are EVERY_ONE; without any, the asker's own
    are meant. ``series`` are in any spelling. ``known_at`` leaves out what was seen only later.
    """

    repositories: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    kinds: tuple[KindWord, ...] = ()
    span: Span | None = None
    known_at: datetime | None = None

    @classmethod
    def heard_in(cls, cues: "Cues") -> "Filters":
        """Return the filters that a text names."""
        return cls(
            repositories=(EVERY_ONE,) if cues.has(Cue.EVERYWHERE) else tuple(cues.repositories),
            series=tuple(cues.series),
            kinds=_kinds_heard(cues),
            span=cues.spans[0] if cues.spans else None,
        )

    def followed_by(self, cues: "Cues") -> "Filters":
        """Return the filters with those that a follow-up names in the place of those of the same sort."""
        named = Filters.heard_in(cues)
        return replace(
            self,
            repositories=named.repositories or self.repositories,
            series=named.series or self.series,
            kinds=_kinds_after(self.kinds, cues),
            span=named.span or self.span,
        )

    def parameters(self) -> Json:
        """Return the filters as JSON."""
        return {
            "repositories": list(self.repositories),
            "series": list(self.series),
            "kinds": [kind.value for kind in self.kinds],
            "interval": span_words(self.span),
        }

    def wording(self) -> str:
        """Return the words for them: ``patch releases of v7r1 in the last month``."""
        kinds = " and ".join(_KINDS[kind] for kind in self.kinds if kind in _KINDS)
        noun = "releases of any kind" if KindWord.ALL in self.kinds else "releases"
        names = ["all repositories" if name == EVERY_ONE else name for name in self.repositories]
        return joined(kinds, noun, of_names([*names, *self.series]), span_words(self.span))


UNFILTERED = Filters()


def counted_by(query: Query | None) -> Filters | None:
    """Return which releases a query counts or lists, by its ``counted``; None for a question about others."""
    counted = getattr(query, "counted", None)
    return counted if isinstance(counted, Filters) else None


def names_more(cues: "Cues") -> bool:
    """Return whether a text names what no filter holds: a release, a digest or a claimed number."""
    return bool(cues.versions or cues.digests or cues.claims)


def is_about_releases(cues: "Cues") -> bool:
    """Return whether a text names releases, or filters them."""
    return cues.has(Cue.NOUN, Cue.NEW, Cue.LATEST, Cue.OUT) or Filters.heard_in(cues) != UNFILTERED


def _kinds_heard(cues: "Cues") -> tuple[KindWord, ...]:
    kinds = tuple(cues.kinds)
    if cues.is_without_pre:
        return kinds or (KindWord.FINAL,)
    if cues.is_with_pre:
        return (*kinds, KindWord.PRE_RELEASE) if kinds else (KindWord.ALL,)
    return kinds


def _kinds_after(kinds: tuple[KindWord, ...], cues: "Cues") -> tuple[KindWord, ...]:
    """Return the kinds that a follow-up means: "without pre-releases" leaves the others as they were asked for."""
    if cues.kinds or not kinds:
        return _kinds_heard(cues) or kinds
    if cues.is_without_pre:
        others = tuple(kind for kind in kinds if kind not in {KindWord.PRE_RELEASE, KindWord.ALL})
        return others or (KindWord.FINAL,)
    is_new = cues.is_with_pre and not {KindWord.PRE_RELEASE, KindWord.ALL} & set(kinds)
    return (*kinds, KindWord.PRE_RELEASE) if is_new else kinds


@dataclass(frozen=True, slots=True)
class Selection:
    """What filters come to: which releases are wanted, where they are read from, and what an answer rests on.

    ``kinds`` names what is counted: the words asked for, else the repositories' own rules. ``series`` are those asked
    for, as their projects spell them.
    """

    filters: Filters
    period: Period
    wanted: Wanted
    source: ReleaseSource
    tags: NamedTags
    kinds: Sequence[str]
    basis: Basis
    series: Sequence[str] = ()

    @property
    def repositories(self) -> Sequence[Repository]:
        """The repositories that are meant."""
        return self.basis.repositories


def select(filters: Filters, context: QueryContext, *, usual: tuple[KindWord, ...] = ()) -> Selection:
    """Return what filters come to; ``usual`` are the kinds where none is requested, by default the ordinary ones.

    Raises UsageError for a repository, series or release that is not known.
    """
    repositories = _chosen(filters, context)
    filters = _of_one_series(filters, repositories, context)
    repositories = _chosen(filters, context)
    known = _known_series(filters.series, repositories, context)
    period = _period(filters.span, repositories, filters, context)
    kinds = filters.kinds or usual
    seen = period.until(context.as_of.end)
    source, tags = sources_of(filters, repositories, context)
    basis = basis_of(repositories, context.store, seen, context.stale_after, source)
    later = began_later({typed: each.began for typed, each in known.items()}, context.as_of.end)
    is_own = not filters.repositories and bool(context.own) and len(repositories) < len(context.repositories)
    return Selection(
        filters=filters,
        period=period,
        wanted=wanted(repositories, kinds, filters.series, since=period.start, until=seen.end),
        source=source,
        tags=tags,
        kinds=kinds_told(kinds, repositories),
        basis=replace(basis, not_begun=tuple(known[each].shown for each in later), is_default=is_own),
        series=tuple(known[each].shown for each in filters.series),
    )


def sources_of(
    filters: Filters, repositories: Sequence[Repository], context: QueryContext
) -> tuple[ReleaseSource, NamedTags]:
    """Return what the releases of repositories are read from, and their tags."""
    if filters.known_at is None:
        return context.store.releases, context.store.tags
    known = ReleasesKnownAt(repositories, context.store.tags, filters.known_at)
    return known, known


def _chosen(filters: Filters, context: QueryContext) -> list[Repository]:
    """Choose the repositories that are meant: those named, else the asker's own, else all."""
    repositories = choose_repositories(filters.repositories or context.own, context.repositories)
    if not repositories:
        raise UsageError("repositories", "none are watched", "add one: release-bot watch add FORGE:PATH")
    return repositories


def _known_series(
    series: Sequence[str], repositories: Sequence[Repository], context: QueryContext
) -> dict[str, KnownSeries]:
    """Return each series as it was typed, with what is known of it. Raises UsageError for one that is not known."""
    watched, releases, until = context.repositories, context.store.releases, context.as_of.end
    return {
        each: require_series(each, repositories, watched, releases, lambda: _planned(context), until=until)
        for each in series
    }


def _planned(context: QueryContext) -> frozenset[Line]:
    from bot.services.series import named_lines

    return named_lines(context.repositories, context.plans, context.store)


def _period(span: Span | None, repositories: Sequence[Repository], filters: Filters, context: QueryContext) -> Period:
    return (span or Span()).period(context.as_of, _dates_of(repositories, filters, context))


def _dates_of(repositories: Sequence[Repository], filters: Filters, context: QueryContext) -> Callable[[str], datetime]:
    """Return what finds the date of a release that bounds an interval: of the repositories named, else of any."""

    def date_of(text: str) -> datetime:
        having = _having(text, repositories, filters, context)
        date = date_of_release(text, having, context.repositories, context.store.releases)
        if date >= context.as_of.end:
            when = f"not released yet on {context.as_of.day.isoformat()}"
            raise UsageError(f'release "{text}"', when, "ask for the latest releases, or list them")
        return date

    return date_of


def _having(
    text: str, repositories: Sequence[Repository], filters: Filters, context: QueryContext
) -> Sequence[Repository]:
    """Return where a release that bounds an interval is looked for."""
    is_among = bool(filters.repositories) or bool(releases_named(text, repositories, context.store.releases))
    return repositories if is_among else context.repositories


def _of_one_series(filters: Filters, repositories: Sequence[Repository], context: QueryContext) -> Filters:
    """Return the filters, of one series where two releases of it bound the interval: what is between them is of it.

    Between two pre-releases are pre-releases, if no kind is asked for.
    """
    edges = filters.span.releases if filters.span else ()
    if len(edges) < _BOTH or filters.series or EVERY_ONE in filters.repositories:
        return filters
    store = context.store.releases
    named = [releases_named(text, _having(text, repositories, filters, context), store) for text in edges]
    bounds = [release for releases in named for release in releases]
    lines = {line_of(release) for release in bounds}
    if len(lines) != 1 or len(bounds) != len(edges) or not all(named):
        return filters
    [(key, series)] = lines
    if filters.repositories and [each.key for each in repositories] != [key]:
        return filters
    of_pre_releases = [release.kind is ReleaseKind.PRE_RELEASE for release in bounds]
    usual = (KindWord.PRE_RELEASE,) if all(of_pre_releases) else (KindWord.ALL,) if any(of_pre_releases) else ()
    return replace(filters, repositories=(key,), series=(series,), kinds=filters.kinds or usual)


def releases_at(text: str, repositories: Sequence[Repository], context: QueryContext) -> list[Release]:
    """Return the releases that a text names in the repositories, without those that came out only later."""
    held = releases_named(text, repositories, context.store.releases)
    return [release for release in held if release.date is None or release.date < context.as_of.end]
