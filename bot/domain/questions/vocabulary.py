"""What of a question's words is known only from the configuration: repositories, versions, digests."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.domain.dates.tokens import tokens_of
from bot.domain.repositories import Repository

# Plain numbers and dates are no versions, whatever a scheme could read in them.
_LIKE_A_VERSION = re.compile(r"[a-z_-]*v?[0-9]+[r.][0-9].*", re.IGNORECASE)
_LIKE_A_DATE = re.compile(r"[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}")


@dataclass(frozen=True)
class Vocabulary:
    """The watched repositories, the names of the digests, the kinds of milestones, and the forges.

    ``forges`` gives the host of each forge's pages by the forge's name, empty where it has none.
    """

    repositories: tuple[Repository, ...]
    digests: tuple[str, ...] = ()
    milestone_kinds: tuple[str, ...] = ()
    forges: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def names(self) -> dict[tuple[str, ...], str]:
        """Every way to name a repository, as words, with its key; a name that several have is none."""
        named: dict[tuple[str, ...], set[str]] = {}
        for repository in self.repositories:
            for name in (repository.key, repository.path, repository.name, *repository.aliases):
                words = tuple(token.text for token in tokens_of(name))
                named.setdefault(words, set()).add(repository.key)
        return {words: next(iter(keys)) for words, keys in named.items() if words and len(keys) == 1}

    def is_version(self, word: str) -> bool:
        """Whether a repository's scheme reads the word as a version."""
        return self._may_be(word) and any(each.scheme.read(word) is not None for each in self.repositories)

    def series_of(self, word: str, among: Sequence[str] = ()) -> str | None:
        """Give the series that a word names, as the first repository shows that can read it; None if it names none.

        ``among`` are the keys of the repositories to be asked first.
        """
        if not self._may_be(word):
            return None
        first = [each for each in self.repositories if each.key in among]
        read = [each.scheme.read_series(word) for each in (*first, *self.repositories)]
        return next((series for series in read if series is not None), None)

    @staticmethod
    def _may_be(word: str) -> bool:
        return bool(_LIKE_A_VERSION.fullmatch(word)) and not _LIKE_A_DATE.fullmatch(word)
