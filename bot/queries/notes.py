"""What changed in a release, or between two: "what changed in v7r1p29?", "release notes of v7r1p29"."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from bot.domain.errors import UsageError
from bot.domain.filters import choose_repositories
from bot.domain.periods.period import AsOf, Period
from bot.domain.periods.spans import ReleaseEdge
from bot.domain.releases import Release, ReleaseState, key_of
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.follow_up import is_filtered
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined, of_names
from bot.queries.selection import releases_at
from bot.render.basis import basis_notes
from bot.render.markup import Markup
from bot.render.sections import Section
from bot.render.table import Table
from bot.render.words import plural
from bot.services.basis import Basis, basis_of
from bot.services.names import lines_named, unknown_release

if TYPE_CHECKING:
    from bot.render.notes_words import ReleaseNotes

_BESIDE = frozenset({Cue.NOTES, Cue.NEW, Cue.LIST, Cue.ALL, Cue.NOUN, Cue.ABOUT, Cue.OUT, Cue.LATEST, Cue.FILLER})
# States of releases that are never the newest.
_GONE = frozenset({ReleaseState.WITHDRAWN, ReleaseState.YANKED})
_MOST_RELEASES = 50
# Lines of an answer, divided among its releases.
_MOST_LINES, _FEWEST_LINES = 24, 3


@dataclass(frozen=True, slots=True)
class WhatChanged(Query):
    """The notes of releases, or with ``since`` of every release of the series after that one, up to the one named.

    Without a name after ``since`` they go up to the newest of its series. With ``is_latest`` the names are series, the
    newest final release of each of which is meant.
    """

    intent: ClassVar[str] = "notes"
    order: ClassVar[int] = 55
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE
    releases: tuple[str, ...]
    since: str = ""
    repositories: tuple[str, ...] = ()
    is_latest: bool = False

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks for release notes, or what is new in a release or between two."""
        del as_of
        edges = [edge.release for edge in _edges(cues) if isinstance(edge, ReleaseEdge)]
        named = tuple(cues.versions or cues.series)
        is_latest = cues.has(Cue.LATEST)
        is_one = bool(cues.series) if is_latest else bool(cues.versions) or len(edges) > 1
        is_new = cues.has(Cue.NEW) and not cues.has(Cue.NOUN, Cue.COUNT) and is_one
        if not (cues.has(Cue.NOTES) or is_new or _asks_contents(cues)):
            return None
        if len(edges) < len(_edges(cues)) or cues.kinds or cues.units or not (named or edges):
            return Refusal("name a release to learn what changed")
        if is_latest and (edges or cues.versions):
            return Refusal("name a series to learn what changed in its newest release")
        if not edges:
            return cls(named, repositories=tuple(cues.repositories), is_latest=is_latest)
        if len(edges) + len(named) > 2 or not cues.spans[0].start:  # noqa: PLR2004
            return Refusal("name one release, or the two between which the changes are wanted")
        return cls((*edges[1:], *named), edges[0], tuple(cues.repositories))

    def run(self, context: QueryContext) -> "NotesFound":
        """Look in the repositories named, else in the asker's own, else in all. Raises UsageError."""
        from bot.render.notes_words import ReleaseNotes

        found = self._between(context) if self.since else self._named(self.releases, context)
        shown = found[-_MOST_RELEASES:]
        records = context.store.notes.of([key_of(release) for _, release in shown])
        meant = list(dict.fromkeys(repository for repository, _ in found))
        everything = Period(None, context.as_of.end, context.as_of.zone)
        basis = basis_of(meant, context.store, everything, context.stale_after)
        notes = [ReleaseNotes(repository, release, records.get(key_of(release))) for repository, release in shown]
        return NotesFound(self, context.as_of, notes, len(found), replace(basis, unclassified=0))

    def _named(self, names: Sequence[str], context: QueryContext) -> list[tuple[Repository, Release]]:
        near = choose_repositories(self.repositories or context.own, context.repositories)
        everywhere = near if self.repositories else context.repositories
        by_key = {each.key: each for each in everywhere}
        found: dict[tuple[str, str], Release] = {}
        for text in names:
            find = _newest if self.is_latest else releases_at
            releases = find(text, near, context) or find(text, everywhere, context)
            if not releases:
                raise unknown_release(text, everywhere, context.repositories, context.store.releases)
            found |= {key_of(release): release for release in releases}
        return [(by_key[release.repository], release) for release in found.values()]

    def _between(self, context: QueryContext) -> list[tuple[Repository, Release]]:
        """Return the releases of the series after the first, up to and including the last. Raises UsageError."""
        firsts = {repository.key: (repository, first) for repository, first in self._named((self.since,), context)}
        lasts = {repository.key: last for repository, last in self._named(self.releases, context)}
        keys = [key for key in firsts if not lasts or key in lasts]
        if len(keys) != 1:
            what = f"exists in {' and '.join(keys)}" if keys else f"not found in {' or '.join(lasts)}"
            raise UsageError(f'release "{self.since}"', what, "name the repository")
        repository, first = firsts[keys[0]]
        last = lasts.get(keys[0])
        if last is not None and last.order <= first.order:
            what = f"is not later than {first.version}"
            raise UsageError(f'release "{self.releases[0]}"', what, "name the earlier release first")
        return [(repository, each) for each in _after(first, last, context)]

    def parameters(self) -> Json:
        """Return the releases, the one after which they begin, and the repositories."""
        return {
            "releases": list(self.releases),
            "latest": self.is_latest,
            "since": self.since or None,
            "repositories": list(self.repositories),
        }

    def wording(self) -> str:
        """Return ``what changed in v7r1p29 of DIRAC``, ``what changed from v7r1p28 to v7r1p29``."""
        if not self.since:
            newest = "the latest" if self.is_latest else ""
            return joined("what changed in", newest, " and ".join(self.releases), of_names(self.repositories))
        named = ("from", self.since, "to", *self.releases) if self.releases else ("since", self.since)
        return joined("what changed", *named, of_names(self.repositories))

    def followed_by(self, cues: Cues) -> "WhatChanged | None":
        """Return what changed in another release."""
        named = tuple(cues.versions or cues.series)
        if self.since or is_filtered(cues) or cues.has(Cue.EVERYWHERE):
            return None
        return replace(
            self, releases=named or self.releases, repositories=tuple(cues.repositories) or self.repositories
        )


def _newest(series: str, repositories: Sequence[Repository], context: QueryContext) -> list[Release]:
    """Return the newest final release of a series in each repository that has one."""
    spelled = dict(lines_named(series, repositories))
    held = context.store.releases.of(list(spelled), until=context.as_of.end)
    found: dict[str, Release] = {}
    for each in sorted(held, key=lambda release: release.order):
        if each.series == spelled[each.repository] and each.kind.is_final and each.state not in _GONE:
            found[each.repository] = each
    return list(found.values())


def _asks_contents(cues: Cues) -> bool:
    """Return whether a text is ``what is in v7r1p29``."""
    return bool(cues.versions) and cues.words >= {"what", "in"} and cues.heard <= {Cue.LIST, Cue.FILLER}


def _edges(cues: Cues) -> list[object]:
    return [edge for span in cues.spans for edge in (span.start, span.end) if edge is not None]


def _after(first: Release, last: Release | None, context: QueryContext) -> list[Release]:
    """Return the releases of a series after one, in their order; without pre-releases unless the last is one."""
    series, end = (last or first).series, context.as_of.end
    held = context.store.releases.of([first.repository], until=end, undated=True)
    return [
        release
        for release in held
        if release.series == series
        and first.order < release.order
        and (last is None or release.order <= last.order)
        and release.state is not ReleaseState.WITHDRAWN
        and (release.kind.is_final or not (last or first).kind.is_final)
    ]


@dataclass(frozen=True, slots=True)
class NotesFound(Result):
    """Releases with what is recorded of their notes; ``count`` of them there are in all."""

    query: WhatChanged
    as_of: AsOf
    found: Sequence["ReleaseNotes"]
    count: int
    basis: Basis

    @property
    def unread(self) -> Sequence["ReleaseNotes"]:
        """The releases of which no notes are recorded."""
        return [each for each in self.found if not each.is_there]

    def answer(self, markup: Markup) -> Answer:
        """Return what changed: the entries as they were written, cut where they are long."""
        from bot.render.notes_words import entry_lines, headline, remarks

        most = max(_MOST_LINES // max(len(self.found), 1), _FEWEST_LINES)
        lines = {place: entry_lines(each, markup, most) for place, each in enumerate(self.found)}
        rest = tuple(dict.fromkeys(line for each in self.found for line in remarks(each, markup)))
        left_out = self.count - len(self.found)
        cut = (f"only the last {len(self.found)} of {self.count:,} releases are shown",) if left_out else ()
        notes = (*cut, *rest, *basis_notes(self.basis, self.as_of, markup.plain))
        if len(self.found) == 1:
            sections = (Section("", lines[0]),) if lines[0] else ()
            return Answer(headline(self.found[0], markup), sections, notes)
        return Answer(
            self._sentence(markup),
            tuple(Section(headline(each, markup), lines[place]) for place, each in enumerate(self.found)),
            notes,
        )

    def _sentence(self, markup: Markup) -> str:
        since, until = markup.plain(self.query.since), "".join(map(markup.plain, self.query.releases))
        if not self.query.since:
            return f"release notes of {self.count} releases"
        if not self.found:
            return f"no release after {since}{f' up to {until}' if until else ' in its series'}"
        said = f"{plural(self.count, 'release')} of {markup.plain(self.found[0].repository.name)} after {since}"
        return f"{said}, up to {until}, in the series of the latter" if until else f"{said}, in its series"

    def tables(self) -> Sequence[Table]:
        """Return the entries; the answer has it all if one release is meant that has none."""
        from bot.render.notes_words import notes_table

        has_entries = any(each.notes.entries for each in self.found)
        return [notes_table(self.found)] if has_entries or len(self.found) > 1 else []

    def data(self) -> Any:
        """Return the notes of each release."""
        from bot.render.notes_words import notes_json

        return [notes_json(each) for each in self.found]
