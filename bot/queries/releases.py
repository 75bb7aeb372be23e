"""Counts and lists of releases: "how many patch releases in the last month?", "what came out last week?"."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from bot.domain.counts import GroupBy
from bot.domain.filters import KindWord
from bot.domain.periods.period import AsOf, midnight
from bot.domain.periods.spans import ReleaseEdge, Span
from bot.domain.values import dataclass
from bot.queries.base import FollowUp, Json, Query, QueryContext, Refusal
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined
from bot.queries.release_list import FOLD, ReleaseList, find_releases
from bot.queries.selection import BESIDE_RELEASES, UNFILTERED, Filters

if TYPE_CHECKING:
    from bot.domain.digests.digest import Digest
    from bot.queries.language.lexer import Cues

LAST_MONTH = Span(text="in the last month")
# "What is new?" asks for as much.
_NEWS = timedelta(days=7)
# More are not named: the channel's own repositories are meant then.
_MOST_REPOSITORIES = 10
_LONG_AGO = re.compile(r"(?:on )?\w+ (?:fortnight|month|quarter|year|semester|trimester|decade)s? (?:ago|back|earlier)")
# What a button of a chat holds.
_LONGEST = 2_000
_LISTED = {"all", "any", "every", "list", "show", "releases", "versions", "patches", "pre-releases", "prereleases"}
_SINGULAR = {"release", "version", "patch", "tag", "one", "pre-release", "prerelease"}
_ORDERS = {"make", "cut", "ship", "produce", "deliver"}
_OF_SOMEBODY = {"we", "you", "they", "i", "did", "do", "does", "was", "were", "are", "is", "have", "has"}


@dataclass(frozen=True, slots=True)
class Count(Query):
    """How many releases, broken down by ``units``; the ``most`` newest are listed, None for all."""

    intent: ClassVar[str] = "count"
    order: ClassVar[int] = 70
    beside: ClassVar[frozenset[Cue] | None] = BESIDE_RELEASES
    filters: Filters = UNFILTERED
    units: tuple[GroupBy, ...] = ()
    most: int | None = FOLD

    @classmethod
    def read(cls, cues: "Cues", as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks for a number, or for a breakdown."""
        if not (cues.has(Cue.COUNT, Cue.REPOSITORY_COUNT) or cues.units):
            return None
        filters = _of_days_said(cues, as_of)
        if isinstance(filters, Refusal):
            return filters
        return _not_counted(cues, filters) or cls(filters, tuple(cues.units))

    def run(self, context: QueryContext) -> ReleaseList:
        """Count them. Raises UsageError."""
        found = find_releases(self.filters, context, units=self.units, most=self.most, is_brief=context.is_brief)
        return replace(found, follow_ups=_after(self, found))

    def parameters(self) -> Json:
        """Return the filters and the units."""
        return self.filters.parameters() | {"by": [unit.value for unit in self.units]}

    def wording(self) -> str:
        """Return ``how many patch releases of v7r1 in the last month by month``."""
        by = f"by {' and '.join(unit.value for unit in self.units)}" if self.units else ""
        return joined("how many", self.filters.wording(), by)

    @property
    def counted(self) -> Filters:
        """Return the filters."""
        return self.filters

    def followed_by(self, cues: "Cues") -> "Count | None":
        """Return the same of other releases."""
        return None if cues.versions else replace(self, filters=self.filters.followed_by(cues))


@dataclass(frozen=True, slots=True)
class Releases(Query):
    """Which releases: the ``most`` newest, None for all; withdrawn ones only ``with_withdrawn``."""

    intent: ClassVar[str] = "releases"
    order: ClassVar[int] = 90
    # "The latest releases since Christmas" are a list.
    beside: ClassVar[frozenset[Cue] | None] = BESIDE_RELEASES | {Cue.LATEST}
    filters: Filters = UNFILTERED
    most: int | None = FOLD
    with_withdrawn: bool = False

    @classmethod
    def read(cls, cues: "Cues", as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks for releases in any other way."""
        filters = _of_days_said(cues, as_of)
        if isinstance(filters, Refusal):
            return filters
        if filters == Filters(repositories=filters.repositories) and not cues.has(Cue.NOUN, Cue.NEW, Cue.OUT):
            return Refusal("I did not understand the question")
        if _is_of_one_before(cues):
            newest = replace(filters, span=Span(text=cues.spans[0].text))
            return Refusal("of all releases before that one, say which is meant", joined("latest", newest.wording()))
        if _is_order(cues):
            return Refusal("I watch releases, and do not make them")
        if filters.series and not filters.kinds and cues.heard <= {Cue.OUT, Cue.FILLER}:
            # "Did v7r1 come out in April?" asks for its first release too, which is no patch.
            filters = replace(filters, kinds=(KindWord.FINAL,))
        return cls(filters, None if cues.has(Cue.ALL) else FOLD)

    def run(self, context: QueryContext) -> ReleaseList:
        """Find them. Raises UsageError."""
        found = find_releases(
            self.filters, context, most=self.most, with_withdrawn=self.with_withdrawn, is_brief=context.is_brief
        )
        return replace(found, follow_ups=_after(self, found))

    def parameters(self) -> Json:
        """Return the filters, and whether all are listed."""
        return self.filters.parameters() | {"whole": self.most is None}

    def wording(self) -> str:
        """Return ``list patch releases of v7r1 in the last month``."""
        return joined("list all" if self.most is None else "list", self.filters.wording())

    @property
    def counted(self) -> Filters:
        """Return the filters."""
        return self.filters

    def followed_by(self, cues: "Cues") -> "Releases | None":
        """Return the same of other releases."""
        return None if cues.versions else replace(self, filters=self.filters.followed_by(cues))


def _not_counted(cues: "Cues", filters: Filters) -> Refusal | None:
    """Return why a text does not ask for a number of releases, None where it does."""
    if cues.has(Cue.REPOSITORY_COUNT):
        return Refusal("I count releases, not repositories", joined("how many", filters.wording(), "by repository"))
    if cues.has(Cue.LINE) and not (cues.kinds or cues.has(Cue.NOUN)):
        return Refusal("I count releases, not series", joined("latest", filters.wording()))
    if cues.has(Cue.LINE):
        return Refusal("name the series that is meant", joined("how many", filters.wording(), "by series"))
    if filters == UNFILTERED and not (cues.units or cues.has(Cue.NOUN, Cue.NEW)):
        return Refusal("how many of what?", "how many releases in the last month")
    return None


def _of_days_said(cues: "Cues", as_of: AsOf) -> Filters | Refusal:
    """Return the filters that a text names: what is new is of the last week.

    "Two months ago" alone, without "since", is a day of which nobody means the releases.
    """
    filters = Filters.heard_in(cues)
    if cues.has(Cue.NEW) and filters.span is None:
        start = midnight(as_of.day - _NEWS, as_of.zone)
        return replace(filters, span=Span(start=start, text="in the last week"))
    if filters.span is not None and _LONG_AGO.fullmatch(filters.span.text):
        since = replace(filters, span=Span(text=f"since {filters.span.text}"))
        return Refusal(f'"{filters.span.text}" is one day', joined("how many", since.wording()))
    return filters


def _is_of_one_before(cues: "Cues") -> bool:
    """Return whether a text asks for one release before another: "the release before v7r1p29" is not all of them."""
    is_before = any(isinstance(span.end, ReleaseEdge) and span.start is None for span in cues.spans)
    return is_before and not _SINGULAR.isdisjoint(cues.words) and _LISTED.isdisjoint(cues.words)


def _is_order(cues: "Cues") -> bool:
    """Return whether somebody is told to release: "make a release", not "the releases that we make"."""
    is_said_of_all = cues.words.isdisjoint(_ORDERS) or not cues.words.isdisjoint(_OF_SOMEBODY)
    return not is_said_of_all and not cues.has(Cue.LIST, Cue.ALL, Cue.NEW, Cue.COUNT)


def _after(query: Query, found: ReleaseList) -> tuple[FollowUp, ...]:
    """Offer what refines a question for releases, and was not asked already."""
    filters = found.filters
    offers: list[tuple[str, Query]] = []
    if found.total > len(found.releases):
        offers.append((f"List all {found.total:,}", Releases(filters, most=None)))
    if len(found.series) > 1:
        offers.append(("By series", Count(filters, (GroupBy.SERIES,))))
    if found.total > 1:
        offers.append(("By month", Count(filters, (GroupBy.MONTH,))))
    if filters.span is None or filters.span.text != LAST_MONTH.text:
        offers.append(("Last month", Count(replace(filters, span=LAST_MONTH))))
    return _worded((label, offered) for label, offered in offers if offered != query)


def after_digest(digest: "Digest") -> tuple[FollowUp, ...]:
    """Offer the questions that a digest's numbers raise."""
    keys = tuple(part.repository for part in digest.repositories)
    named = keys if len(keys) <= _MOST_REPOSITORIES else ()
    its_own = Filters(named, span=Span(digest.period.start, digest.period.end))
    return _worded(
        [
            ("List them", Releases(its_own, most=None)),
            ("By series", Count(its_own, (GroupBy.SERIES,))),
            ("Last month", Count(Filters(named, span=LAST_MONTH))),
        ]
    )


def _worded(offers: Iterable[tuple[str, Query]]) -> tuple[FollowUp, ...]:
    worded = [FollowUp(label, query.wording()) for label, query in offers]
    return tuple(each for each in worded if len(each.question) <= _LONGEST)
