"""The file's tables as parsed, valid or not, and the valid repositories in them.

A value of the wrong type counts as missing.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from bot.config.repositories import WatchedRepository
from bot.domain.errors import UsageError
from bot.domain.filters import choose_one, choose_repositories
from bot.domain.organisations import EVERY
from bot.domain.repositories import Repository

Table = dict[str, Any]

# The keys that other tables can name a repository by.
_IDENTITY = ("forge", "path", "product", "name", "aliases")


def entries_of(table: Table, key: str) -> Iterator[tuple[int, Table]]:
    """Yield the tables of a list with their numbers."""
    entries = table.get(key)
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            yield number, entry


def texts_of(table: Table, key: str) -> Iterator[tuple[int, str]]:
    """Yield the strings of a list with their numbers."""
    texts = table.get(key)
    for number, text in enumerate(texts if isinstance(texts, list) else []):
        if isinstance(text, str):
            yield number, text


def table_of(table: Table, key: str) -> Table:
    """Return a table, empty if there is none."""
    inner = table.get(key)
    return inner if isinstance(inner, dict) else {}


def text_of(table: Table, key: str) -> str:
    """Return a string, empty if there is none."""
    text = table.get(key)
    return text if isinstance(text, str) and text.strip() else ""


class NamedRepositories:
    """The watched repositories of a file that may contain mistakes."""

    def __init__(self, file: Table) -> None:
        entries = [entry for _, entry in entries_of(file, "repositories")]
        valid = [_valid({key: entry[key] for key in _IDENTITY if key in entry}) for entry in entries]
        listed = [entry for _, entry in entries_of(file, "organisations")]
        self._organisations = {f"{text_of(e, 'forge')}:{text_of(e, 'path')}{EVERY}".lower() for e in listed}
        raw = file.get("repositories", [])
        # An invalid entry may be the repository that a name means.
        self._is_complete = isinstance(raw, list) and len(raw) == len(entries) and None not in valid
        known = [(repository, _valid(entry)) for repository, entry in zip(valid, entries, strict=True) if repository]
        self._repositories = list({repository.key.lower(): repository for repository, _ in known}.values())
        self._whole = {repository.key.lower(): whole for repository, whole in known}

    def missing(self, word: str) -> UsageError | None:
        """Return the error for a name of no watched repository; None if it names one, or if that is unknown."""
        if word.endswith(EVERY):
            return None if word.lower() in self._organisations else _not_followed(word)
        try:
            choose_repositories([word], self._repositories)
        except UsageError as error:
            return error if self._is_complete else None
        return None

    def missing_one(self, word: str) -> UsageError | None:
        """Return the error for a name of several products, or of no watched repository; None if that is unknown."""
        try:
            choose_one(word, self._repositories)
        except UsageError as error:
            return error if self._is_complete else None
        return None

    def one(self, word: str) -> Repository | None:
        """Return the one repository that a word names, with its rules; None if that is unknown."""
        try:
            return self._whole[choose_one(word, self._repositories).key.lower()]
        except UsageError:
            return None


def _not_followed(word: str) -> UsageError:
    return UsageError(f'organisation "{word}"', "not watched", "add an [[organisations]] table for it")


def _valid(entry: Table) -> Repository | None:
    try:
        return WatchedRepository.model_validate(entry).repository(None)
    except ValidationError:
        return None
