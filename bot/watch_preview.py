"""What a forge shows of something before it is watched, by the rules that it would be watched with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.app import App, now
from bot.config.watchlist import candidate, candidate_organisation, named_in, split_product
from bot.domain.organisations import EVERY, Listed
from bot.domain.repositories import with_beside
from bot.domain.tags import Tag
from bot.domain.versions.schemes import SCHEMES
from bot.domain.watch_rules import WatchRules

if TYPE_CHECKING:
    from bot.domain.proposals import Proposal
    from bot.services.ports import Forge


@dataclass(frozen=True)
class ForgePreview:
    """What can be watched, asked of the forges as they are configured; nothing is recorded."""

    app: App

    def proposal(self, target: str, rules: WatchRules) -> "Proposal":
        """Ask a forge for a repository's tags; return what is proposed for them, by the scheme of the rules or by any.

        Raises UsageError and ForgeError.
        """
        from bot.domain.proposals import propose

        alone = candidate(_entry(target, rules), self.app.settings)
        others = [each for each in self.app.watched.repositories if each.key.lower() != alone.key.lower()]
        repository = with_beside([alone, *others])[0]
        with self.app.forges([repository.forge]) as forges:
            return propose(repository, _tags_of(repository.path, forges[repository.forge]), _tried(rules))

    def members(self, target: str, rules: WatchRules) -> Sequence[Listed]:
        """Ask for the repositories that an organisation would have. Raises UsageError and ForgeError."""
        organisation = candidate_organisation(_entry(target.removesuffix(EVERY), rules), self.app.settings)
        with self.app.forges([organisation.forge]) as forges:
            listed = forges[organisation.forge].organisation(organisation.path)
        return [each for each in listed if organisation.takes(each)]

    def organisations(self) -> Sequence[str]:
        """Return the keys of the organisations that are watched."""
        return [organisation.key for organisation in self.app.watched.organisations]

    def named(self) -> frozenset[str]:
        """Return the keys, in lower case, of the repositories that the file's digests and certifications name."""
        return named_in(self.app.settings)


def _entry(target: str, rules: WatchRules) -> Mapping[str, Any]:
    """Return what a configuration file would say of FORGE:PATH."""
    forge, _, path = target.partition(":")
    return {"forge": forge, **split_product(path), **rules.entry()}


def _tried(rules: WatchRules) -> Sequence[str]:
    return [rules.tags.scheme] if rules.tags.scheme else list(SCHEMES)


def _tags_of(path: str, forge: "Forge") -> Sequence[Tag]:
    """Return a repository's tags as its forge lists them. Raises ForgeError."""
    from bot.domain.polling.diff import compare
    from bot.services.ports import PollRequest

    [answer] = forge.poll([PollRequest(path)])
    if answer.error is not None:
        raise answer.error
    at = now() + forge.clock_offset()
    return compare({}, answer.refs or (), answer.details, at=at, backfill=True).added
