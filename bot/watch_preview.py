"""What a forge shows of something before it is watched, by the rules that it would be watched with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.app import App, now
from bot.config.watchlist import candidate, candidate_organisation, named_in
from bot.domain.organisations import EVERY, Listed
from bot.domain.polling.diff import compare
from bot.domain.repositories import Repository
from bot.domain.scheme_fit import Fit, best_first, candidates, fit_of
from bot.domain.watchlist import WatchRules
from bot.services.ports import Forge, PollRequest


@dataclass(frozen=True)
class ForgePreview:
    """What can be watched, asked of the forges as they are configured; nothing is recorded."""

    app: App

    def fits(self, target: str, rules: WatchRules) -> Sequence[tuple[str, Fit]]:
        """Ask a forge for a repository's tags, and read them by the scheme of the rules, or by each, the best first.

        Raises UsageError and ForgeError.
        """
        repository = candidate(_entry(target, rules), self.app.settings)
        read = {rules.scheme: repository} if rules.scheme else candidates(repository)
        with self.app.forges([repository.forge]) as forges:
            return _fits_of(repository.path, read, forges[repository.forge])

    def members(self, target: str, rules: WatchRules) -> Sequence[Listed]:
        """Ask for the repositories that an organisation would have. Raises UsageError and ForgeError."""
        organisation = candidate_organisation(_entry(target.removesuffix(EVERY), rules), self.app.settings)
        with self.app.forges([organisation.forge]) as forges:
            listed = forges[organisation.forge].organisation(organisation.path)
        return [each for each in listed if organisation.takes(each)]

    def organisations(self) -> Sequence[str]:
        """Give the keys of the organisations that are watched."""
        return [organisation.key for organisation in self.app.watched.organisations]

    def named(self) -> frozenset[str]:
        """Give the keys, in lower case, of the repositories that the file's digests and certifications name."""
        return named_in(self.app.settings)


def _entry(target: str, rules: WatchRules) -> Mapping[str, Any]:
    """Return what a configuration file would say of FORGE:PATH."""
    forge, _, path = target.partition(":")
    return {"forge": forge, "path": path, **rules.entry()}


def _fits_of(path: str, read: Mapping[str, Repository], forge: Forge) -> list[tuple[str, Fit]]:
    """Ask a forge for a repository's tags, and read them by several rules, the best first. Raises ForgeError.

    ``read`` are the repository with other rules each, by a name; the first wins among equals.
    """
    [answer] = forge.poll([PollRequest(path)])
    if answer.error is not None:
        raise answer.error
    at = now() + forge.clock_offset()
    found = compare({}, answer.refs or (), answer.details, at=at, backfill=True)
    return best_first({name: fit_of(repository, found.added) for name, repository in read.items()})
