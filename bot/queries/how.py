"""How a number is made: "why?" after a count, "how do you count releases of DIRAC in 2020?"."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from bot.domain.counts import GroupBy
from bot.domain.filters import KindWord, wanted
from bot.domain.origins import Origins
from bot.domain.periods.period import AsOf
from bot.domain.repositories import Counts, Repository
from bot.domain.values import dataclass
from bot.domain.versions.version import ReleaseKind
from bot.queries.base import Answer, FollowUp, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined
from bot.queries.release_list import ReleaseList, list_selected
from bot.queries.releases import Count, Releases
from bot.queries.selection import BESIDE_RELEASES, UNFILTERED, Filters, Selection, select
from bot.render.json_form import moment_json, period_json
from bot.render.markup import Markup
from bot.render.release_words import source_words
from bot.render.sections import Section
from bot.render.words import listed, listed_as, moment_words, plural

# The dates of more are not counted by their source: that reads each release, and a number reads an index.
_MOST_DATED = 20_000
_MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class HowCounted(Query):
    """How the number of releases is made: what counts, of which interval, by which dates, and what is left out."""

    intent: ClassVar[str] = "how"
    order: ClassVar[int] = 35
    beside: ClassVar[frozenset[Cue] | None] = (BESIDE_RELEASES - {Cue.NEW, Cue.LATEST, Cue.HELP}) | {Cue.COUNTED}
    filters: Filters = UNFILTERED

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks how releases are counted."""
        del as_of
        if not cues.has(Cue.COUNTED):
            return None
        filters = Filters.heard_in(cues)
        if cues.units or cues.claims or cues.versions:
            return Refusal("I can say how one number of releases is made", cls(filters).wording())
        return cls(filters)

    def run(self, context: QueryContext) -> "NumberMade":
        """Count them, and what is left out. Raises UsageError."""
        selection = select(self.filters, context)
        found = list_selected(selection, context, most=0, is_brief=context.is_brief)
        is_few = found.total <= _MOST_DATED
        origins = context.store.releases.origins(selection.wanted) if is_few else None
        return NumberMade(self.filters, found, origins, _other_kinds(selection, context))

    def parameters(self) -> Json:
        """Return the filters."""
        return self.filters.parameters()

    def wording(self) -> str:
        """Return ``how do you count patch releases of v7r1 in the last month``."""
        return joined("how do you count", self.filters.wording())

    @property
    def counted(self) -> Filters:
        """Return the filters."""
        return self.filters

    def followed_by(self, cues: Cues) -> "HowCounted | None":
        """Return the same of other releases."""
        return None if cues.versions else replace(self, filters=self.filters.followed_by(cues))


def _other_kinds(selection: Selection, context: QueryContext) -> dict[ReleaseKind, dict[str, int]]:
    """Count by repository the releases of the same series and interval whose kind is not counted."""
    asked, zone = selection.wanted, selection.period.zone
    every = wanted(
        selection.repositories, (KindWord.ALL,), selection.filters.series, since=asked.since, until=asked.until
    )
    counted = {(key, kind) for rule in asked.rules for key in rule.repositories for kind in rule.kinds}
    others: dict[ReleaseKind, dict[str, int]] = {kind: {} for kind in ReleaseKind}
    for tally in context.store.releases.tally(every, (GroupBy.REPOSITORY, GroupBy.KIND), zone):
        if tally.kind is not None and (tally.repository, tally.kind) not in counted:
            of_kind = others[tally.kind]
            of_kind[tally.repository] = of_kind.get(tally.repository, 0) + tally.count
    return {kind: counts for kind, counts in others.items() if counts}


@dataclass(frozen=True, slots=True)
class NumberMade(Result):
    """A number of releases and what it is made of.

    ``others`` count by repository the releases of kinds that are not in it.
    ``origins`` is None where there are too many releases to look at each.
    """

    filters: Filters
    found: ReleaseList
    origins: Origins | None
    others: Mapping[ReleaseKind, Mapping[str, int]]

    def answer(self, markup: Markup) -> Answer:
        """Return the number, and a line for each thing that makes it."""
        plain = self.found.answer(markup)
        lines = (self._what(markup), self._when(), *self._dates(), *self._tags(), *self._left_out(markup))
        offers = [("List them", Releases(self.filters, most=None)), ("By month", Count(self.filters, (GroupBy.MONTH,)))]
        follow_ups = tuple(FollowUp(label, query.wording()) for label, query in offers) if self.found.total else ()
        return Answer(plain.sentence, (Section("", lines),), plain.notes, follow_ups)

    def data(self) -> Any:
        """Return the number and what it is made of; ``dates`` is null where there are too many to look at each."""
        found, origins, zone = self.found, self.origins, self.found.period.zone
        return {
            "count": found.total,
            "kinds": list(found.kinds),
            "repositories": {each.key: each.counts.value for each in found.basis.repositories},
            "period": period_json(found.period),
            "dates": None if origins is None else {key.value: count for key, count in origins.by_source.items()},
            "with_moved_tags": None if origins is None else origins.moved,
            "with_several_tags": None if origins is None else origins.with_twins,
            "not_counted": {
                "kinds": {kind.value: sum(counts.values()) for kind, counts in self.others.items()},
                "withdrawn": None if origins is None else origins.withdrawn,
                "yanked": None if origins is None else origins.left_out,
                "undated": found.undated,
                "unclassified": found.basis.unclassified,
            },
            "complete_until": moment_json(found.basis.complete_until, zone),
        }

    def _what(self, markup: Markup) -> str:
        if self.filters.kinds:
            return f"counts: {_kinds_words(self.found.kinds)}, as asked"
        repositories = self.found.basis.repositories
        by_rule = {rule: [each for each in repositories if each.counts is rule] for rule in Counts}
        parts = [f"{rule.value} releases of {_names(having, markup)}" for rule, having in by_rule.items() if having]
        return f"counts: {listed(parts)}, by the rule of each repository in the configuration"

    def _when(self) -> str:
        period = self.found.period
        zone = period.zone
        since = f"from {moment_words(period.start, zone)}" if period.start else "from the first release"
        return f"interval: {since} to before {moment_words(period.end, zone)}, {zone.key} time"

    def _dates(self) -> list[str]:
        """Say where the dates come from; the first source that has one dates a release."""
        if self.origins is None:
            return ["dates: of each release by the first source that has one, as the configuration orders them"]
        parts = [f"{source_words(source)}: {count:,}" for source, count in self.origins.by_source.items()]
        return [f"dates: {', '.join(parts)}"] if parts else []

    def _tags(self) -> list[str]:
        if self.origins is None:
            return []
        twins, moved = self.origins.with_twins, self.origins.moved
        lines = [f"one version counts once: {plural(twins, 'release')} with several tags"] if twins else []
        lines += [f"tags were moved: of {plural(moved, 'release')}, each counted once"] if moved else []
        return lines

    def _left_out(self, markup: Markup) -> list[str]:
        """Say what is not counted; a note tells of unclassified tags."""
        found, origins = self.found, self.origins or Origins()
        parts = [_of_kind(kind, counts, markup) for kind, counts in self.others.items()]
        parts += [f"{plural(origins.withdrawn, 'withdrawn release')} (tags deleted)"] if origins.withdrawn else []
        parts += [plural(origins.left_out, "yanked release")] if origins.left_out else []
        parts += [f"{plural(found.undated, 'release')} without a known date"] if found.undated else []
        if not parts and found.basis.unclassified:
            return []
        return [f"not counted: {listed(parts) or 'nothing else in this interval'}"]


def _of_kind(kind: ReleaseKind, counts: Mapping[str, int], markup: Markup) -> str:
    number, _, noun = plural(sum(counts.values()), _noun(kind)).partition(" ")
    return f"{markup.part(number, counts, kind=kind.value)} {noun}"


def _noun(kind: ReleaseKind) -> str:
    return kind.value if kind is ReleaseKind.PRE_RELEASE else f"{kind.value} release"


def _kinds_words(kinds: Sequence[str]) -> str:
    words = {KindWord.ALL.value: "releases of any kind", KindWord.PRE_RELEASE.value: "pre-releases"}
    return listed([words.get(kind, f"{kind} releases") for kind in kinds])


def _names(repositories: Sequence[Repository], markup: Markup) -> str:
    return listed_as(repositories, lambda each: markup.plain(each.name), _MOST_NAMES)
