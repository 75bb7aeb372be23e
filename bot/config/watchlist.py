"""Everything that is watched: by the file, by chat command, and through organisations.

And the repository or organisation that an entry would be if it were in the file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.config.defaults import default_name
from bot.config.forges import ForgeSettings
from bot.config.models import Settings
from bot.config.pydantic_errors import mistakes_of
from bot.config.repositories import WatchedOrganisation, WatchedRepository
from bot.domain.errors import UsageError
from bot.domain.organisations import EVERY, Member, Organisation
from bot.domain.repositories import Repository, source_of, with_beside
from bot.domain.watch_rules import WatchRules
from bot.domain.watchlist import Additions, WatchChange, WatchKind, standing
from bot.queries.base import Watched

Entry = Mapping[str, Any]
_Model = TypeVar("_Model", bound=BaseModel)


def make_watched(settings: Settings, additions: Additions) -> Watched:
    """Return everything that is watched: by the file, and by the store; the file's rules win.

    A repository that somebody unwatched by command is left out, unless a digest or a
    certification of the file names it.
    """
    said = standing(additions.changes)
    gathered = _Gathered(settings, said)
    for entry in settings.repositories:
        gathered.take(entry, str(settings.file))
    for change in said.values():
        if change.kind is WatchKind.WATCH:
            gathered.take_said(change)
    organisations = _organisations(settings, said)
    for written, organisation in organisations.values():
        for member in additions.members.get(organisation.key, ()):
            if member.is_there and organisation.takes(member.listed):
                gathered.take_member(written, member)
    return Watched(
        repositories=tuple(with_beside(gathered.repositories.values())),
        organisations=tuple(organisation for _, organisation in organisations.values()),
        origins=gathered.origins,
        left_out=gathered.left_out,
    )


def member_entries(written: WatchedOrganisation, member: Member) -> list[WatchedRepository]:
    """Return a member of an organisation, and each product of it, as entries of the file.

    They have the rules that were proposed for them; the organisation's go before these.
    """
    shared = {"forge": written.forge, "path": member.listed.path, "date": written.date, "tags": written.tags}
    given = {"scheme": written.scheme, "counts": written.counts, "prefix": written.prefix}
    stated = {key: value for key, value in given.items() if value not in {"best", ""}}
    rules = member.rules or WatchRules()
    return [WatchedRepository.model_validate({**shared, **each, **stated}) for each in rules.entries()]


def named_in(settings: Settings) -> frozenset[str]:
    """Return the keys, in lower case, of the file's repositories that its digests and certifications name."""
    own = settings.own_repositories
    digests = [digest.chosen(own, own) for digest in settings.digests if not digest.is_about_all]
    of_digests = {repository.key.lower() for chosen in digests for repository in chosen}
    return frozenset(of_digests | {plan.repository.lower() for plan in settings.plans})


@dataclass
class _Gathered:
    """The repositories collected so far, by key in lower case; the first entry for a key wins."""

    settings: Settings
    said: Mapping[str, WatchChange]
    repositories: dict[str, Repository] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)

    def take(self, entry: WatchedRepository, origin: str, *, is_doubtful: bool = False) -> None:
        word = self.said.get(entry.key.lower()) or self._said_of_all(entry)
        if word is not None and word.kind is WatchKind.UNWATCH and entry.key.lower() not in named_in(self.settings):
            self.left_out[entry.key] = f"unwatched by {_changed_by(word)}"
        elif entry.key.lower() not in self.repositories:
            repository = self._named(entry).repository(self.settings.forges[entry.forge])
            self._add(replace(repository, is_doubtful=is_doubtful), origin)

    def _said_of_all(self, entry: WatchedRepository) -> WatchChange | None:
        """Return what was said of the repository of a product: of all its products, unless it is an entry itself."""
        source = source_of(entry.key).lower()
        is_entry = any(each.key.lower() == source for each in self.settings.repositories)
        return None if is_entry else self.said.get(source)

    def take_member(self, written: WatchedOrganisation, member: Member) -> None:
        """Take a repository of an organisation, unless it or products of it have tables of their own."""
        source = f"{written.forge}:{member.listed.path}".lower()
        if not any(each.source.lower() == source for each in self.repositories.values()):
            for entry in member_entries(written, member):
                self.take(entry, written.organisation.key, is_doubtful=member.is_doubtful)

    def take_said(self, change: WatchChange) -> None:
        forge, _, path = change.target.partition(":")
        if forge not in self.settings.forges:
            self.left_out[change.target] = f'forge "{forge}" is no longer configured'
            return
        if not path.endswith(EVERY):
            at = {"forge": forge, **split_product(path)}
            for entry in change.rules.entries():
                self.take(WatchedRepository.model_validate({**at, **entry}), _changed_by(change))

    def _add(self, repository: Repository, origin: str) -> None:
        self.repositories[repository.key.lower()] = repository
        self.origins[repository.key] = origin
        self._names |= {name.lower() for name in (repository.name, *repository.aliases)}

    def _named(self, entry: WatchedRepository) -> WatchedRepository:
        """Return the entry, named by its whole path if another repository has its name."""
        is_taken = entry.name is None and default_name(entry.path, entry.product).lower() in self._names
        return entry.model_copy(update={"name": entry.key.partition(":")[2]}) if is_taken else entry


def _organisations(
    settings: Settings, said: Mapping[str, WatchChange]
) -> dict[str, tuple[WatchedOrganisation, Organisation]]:
    """Return the organisations watched by the file and by command, without the unwatched ones."""
    found: dict[str, tuple[WatchedOrganisation, Organisation]] = {}
    for written in (*settings.organisations, *_said_organisations(settings, said.values())):
        organisation = written.organisation
        word = said.get(organisation.key.lower())
        if word is None or word.kind is not WatchKind.UNWATCH:
            found.setdefault(organisation.key.lower(), (written, organisation))
    return found


def _said_organisations(settings: Settings, said: Iterable[WatchChange]) -> Iterable[WatchedOrganisation]:
    for change in said:
        forge, _, path = change.target.partition(":")
        is_known = forge in settings.forges
        if change.kind is WatchKind.WATCH and path.endswith(EVERY) and is_known:
            entry = {"forge": forge, "path": path.removesuffix(EVERY), **change.rules.entry()}
            yield WatchedOrganisation.model_validate(entry)


def split_product(path: str) -> dict[str, str]:
    """Return PATH#PRODUCT as the keys of an entry."""
    path, hash_sign, product = path.partition("#")
    return {"path": path, "product": product} if hash_sign else {"path": path}


def _changed_by(change: WatchChange) -> str:
    return f"{change.who} on {change.at:%Y-%m-%d}"


def candidate(entry: Entry, settings: Settings) -> Repository:
    """Return the repository that an entry describes. Raises UsageError for an invalid entry."""
    return _read(WatchedRepository, entry).repository(_forge(entry, settings))


def candidate_organisation(entry: Entry, settings: Settings) -> Organisation:
    """Return the organisation that an entry describes. Raises UsageError for an invalid entry."""
    _forge(entry, settings)
    return _read(WatchedOrganisation, entry).organisation


def _forge(entry: Entry, settings: Settings) -> ForgeSettings:
    forge = settings.forges.get(str(entry.get("forge")))
    if forge is None:
        known = ", ".join(settings.forges) or "none"
        raise UsageError(f'forge "{entry.get("forge")}"', "not configured", f"configured: {known}")
    return forge


def _read(model: type[_Model], entry: Entry) -> _Model:
    try:
        return model.model_validate(dict(entry))
    except ValidationError as error:
        [mistake, *_] = mistakes_of(error.errors(include_url=False))
        raise UsageError(".".join(str(part) for part in mistake.place), mistake.what, mistake.hint) from error
