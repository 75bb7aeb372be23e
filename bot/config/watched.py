"""The repositories that a file names, as far as they are right, to find those that its other tables mean."""

from pydantic import ValidationError

from bot.config.building import repository_of
from bot.config.models import WatchedRepository
from bot.config.tables import Table, entries_of, text_of
from bot.domain.errors import UsageError
from bot.domain.organisations import EVERY
from bot.domain.repositories import Repository
from bot.domain.selection import choose_repositories

# What other tables can mean a repository by.
_IDENTITY = ("forge", "path", "name", "aliases")


class Watched:
    """The watched repositories of a file that may hold mistakes."""

    def __init__(self, file: Table) -> None:
        entries = [entry for _, entry in entries_of(file, "repositories")]
        told = [_valid({key: entry[key] for key in _IDENTITY if key in entry}) for entry in entries]
        listed = [entry for _, entry in entries_of(file, "organisations")]
        self._organisations = {f"{text_of(e, 'forge')}:{text_of(e, 'path')}{EVERY}".lower() for e in listed}
        raw = file.get("repositories", [])
        # One that cannot be told may be the one that is meant.
        self._is_complete = isinstance(raw, list) and len(raw) == len(entries) and None not in told
        known = [(repository, _valid(entry)) for repository, entry in zip(told, entries, strict=True) if repository]
        self._repositories = list({repository.key.lower(): repository for repository, _ in known}.values())
        self._whole = {repository.key.lower(): whole for repository, whole in known}

    def missing(self, word: str) -> UsageError | None:
        """Say why a word means no watched repository; None where it does, or where that cannot be told."""
        if word.endswith(EVERY):
            return None if word.lower() in self._organisations else _not_followed(word)
        try:
            choose_repositories([word], self._repositories)
        except UsageError as error:
            return error if self._is_complete else None
        return None

    def one(self, word: str) -> Repository | None:
        """Give the one repository that a word means, with its rules; None where that cannot be told."""
        try:
            chosen = choose_repositories([word], self._repositories)
        except UsageError:
            return None
        return self._whole[chosen[0].key.lower()] if len(chosen) == 1 else None


def _not_followed(word: str) -> UsageError:
    return UsageError(f'organisation "{word}"', "is not watched", "add an [[organisations]] table for it")


def _valid(entry: Table) -> Repository | None:
    try:
        return repository_of(WatchedRepository.model_validate(entry), None)
    except ValidationError:
        return None
