"""One release, or several: "when was v7r0p49 released?"."""

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Any, ClassVar

from bot.domain.filters import choose_repositories
from bot.domain.periods.period import AsOf, Period
from bot.domain.periods.spans import Span
from bot.domain.releases import Release, ReleaseState
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.follow_up import is_filtered
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined, of_names
from bot.queries.plan import Planned
from bot.queries.selection import releases_at
from bot.render.basis import basis_notes
from bot.render.json_form import releases_json
from bot.render.markup import Markup
from bot.render.release_table import releases_table
from bot.render.release_words import flagged, source_words, yanked
from bot.render.sections import Section
from bot.render.table import Table
from bot.render.words import listed, moment_words
from bot.services.basis import Basis, basis_of
from bot.services.names import lines_named, releases_named, unknown_release
from bot.services.twins import Apart, apart_of

_SHORT_COMMIT = 10
# "Which commit was v7r1p29 released on" is about it, "what was released with v7r1p29" is not.
_ASKING = {"what", "which"}
_ASKED = (Cue.WHEN, Cue.ABOUT, Cue.LINK, Cue.TAGS, Cue.REPOSITORIES, Cue.LINE)
_BESIDE = frozenset({Cue.WHEN, Cue.ABOUT, Cue.LINK, Cue.OUT, Cue.NOUN, Cue.LIST, Cue.ALL, Cue.READY, Cue.STATUS})
_BESIDE |= {Cue.NEXT, Cue.TAGS, Cue.LINE, Cue.MADE, Cue.REPOSITORIES, Cue.EVERYWHERE, Cue.FILLER}


@dataclass(frozen=True, slots=True)
class WhenReleased(Query):
    """One release, or several: when, on which commit, under which tags; ``with_links`` spells their pages out."""

    intent: ClassVar[str] = "release"
    order: ClassVar[int] = 60
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE
    releases: tuple[str, ...]
    repositories: tuple[str, ...] = ()
    with_links: bool = False

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks about a release by its name, or is nothing but its name."""
        del as_of
        is_more = cues.kinds or cues.units or cues.has(Cue.COUNT, Cue.LATEST, Cue.NEW, Cue.FEW)
        is_of_one = not is_more and all(_is_checked(span, cues) for span in cues.spans)
        if cues.versions and is_of_one:
            return _of_others(cues) or cls(tuple(cues.versions), tuple(cues.repositories), cues.has(Cue.LINK))
        if cues.versions:
            named = " and ".join(f'"{version}"' for version in cues.versions)
            when = cls(tuple(cues.versions), tuple(cues.repositories)).wording()
            return Refusal(f'{named} names one release; for all after it, ask "since {cues.versions[0]}"', when)
        is_of_first = is_of_one and not cues.spans and not cues.has(Cue.NOUN)
        if is_of_first and cues.series and cues.has(Cue.WHEN, Cue.ABOUT, Cue.LINK):
            return cls(tuple(cues.series), tuple(cues.repositories), cues.has(Cue.LINK))
        if cues.has(Cue.WHEN) and not cues.has(Cue.LATEST):
            return Refusal("name a release to learn when it was released")
        return None

    def run(self, context: QueryContext) -> Result:
        """Look in the repositories named, else in the asker's own, else in all. Raises UsageError.

        Of a series that is to come the plan is told.
        """
        near = choose_repositories(self.repositories or context.own, context.repositories)
        everywhere = near if self.repositories else context.repositories
        found: list[Release] = []
        missing = []
        for text in self.releases:
            releases = releases_at(text, near, context) or releases_at(text, everywhere, context)
            found += releases
            missing += [] if releases else [_later(text, everywhere, context)]
        if not found and self._is_planned(missing, everywhere, context):
            return Planned(tuple(missing), self.repositories).run(context)
        having = {release.repository for release in found}
        meant = [each for each in everywhere if each.key in having] or everywhere
        everything = Period(None, context.as_of.end, context.as_of.zone)
        basis = basis_of(meant, context.store, everything, context.stale_after)
        apart = apart_of(found, context.store.tags)
        return ReleasesNamed(context.as_of, found, missing, basis, apart, self.with_links)

    def _is_planned(self, series: Sequence[str], repositories: Sequence[Repository], context: QueryContext) -> bool:
        planned = {(plan.repository, plan.series) for plan in context.plans}
        return all(not planned.isdisjoint(lines_named(text, repositories)) for text in series)

    def parameters(self) -> Json:
        """Return the releases and the repositories, and whether links are asked for."""
        named = {"releases": list(self.releases), "repositories": list(self.repositories)}
        return named | ({"links": True} if self.with_links else {})

    def wording(self) -> str:
        """Return ``when was v7r0p49 of DIRAC released``, ``link to v7r0p49``."""
        if self.with_links:
            return joined("link to", *self.releases, of_names(self.repositories))
        return joined("when was", *self.releases, of_names(self.repositories), "released")

    def followed_by(self, cues: Cues) -> "WhenReleased | None":
        """Return when another release came out."""
        if is_filtered(cues) or cues.has(Cue.EVERYWHERE):
            return None
        named = tuple(cues.versions or cues.series)
        return replace(
            self, releases=named or self.releases, repositories=tuple(cues.repositories) or self.repositories
        )


def _of_others(cues: Cues) -> Refusal | None:
    """Return why a text with a release's name is not about that one: "what was released with v7r1p29"."""
    if not _ASKING.isdisjoint(cues.words) and cues.has(Cue.OUT) and not cues.has(*_ASKED):
        return Refusal(f'ask when {cues.versions[0]} was released, or what came out "since {cues.versions[0]}"')
    is_of_series = all(each.casefold().startswith(cues.series[0].casefold()) for each in cues.versions if cues.series)
    if cues.series and ("and" in cues.words or not is_of_series):
        return Refusal("name the series, or the release")
    return None


def _is_checked(span: Span, cues: Cues) -> bool:
    """Return whether an interval is answered by a date: "did v7r1p29 come out in January?"."""
    has_ends = isinstance(span.start, datetime) and isinstance(span.end, datetime)
    return has_ends and not cues.has(Cue.LIST, Cue.ALL)


def _later(text: str, repositories: Sequence[Repository], context: QueryContext) -> str:
    """Name a release that came only after the moment asked from. Raises UsageError for one that never came."""
    if not releases_named(text, repositories, context.store.releases):
        raise unknown_release(text, repositories, context.repositories, context.store.releases)
    return text


@dataclass(frozen=True, slots=True)
class ReleasesNamed(Result):
    """The releases that were asked about by name, and the names of those that came only later than ``as_of``.

    ``apart`` are those whose tags point to commits more than a day apart; ``with_links`` spells their pages out.
    """

    as_of: AsOf
    releases: Sequence[Release]
    missing: Sequence[str]
    basis: Basis
    apart: Apart = field(default_factory=dict)
    with_links: bool = False

    def answer(self, markup: Markup) -> Answer:
        """Return when each release came out, and what it is made of."""
        zone = self.as_of.zone
        names = {repository.key: repository.name for repository in self.basis.repositories}
        said = [_came_out(release, names[release.repository], self.as_of, markup) for release in self.releases]
        now = moment_words(self.as_of.end, zone)
        said += [f"{markup.plain(text)} had not been released by {now} ({zone.key})" for text in self.missing]
        lines = tuple(_made_of(release, self.as_of, markup) for release in self.releases)
        if self.with_links:
            lines = (*(_page(release, markup) for release in self.releases), *lines)
        # It is about no period that tags could be dated in.
        notes = basis_notes(replace(self.basis, unclassified=0), self.as_of, markup.plain)
        return Answer("; ".join(said), (Section("", lines),) if lines else (), tuple(notes))

    def tables(self) -> Sequence[Table]:
        """Return the releases."""
        return [releases_table(self.releases, self.as_of.zone)]

    def data(self) -> Any:
        """Return the releases."""
        return releases_json(self.releases, self.as_of.zone, self.apart)


def _page(release: Release, markup: Markup) -> str:
    address = release.url
    known = markup.link(address, address) if address else "no page is known"
    return f"{markup.plain(release.version)}: {known}"


def _made_of(release: Release, as_of: AsOf, markup: Markup) -> str:
    parts = [
        f"{markup.plain(release.version)}: a {release.kind.value} of {markup.plain(release.series)}",
        *flagged(release),
        f"tag{'s' * (len(release.tags) > 1)} {listed([markup.plain(tag) for tag in release.tags])}",
        *([f"commit {markup.plain(release.commit[:_SHORT_COMMIT])}"] if release.commit else []),
        f"first seen {moment_words(release.first_seen, as_of.zone)}",
    ]
    return ", ".join(parts)


def _came_out(release: Release, name: str, as_of: AsOf, markup: Markup) -> str:
    said = f"{markup.strong(markup.release(release))} of {markup.plain(name)}"
    if release.state is ReleaseState.WITHDRAWN:
        return f"{said} was withdrawn: its tags were deleted"
    if release.date is None or release.date_source is None:
        return f"{said} has no known date"
    zone = as_of.zone
    moved = (
        "; its tag was moved"
        if release.state is ReleaseState.MOVED
        else "".join(f"; {each}" for each in yanked(release))
    )
    when = moment_words(release.date, zone)
    came_out = f"{said} was released on {when} ({zone.key}; {source_words(release.date_source)}){moved}"
    if release.upcoming is None:
        return came_out
    return f"{came_out}; the forge announces it for {moment_words(release.upcoming, zone)}"
