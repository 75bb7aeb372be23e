"""The newest or the first few releases by date: "the last 5 releases of DIRAC", "the first v7r2 pre-release"."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from bot.domain.filters import KindWord
from bot.domain.periods.period import AsOf, Period
from bot.domain.releases import Release
from bot.domain.values import dataclass
from bot.queries.base import Answer, FollowUp, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined
from bot.queries.releases import Count
from bot.queries.selection import UNFILTERED, Filters, releases_at, select
from bot.render.basis import basis_notes
from bot.render.count_words import counted, nouns, whose
from bot.render.json_form import period_json, releases_json
from bot.render.markup import Markup
from bot.render.release_table import releases_table
from bot.render.release_words import dated
from bot.render.sections import Section
from bot.render.table import Table
from bot.render.words import interval
from bot.services.basis import Basis
from bot.services.twins import Apart, apart_of

_MOST = 50
_BESIDE = frozenset({Cue.FEW, Cue.LIST, Cue.WHEN, Cue.NOUN, Cue.OUT, Cue.FILLER, Cue.EVERYWHERE})


@dataclass(frozen=True, slots=True)
class FewReleases(Query):
    """The ``number`` newest releases by date, or the ``is_first`` ones, newest or first in front."""

    intent: ClassVar[str] = "few_releases"
    order: ClassVar[int] = 45
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE
    filters: Filters = UNFILTERED
    number: int = 1
    is_first: bool = False

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks for a number of the newest releases, or for the first."""
        del as_of
        if not cues.few or cues.units or cues.versions:
            return None
        if len(cues.few) > 1 or not 0 < cues.few[0][0] <= _MOST:
            return Refusal(f"ask for one number of releases, from 1 to {_MOST}", "the last 5 releases")
        filters = Filters.heard_in(cues)
        if filters == UNFILTERED and not cues.has(Cue.NOUN):
            return None
        number, is_first = cues.few[0]
        return cls(filters, number, is_first)

    def run(self, context: QueryContext) -> "FewFound":
        """Find them. Raises UsageError."""
        selection = select(self._near(self._of_any_kind(), context), context)
        source = selection.source
        found = (source.earliest if self.is_first else source.newest)(selection.wanted, self.number)
        names = {each.key: each.name for each in selection.repositories}
        return FewFound(
            query=self,
            as_of=context.as_of,
            period=selection.period,
            kinds=selection.kinds,
            releases=found,
            names=names,
            series=selection.series,
            basis=selection.basis,
            undated=source.undated(selection.wanted),
            apart=apart_of(found, selection.tags),
        )

    def _of_any_kind(self) -> Filters:
        """Return the filters; the first release is the first final one, not the first patch."""
        is_plain = self.is_first and not self.filters.kinds
        return replace(self.filters, kinds=(KindWord.FINAL,)) if is_plain else self.filters

    def _near(self, filters: Filters, context: QueryContext) -> Filters:
        """Return the filters; "the first patch after v7r1" is of the repository that has v7r1, where none is named."""
        named = [] if filters.span is None else filters.span.releases
        if filters.repositories or context.own or not named:
            return filters
        held = (releases_at(text, context.repositories, context) for text in named)
        keys = dict.fromkeys(release.repository for each in held for release in each)
        return replace(filters, repositories=tuple(keys))

    def parameters(self) -> Json:
        """Return the filters, the number, and from which end."""
        return self.filters.parameters() | {"number": self.number, "from": "first" if self.is_first else "newest"}

    def wording(self) -> str:
        """Return ``the last 5 patch releases of v7r1``, ``the first 1 releases``."""
        return joined("the", "first" if self.is_first else "last", str(self.number), self.filters.wording())

    def followed_by(self, cues: Cues) -> "FewReleases | None":
        """Return the same of other releases."""
        return None if cues.versions else replace(self, filters=self.filters.followed_by(cues))


@dataclass(frozen=True, slots=True)
class FewFound(Result):
    """A few releases from one end of a period, in the order asked for; ``undated`` more have no known date."""

    query: FewReleases
    as_of: AsOf
    period: Period
    kinds: Sequence[str]
    releases: Sequence[Release]
    names: Mapping[str, str]
    series: Sequence[str]
    basis: Basis
    undated: int
    apart: Apart

    def answer(self, markup: Markup) -> Answer:
        """Return the releases with their dates."""
        which = "first" if self.query.is_first else "newest"
        within = markup.plain(interval(self.period))
        of = whose(self.series, self.basis.repositories, markup)
        is_asked = bool(self.query.filters.kinds)
        what = f"{counted(len(self.releases), self.kinds, is_asked=is_asked)} {of}"
        more = FollowUp("How many in all", Count(self.query.filters).wording())
        notes = [f"not considered: {self.undated} without a known date"] if self.undated else []
        notes += basis_notes(self.basis, self.as_of, markup.plain)
        if not self.releases:
            return Answer(f"no such release: {what}, {within}", notes=tuple(notes))
        if len(self.releases) == 1:
            [release] = self.releases
            said = f"{markup.strong(self._written(release, markup))} is the {which} of all"
            _, kind = nouns(self.kinds, is_asked=is_asked)
            return Answer(f"{said} {kind} {of}, {within}", notes=tuple(notes), follow_ups=(more,))
        lines = tuple(self._written(release, markup) for release in self.releases)
        return Answer(f"the {which} {what}, {within}", (Section("", lines),), tuple(notes), (more,))

    def _written(self, release: Release, markup: Markup) -> str:
        name = f"{markup.plain(self.names[release.repository])} " if len(self.names) > 1 else ""
        return f"{name}{markup.release(release)} ({dated(release, self.period)})"

    def tables(self) -> Sequence[Table]:
        """Return the releases."""
        return [releases_table(self.releases, self.as_of.zone)]

    def data(self) -> Any:
        """Return the releases, with the period and the kinds that they were chosen from."""
        return {
            "period": period_json(self.period),
            "kinds": list(self.kinds),
            "releases": releases_json(self.releases, self.as_of.zone, self.apart),
        }
