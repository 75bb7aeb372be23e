"""What is watched: "which repositories do you watch?"."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bot.domain.gaps import Gap
from bot.domain.periods.period import AsOf, Period
from bot.domain.polling.record import Held
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.queries.base import Answer, Query, QueryContext, Refusal, Result, Watched
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.selection import is_about_releases
from bot.render.markup import Markup
from bot.render.sections import Section
from bot.render.table import Table
from bot.render.words import listed, plural
from bot.services.basis import Basis, basis_of

if TYPE_CHECKING:
    from bot.services.organisations import Following

_REPOSITORIES = (Cue.REPOSITORIES, Cue.REPOSITORY_COUNT)
_BESIDE = frozenset({Cue.WATCH, Cue.REPOSITORIES, Cue.LIST, Cue.COUNT, Cue.ALL, Cue.EVERYWHERE, Cue.NOUN, Cue.FILLER})
# "What are you" begins "what are you watching" too.
_BESIDE |= {Cue.IDENTITY, Cue.REPOSITORY_COUNT}


@dataclass(frozen=True, slots=True)
class Watchlist(Query):
    """Which repositories are watched."""

    intent: ClassVar[str] = "watched"
    order: ClassVar[int] = 20
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text about what is watched."""
        del as_of
        if cues.has(Cue.HELP):
            return None
        is_listed = cues.has(*_REPOSITORIES, Cue.LIST, Cue.COUNT) or not is_about_releases(cues)
        if cues.has(Cue.WATCH) and is_listed:
            if cues.has(Cue.NOUN) and not cues.has(Cue.REPOSITORIES, Cue.EVERYWHERE):
                return Refusal("I watch repositories, not single releases", "which repositories do you watch")
            if not cues.has_more_than_repositories:
                return cls()
            is_of_releases = cues.has(Cue.NOUN, Cue.NEW, Cue.OUT)
            return None if is_of_releases else Refusal("I know what is watched now, for no interval, series or kind")
        is_more = is_about_releases(cues) or cues.units or cues.versions
        return cls() if cues.has(*_REPOSITORIES) and not is_more else None

    def run(self, context: QueryContext) -> "WatchedRepositories":
        """Find what is watched, and when it was polled."""
        from bot.services.organisations import followed

        repositories, watched = context.repositories, context.watched
        everything = Period(None, context.as_of.end, context.as_of.zone)
        return WatchedRepositories(
            as_of=context.as_of,
            watched=watched,
            held=context.store.tags.held([each.key for each in repositories]),
            followings=followed(watched.organisations, watched.origins, context.store.watchlist),
            basis=basis_of(repositories, context.store, everything, context.stale_after),
        )

    def wording(self) -> str:
        """Return the question."""
        return "which repositories do you watch"


@dataclass(frozen=True, slots=True)
class WatchedRepositories(Result):
    """The watched repositories with what is held of them, and how organisations are followed."""

    as_of: AsOf
    watched: Watched
    held: Sequence[Held]
    followings: Sequence["Following"]
    basis: Basis

    def answer(self, markup: Markup) -> Answer:
        """Return a line for each repository."""
        from bot.render.watchlist import watched_notes

        late = {gap.repository.key: gap for gap in self.basis.gaps}
        lines = tuple(_line(each, late.get(each.key), markup) for each in self.basis.repositories)
        sections = (Section("", lines),) if lines else ()
        notes = watched_notes(self.followings, self.watched.left_out, self.as_of.zone)
        return Answer(f"I watch {plural(len(lines), 'repository')}", sections, tuple(map(markup.plain, notes)))

    def tables(self) -> Sequence[Table]:
        """Return the repositories with their rules, and where they come from."""
        from bot.render.watchlist import watched_table

        return [watched_table(self.watched.repositories, self.watched.origins, self.held, self.as_of.zone)]

    def data(self) -> Any:
        """Return the same."""
        from bot.render.watchlist import watched_json

        return watched_json(self.watched.repositories, self.watched.origins, self.held, self.as_of.zone)


def _line(repository: Repository, gap: Gap | None, markup: Markup) -> str:
    aliases = [markup.plain(alias) for alias in repository.aliases]
    also = f", also called {listed(aliases)}" if aliases else ""
    trouble = ""
    if gap is not None:
        trouble = ", not checked yet" if gap.since is None else ", not checked lately"
    return f"{markup.plain(repository.name)} ({markup.plain(repository.key)}){also}{trouble}"
