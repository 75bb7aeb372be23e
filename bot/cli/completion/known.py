"""What is known of the watched repositories without checking the configuration, for values that a shell completes.

The file is parsed, not checked, and the database is read by its driver: checking and SQLAlchemy take longer to import
than a prompt may wait. What is missing or broken has no values.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.config.database import locate
from bot.config.defaults import DATABASE_URL, default_name
from bot.config.find import find_file
from bot.store import glance


@dataclass(frozen=True)
class KnownRepository:
    """A repository as it may be named: by key, by path or by name."""

    key: str
    name: str

    @property
    def spellings(self) -> tuple[str, str, str]:
        """The ways to name it, the shortest first: name, path, key."""
        return self.name, self.key.partition(":")[2], self.key


@dataclass(frozen=True)
class Known:
    """The parsed configuration, empty where there is none, and the database's URL."""

    table: Mapping[str, Any]
    url: str

    @classmethod
    def read(cls, option: str | None) -> "Known":
        """Read the configuration file that ``--config`` names, or else the one that a command would find."""
        variables = os.environ  # noqa: TID251 - bot/app.py takes longer to import than a prompt may wait
        file = find_file(option, variables)
        table: dict[str, Any] = {}
        if file is not None:
            with suppress(OSError, ValueError):
                table = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
        url = variables.get("DATABASE_URL", "").strip()
        written = _text(_table(table.get("database")).get("url")) or DATABASE_URL
        return cls(table, url or locate(written, file or Path()).url)

    @cached_property
    def repositories(self) -> list[KnownRepository]:
        """The repositories of the configuration, then those that only the database has."""
        found = {each.key.lower(): each for each in self._configured()}
        with suppress(Exception):  # the drivers' errors have no class in common
            for key in glance.repository_keys(self.url):
                found.setdefault(key.lower(), KnownRepository(key, default_name(key.partition(":")[2])))
        return list(found.values())

    def named(self, names: tuple[str, ...]) -> set[str]:
        """Return the keys of the repositories that have one of the names."""
        asked = {name.lower() for name in names}
        return {each.key for each in self.repositories if asked & {name.lower() for name in each.spellings}}

    def series(self, keys: set[str]) -> list[tuple[str, str]]:
        """Return the series of the repositories, of all without ``keys``, each after its repository's key."""
        lines = list(self._certified())
        with suppress(Exception):  # as above
            lines = [*glance.series_names(self.url), *lines]
        return [(key, series) for key, series in dict.fromkeys(lines) if not keys or key in keys]

    def digests(self) -> list[str]:
        """Return the names of the configured digests."""
        return [name for each in self._tables("digests") if (name := _text(each.get("name")))]

    def _configured(self) -> Iterator[KnownRepository]:
        for each in self._tables("repositories"):
            path, product = _text(each.get("path")), _text(each.get("product"))
            key = f"{_text(each.get('forge'))}:{path}" + (f"#{product}" if product else "")
            name = _text(each.get("name")) or default_name(path, product)
            yield KnownRepository(key, name)

    def _certified(self) -> Iterator[tuple[str, str]]:
        for each in self._tables("certifications"):
            if series := _text(each.get("series")):
                yield from ((key, series) for key in self.named((_text(each.get("repository")),)))

    def _tables(self, name: str) -> list[Mapping[str, Any]]:
        found = self.table.get(name)
        return [_table(each) for each in found] if isinstance(found, list) else []


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
