"""Organisations: owners on a forge, all of whose repositories are watched, those to come too."""

from dataclasses import field
from datetime import datetime

from bot.domain.patterns import Pattern
from bot.domain.values import dataclass
from bot.domain.watch_rules import WatchRules

# What means every repository at the end of FORGE:PATH/*.
EVERY = "/*"
# So many lists in a row without a repository say that it is gone; one may be a slip of the forge's.
GONE_AFTER = 2


@dataclass(frozen=True, slots=True)
class Listed:
    """A repository as its forge lists it below an organisation; ``path`` is its whole path.

    ``identity`` is the forge's own id of it, empty where it is not known; the same repository has it by another path.
    """

    path: str
    is_fork: bool = False
    is_archived: bool = False
    identity: str = field(default="", compare=False)


def is_below(path: str, owner: str) -> bool:
    """Return whether a repository's path begins with its owner's; case does not matter on forges."""
    return path.lower().startswith(f"{owner.lower()}/")


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation or user on GitHub, or a group on GitLab with the groups in it.

    ``include`` and ``exclude`` are looked for in a repository's path below the
    organisation; None is not a condition. Forks and archived repositories are taken only if
    they are wanted. ``scheme`` is the version scheme of all, or "best".
    """

    forge: str
    path: str
    include: Pattern | None = None
    exclude: Pattern | None = None
    forks: bool = False
    archived: bool = False
    scheme: str = "best"

    @property
    def key(self) -> str:
        """How it is written: FORGE:PATH/*."""
        return f"{self.forge}:{self.path}{EVERY}"

    def takes(self, listed: Listed) -> bool:
        """Return whether a repository of the organisation is to be watched."""
        if (listed.is_fork and not self.forks) or (listed.is_archived and not self.archived):
            return False
        name = listed.path[len(self.path) + 1 :]
        is_included = self.include is None or self.include.is_in(name)
        return is_included and (self.exclude is None or not self.exclude.is_in(name))


@dataclass(frozen=True, slots=True)
class Member:
    """A repository that was listed below an organisation; its flags are those of the first time.

    A repository that is archived later stays watched: what it released before goes on to
    count. ``rules`` are what was proposed by its first tags, None before; ``is_doubtful`` says that they fit badly.
    ``missed`` counts how many lists in a row it was not in.
    """

    listed: Listed
    rules: WatchRules | None = None
    is_doubtful: bool = False
    missed: int = 0

    @property
    def is_there(self) -> bool:
        """Return whether it still belongs to the organisation."""
        return self.missed < GONE_AFTER


@dataclass(frozen=True, slots=True)
class Listing:
    """When an organisation was listed last, and tried last; ``error`` is why that failed, None where it did not."""

    listed_at: datetime | None
    tried_at: datetime
    error: str | None = None
