"""The newest release of each series: "latest v7r1"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from bot.domain.filters import KindWord
from bot.domain.periods.period import AsOf, Period
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined
from bot.queries.selection import BESIDE_RELEASES, UNFILTERED, Filters, select
from bot.render.basis import basis_notes
from bot.render.digest_parts import Section
from bot.render.json_form import releases_json
from bot.render.markup import Markup
from bot.render.release_table import releases_table
from bot.render.release_words import dated
from bot.render.table import Table
from bot.render.words import listed_as, moment_words, plural, series_words
from bot.services.basis import Basis

_MOST_NAMES, _MOST_OTHERS = 6, 6


@dataclass(frozen=True, slots=True)
class Latest(Query):
    """The newest release of each series: final ones, unless kinds are requested."""

    intent: ClassVar[str] = "latest"
    order: ClassVar[int] = 80
    beside: ClassVar[frozenset[Cue] | None] = BESIDE_RELEASES
    filters: Filters = UNFILTERED

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks for the latest, or names a repository and nothing else."""
        del as_of
        filters = Filters.heard_in(cues)
        is_bare = filters == Filters(repositories=filters.repositories) and not cues.has(Cue.NOUN, Cue.NEW, Cue.OUT)
        is_asked = cues.has(Cue.LATEST) and filters.span is None
        return cls(filters) if is_asked or (is_bare and filters.repositories) else None

    def run(self, context: QueryContext) -> "LatestReleases":
        """Find them. Raises UsageError."""
        found = select(self.filters, context, usual=(KindWord.FINAL,))
        newest = found.source.leading(found.wanted)
        return LatestReleases(self.filters, context.as_of, newest, found.basis, found.source.undated(found.wanted))

    def parameters(self) -> Json:
        """Return the filters."""
        return self.filters.parameters()

    def wording(self) -> str:
        """Return ``latest releases of v7r1``."""
        return joined("latest", self.filters.wording())


@dataclass(frozen=True, slots=True)
class LatestReleases(Result):
    """The newest release of each series, by repository and version; ``undated`` have no known date."""

    filters: Filters
    as_of: AsOf
    releases: Sequence[Release]
    basis: Basis
    undated: int = 0

    def answer(self, markup: Markup) -> Answer:
        """Return the newest releases, the highest version first."""
        sentence, sections = _words(self, markup)
        undated = [f"not considered: {plural(self.undated, 'release')} without a known date"] if self.undated else []
        return Answer(sentence, sections, (*undated, *basis_notes(self.basis, self.as_of, markup.plain)))

    def tables(self) -> Sequence[Table]:
        """Return the releases."""
        return [releases_table(self.releases, self.as_of.zone)]

    def data(self) -> Any:
        """Return the releases."""
        return releases_json(self.releases, self.as_of.zone)


def _words(found: LatestReleases, markup: Markup) -> tuple[str, tuple[Section, ...]]:
    period = Period(None, found.as_of.end, found.as_of.zone)
    by_repository: dict[str, list[Release]] = {}
    for release in reversed(found.releases):
        by_repository.setdefault(release.repository, []).append(release)
    having = {each: by_repository[each.key] for each in found.basis.repositories if each.key in by_repository}
    when = f"as of {moment_words(found.as_of.end, found.as_of.zone)} ({found.as_of.zone.key})"
    if not having:
        series = series_words([markup.plain(each) for each in found.filters.series])
        names = listed_as(found.basis.repositories, lambda each: markup.plain(each.name), _MOST_NAMES)
        final = "" if found.filters.kinds else "final "
        return f"no {final}release of {series or names}, {when}", ()
    if len(found.releases) == 1 or len(having) == 1:
        [(repository, releases)] = having.items()
        newest = releases[0]
        said = f"the newest{_of_series(found, markup)} of {markup.plain(repository.name)} is "
        sentence = f"{said}{markup.strong(markup.release(newest))} ({dated(newest, period)}), {when}"
        return sentence, tuple(_others(releases[1:], period, markup))
    lines = [_newest_line(repository, releases, period, markup) for repository, releases in having.items()]
    return f"the newest releases, {when}", (Section("", tuple(lines)),)


def _of_series(found: LatestReleases, markup: Markup) -> str:
    series, asked = found.filters.series, found.filters.kinds
    kinds = {"pre-release": " pre-release", "patch": " patch release"}
    kind = kinds.get(asked[0].value, "") if len(asked) == 1 else ""
    if len(series) != 1:
        return kind or " release"
    name = markup.plain(series[0])
    return f"{kind or ' release'} of series {name}" if name[:1].isdigit() else f"{kind} {name}"


def _others(releases: Sequence[Release], period: Period, markup: Markup) -> list[Section]:
    if not releases:
        return []
    others = _released(releases, period, markup, _MOST_OTHERS)
    return [Section("", (f"other series: {others}",))]


def _newest_line(repository: Repository, releases: Sequence[Release], period: Period, markup: Markup) -> str:
    return f"{markup.plain(repository.name)}: {_released(releases, period, markup, 2)}"


def _released(releases: Sequence[Release], period: Period, markup: Markup, most: int) -> str:
    return listed_as(releases, lambda each: f"{markup.release(each)} ({dated(each, period)})", most)
