"""Watching: what a forge shows of something before it is watched, by the rules that it would be watched with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.app import App, now
from bot.config.candidates import candidate, candidate_organisation
from bot.config.extending import named_in
from bot.domain.fitting import Fit, candidates
from bot.domain.organisations import EVERY, Listed
from bot.services.watching import look_at

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class ForgeWatching:
    """What can be watched, asked of the forges as they are configured."""

    app: App

    def look(self, target: str, scheme: str, prefix: str) -> Sequence[tuple[str, Fit]]:
        """Ask a forge for a repository's tags, and read them by a scheme, or by each, the best first.

        Raises UsageError and ForgeError.
        """
        return self.fits(entry_of(target) | ({"prefix": prefix} if prefix else {}), scheme)

    def fits(self, entry: Entry, scheme: str) -> Sequence[tuple[str, Fit]]:
        """Ask for the tags of what an entry of the configuration file would watch. Raises UsageError and ForgeError."""
        repository = candidate({**entry, **({"scheme": scheme} if scheme else {})}, self.app.settings.written)
        read = {scheme: repository} if scheme else candidates(repository)
        with self.app.forges([repository.forge]) as forges:
            return look_at(repository.path, read, forges[repository.forge], now)

    def listed(self, target: str) -> Sequence[Listed]:
        """Ask a forge for the repositories of an organisation that would be watched. Raises UsageError, ForgeError."""
        return self.members(entry_of(target.removesuffix(EVERY)))

    def members(self, entry: Entry) -> Sequence[Listed]:
        """Ask for the repositories that an organisation's entry would take. Raises UsageError and ForgeError."""
        organisation = candidate_organisation(entry, self.app.settings.written)
        with self.app.forges([organisation.forge]) as forges:
            listed = forges[organisation.forge].organisation(organisation.path)
        return [each for each in listed if organisation.takes(each)]

    def organisations(self) -> Sequence[str]:
        """Give the keys of the organisations that are watched."""
        return [organisation.key for organisation in self.app.settings.organisations]

    def named(self) -> frozenset[str]:
        """Give the keys, in lower case, of the repositories that the file's digests and certifications name."""
        return named_in(self.app.settings)


def entry_of(target: str) -> dict[str, Any]:
    """Make an entry of the configuration file of FORGE:PATH."""
    forge, _, path = target.partition(":")
    return {"forge": forge, "path": path}
