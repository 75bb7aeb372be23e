"""Whether a repository is watched: "do you watch CTADIRAC?"."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar

from bot.domain.errors import UsageError
from bot.domain.filters import nearest_repositories, whole_of
from bot.domain.organisations import Organisation
from bot.domain.periods.period import AsOf
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.queries.base import Answer, FollowUp, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.follow_up import is_filtered
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined
from bot.queries.latest import Latest
from bot.queries.selection import Filters
from bot.queries.watchlist import Watchlist
from bot.render.markup import Markup
from bot.render.words import listed, listed_as

_BESIDE = frozenset({Cue.WATCH, Cue.FILLER, Cue.REPOSITORIES, Cue.NOUN})
_MOST_UNKNOWN, _MOST_NEAR, _MOST_NAMES = 2, 3, 6


@dataclass(frozen=True, slots=True)
class IsWatched(Query):
    """Whether repositories are watched; ``unknown`` are names that no watched repository has, where all are such."""

    intent: ClassVar[str] = "is watched"
    order: ClassVar[int] = 19
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE
    repositories: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks for names whether they are watched; names that are not known are asked for too."""
        del as_of
        if not cues.has(Cue.WATCH) or not cues.heard <= _BESIDE:
            return None
        is_of_releases = cues.has(Cue.NOUN, Cue.REPOSITORIES)
        if cues.has_more_than_repositories:
            refused = Refusal("I watch whole repositories: not a series, a kind or an interval")
            return None if is_of_releases else refused
        if cues.repositories:
            return cls(tuple(cues.repositories))
        is_about_unknown = 0 < len(cues.unknown) <= _MOST_UNKNOWN and not is_of_releases
        return cls((), tuple(cues.unknown)) if is_about_unknown else None

    @property
    def own_words(self) -> tuple[str, ...]:
        """The unknown names."""
        return self.unknown

    def run(self, context: QueryContext) -> "WatchedOrNot":
        """Look for the names among what is watched."""
        watched, organisations = context.repositories, context.watched.organisations
        found: dict[str, Sequence[Repository] | Organisation] = {}
        for name in (*self.repositories, *self.unknown):
            found[name] = next((each for each in organisations if _is_of(name, each)), ())
            with suppress(UsageError):
                found[name] = whole_of(name, watched)
        nearest: dict[str, Sequence[Repository]] = {
            name: [each for _, each in nearest_repositories(name, watched)][:_MOST_NEAR]
            for name, meant in found.items()
            if not meant
        }
        return WatchedOrNot(found, nearest)

    def parameters(self) -> Json:
        """Return the names."""
        return {"repositories": list(self.repositories), "unknown": list(self.unknown)}

    def wording(self) -> str:
        """Return ``do you watch CTADIRAC``."""
        return joined("do you watch", " and ".join([*self.repositories, *self.unknown]))

    def followed_by(self, cues: Cues) -> "IsWatched | None":
        """Return the same of other repositories."""
        is_more = cues.versions or cues.series or is_filtered(cues) or cues.has(Cue.EVERYWHERE)
        return None if is_more or not cues.repositories else IsWatched(tuple(cues.repositories))


def _is_of(name: str, organisation: Organisation) -> bool:
    return name.casefold() in {organisation.path.casefold(), organisation.key.casefold()}


@dataclass(frozen=True, slots=True)
class WatchedOrNot(Result):
    """What each name means among what is watched, empty for nothing; ``nearest`` are those of the latter."""

    found: dict[str, Sequence[Repository] | Organisation]
    nearest: dict[str, Sequence[Repository]]

    def answer(self, markup: Markup) -> Answer:
        """Return yes or no for each name."""
        said = "; ".join(self._of(name, meant, markup) for name, meant in self.found.items())
        known = [each.key for meant in self.found.values() if not isinstance(meant, Organisation) for each in meant]
        latest = FollowUp("Latest", Latest(Filters(repositories=tuple(known))).wording())
        return Answer(said, (), (), (latest,) if len(known) == 1 else (FollowUp("All", Watchlist().wording()),))

    def data(self) -> Any:
        """Return the keys that each name means, and the nearest where it means none."""
        return [
            {
                "name": name,
                "watched": [meant.key] if isinstance(meant, Organisation) else [each.key for each in meant],
                "nearest": [each.key for each in self.nearest.get(name, ())],
            }
            for name, meant in self.found.items()
        ]

    def _of(self, name: str, meant: Sequence[Repository] | Organisation, markup: Markup) -> str:
        if isinstance(meant, Organisation):
            path = markup.strong(markup.plain(meant.path))
            return f"yes, I watch the repositories of {path} ({markup.plain(meant.key)})"
        if meant:
            keys = listed_as(meant, lambda each: markup.plain(each.key), _MOST_NAMES)
            return f"yes, I watch {markup.strong(markup.plain(meant[0].name))} ({keys})"
        near = listed([f"{markup.plain(each.name)} ({markup.plain(each.key)})" for each in self.nearest[name]])
        return f"no, I do not watch {markup.strong(markup.plain(name))}{f'; nearest: {near}' if near else ''}"
