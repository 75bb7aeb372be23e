"""Claims: "which reading gives seven?"; what else could have been counted, where somebody says another number."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from bot.domain.clocks import EVER
from bot.domain.errors import UsageError
from bot.domain.filters import KindWord, kinds_told
from bot.domain.periods.options import read_span
from bot.domain.periods.period import AsOf, Period
from bot.domain.periods.spans import Span
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.tags import DateSource
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined
from bot.queries.release_list import ReleaseList, find_releases
from bot.queries.selection import BESIDE_RELEASES, UNFILTERED, Filters, sources_of
from bot.render.json_form import moment_json, period_json
from bot.render.markup import TEXT, Markup
from bot.render.sections import Section
from bot.render.table import Column, Table
from bot.render.words import plural
from bot.services.release_source import ReleasesKnownAt

if TYPE_CHECKING:
    from bot.domain.readings import PlainCount, Reading

# So many repositories are compared. Where more are watched, only those of the organisations asked for are added.
_MOST_REPOSITORIES = 50
# Of so many all tags are read to date them by another source.
_MOST_REDATED = 5
_LAST_MONTH = "in the last month"
_COLUMNS = (Column("reading"), Column("adds"), Column("leaves out"), Column("dated by commit only", rank=1))


@dataclass(frozen=True, slots=True)
class Claim(Query):
    """Which readings of a count give a number that somebody says."""

    intent: ClassVar[str] = "claim"
    order: ClassVar[int] = 40
    beside: ClassVar[frozenset[Cue] | None] = BESIDE_RELEASES
    filters: Filters = UNFILTERED
    number: int = 0

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read ``which reading gives seven``; without an interval, the last month is meant."""
        if not cues.claims:
            return None
        if len(cues.claims) > 1 or cues.units:
            return Refusal("one number at a time, please, and no breakdown")
        filters = Filters.heard_in(cues)
        return cls(filters if filters.span else replace(filters, span=_last_month(as_of)), cues.claims[0])

    def run(self, context: QueryContext) -> "ClaimReadings":
        """Find the readings. Raises UsageError."""
        from bot.domain.claims import Readings

        plain = find_releases(self.filters, context, most=0)
        asked = self._asked(plain, context)
        found = Readings(asked, self._releases(asked, context), self._by_source(asked, context))
        given = found.giving(self.number)
        return ClaimReadings(
            claim=self.number,
            plain=plain,
            usual=found.usual,
            readings=given,
            nearest=() if given else found.nearest(self.number),
            left=len(context.repositories) - len(asked.repositories) - len(asked.others),
        )

    def parameters(self) -> Json:
        """Return the filters and the number."""
        return self.filters.parameters() | {"claim": self.number}

    def wording(self) -> str:
        """Return ``which reading gives 7 patch releases of DIRAC in the last month``."""
        return joined(f"which reading gives {self.number}", self.filters.wording())

    @property
    def counted(self) -> Filters:
        """Return the filters."""
        return self.filters

    def followed_by(self, cues: Cues) -> "Claim | None":
        """Return the same of other releases."""
        return None if cues.versions else replace(self, filters=self.filters.followed_by(cues))

    def _asked(self, plain: ReleaseList, context: QueryContext) -> "PlainCount":
        from bot.domain.readings import PlainCount

        repositories = tuple(plain.basis.repositories)
        if len(repositories) > _MOST_REPOSITORIES:
            most = f"at most {_MOST_REPOSITORIES} repositories can be compared, not {len(repositories):,}"
            raise UsageError("claim", most, "name some of them")
        return PlainCount(
            repositories=repositories,
            others=_others(repositories, context.repositories),
            kinds=() if self._is_ordinary(repositories) else self.filters.kinds,
            series=self.filters.series,
            period=plain.period.until(context.as_of.end),
            latest=context.as_of.end,
        )

    def _is_ordinary(self, repositories: Sequence[Repository]) -> bool:
        """Return whether the kinds are the repositories' ordinary ones, so that an added repository has its own too."""
        kinds = {kind for word in self.filters.kinds for kind in word.kinds}
        return all(repository.counts.kinds == kinds for repository in repositories)

    def _releases(self, asked: "PlainCount", context: QueryContext) -> Sequence[Release]:
        """Read the releases of any kind that a reading may count."""
        everywhere = (*asked.repositories, *asked.others)
        wanted = asked.wanted(everywhere, (KindWord.ALL,))
        source, _ = sources_of(self.filters, everywhere, context)
        return source.newest(wanted)

    def _by_source(self, asked: "PlainCount", context: QueryContext) -> Mapping[DateSource, Sequence[Release]]:
        """Return the releases asked for as they would be if their dates came from another source first."""
        if not _is_redated(asked.repositories):
            return {}
        wanted = asked.wanted(asked.repositories, (KindWord.ALL,))
        known_at = self.filters.known_at or EVER
        dated = {source: [replace(each, date=source) for each in asked.repositories] for source in DateSource}
        return {
            source: ReleasesKnownAt(repositories, context.store.tags, known_at).newest(wanted)
            for source, repositories in dated.items()
        }


def _is_redated(repositories: Sequence[Repository]) -> bool:
    return len(repositories) <= _MOST_REDATED


def _last_month(as_of: AsOf) -> Span:
    return replace(read_span("1m", as_of), text=_LAST_MONTH)


def _others(asked: Sequence[Repository], watched: Sequence[Repository]) -> tuple[Repository, ...]:
    """Return the watched repositories that may be added, in their order."""
    keys = {repository.key for repository in asked}
    others = [repository for repository in watched if repository.key not in keys]
    if len(watched) > _MOST_REPOSITORIES:
        owners = {_owner(repository) for repository in asked}
        others = [repository for repository in others if _owner(repository) in owners]
    return tuple(others[:_MOST_REPOSITORIES])


def _owner(repository: Repository) -> str:
    return f"{repository.forge}:{repository.path.rpartition('/')[0]}"


@dataclass(frozen=True, slots=True)
class ClaimReadings(Result):
    """The readings that give a number, the nearest first; without any, the ``nearest`` numbers and what gives them.

    ``plain`` is the count as it was asked for, of the ``usual`` releases; ``left`` watched repositories were not
    considered.
    """

    claim: int
    plain: ReleaseList
    usual: Sequence[Release]
    readings: Sequence["Reading"]
    nearest: Sequence[tuple[int, "Reading"]]
    left: int = 0

    def answer(self, markup: Markup) -> Answer:
        """Return the plain count and the readings, each with what it adds or leaves out."""
        from bot.render.claim_words import reading_line

        plain = self.plain.answer(markup)
        lines = [reading_line(reading, self._period, markup) for reading in self.readings]
        lines += [f"{count:,}: {reading_line(reading, self._period, markup)}" for count, reading in self.nearest]
        sentence = f"{plain.sentence}; {self._said()}"
        return Answer(sentence, (Section("", tuple(lines)),), (*self._notes(markup), *plain.notes))

    def tables(self) -> Sequence[Table]:
        """Return the readings, or those that give the nearest numbers."""
        from bot.render.claim_words import reading_row

        shown = [(self.claim, reading) for reading in self.readings] or self.nearest
        columns = (Column("count", is_number=True), *_COLUMNS)
        rows = ((f"{count:,}", *reading_row(reading, self._period, TEXT)) for count, reading in shown)
        return [Table.of(columns, rows)]

    def data(self) -> Any:
        """Return the number, the plain count, and the readings."""
        return {
            "claim": self.claim,
            "count": self.plain.total,
            "period": period_json(self.plain.period),
            "kinds": list(self.plain.kinds),
            "readings": [self._json(reading) for reading in self.readings],
            "nearest": [{"count": count, **self._json(reading)} for count, reading in self.nearest],
            "complete_until": moment_json(self.plain.basis.complete_until, self.plain.period.zone),
        }

    @property
    def _period(self) -> Period:
        return self.plain.period

    def _said(self) -> str:
        if self.readings and not self.readings[0].distance.changes:
            return f"that is {self.claim:,} as asked"
        if self.readings:
            verb = "gives" if len(self.readings) == 1 else "give"
            return f"{plural(len(self.readings), 'other reading')} {verb} {self.claim:,}"
        return f"no reading gives {self.claim:,}"

    def _notes(self, markup: Markup) -> list[str]:
        from bot.render.claim_words import by_commit

        notes = ["The count does not prove any of these."] if self.readings else ["the nearest counts are listed"]
        if by := by_commit(self.usual, markup):
            notes.append(f"dated by their commit only, of the count as asked: {by}")
        if not _is_redated(self.plain.basis.repositories):
            notes.append(f"other dates are compared for at most {_MOST_REDATED} repositories")
        if self.left:
            left = plural(self.left, "watched repository")
            notes.append(f"not considered: {left} outside the organisations asked for")
        return notes

    def _json(self, reading: "Reading") -> Json:
        zone, distance = self._period.zone, reading.distance
        return {
            "repositories": [repository.key for repository in reading.repositories],
            "kinds": kinds_told(reading.kinds, reading.repositories),
            "start": moment_json(reading.start.moment, zone),
            "end": moment_json(reading.end.moment, zone),
            "date_source": reading.source.value if reading.source else None,
            "distance": {"changes": distance.changes, "days": distance.days, "releases": distance.releases},
            "adds": [self._release(release) for release in reading.adds],
            "leaves_out": [self._release(release) for release in reading.leaves_out],
            "uncertain": [self._release(release) for release in reading.uncertain],
        }

    def _release(self, release: Release) -> Json:
        return {
            "repository": release.repository,
            "version": release.version,
            "date": moment_json(release.date, self._period.zone),
        }
