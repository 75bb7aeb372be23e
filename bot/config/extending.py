"""All that is watched: the repositories of the file, those that people said in words, and those of organisations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.config.building import default_name, digest_keys, organisation_of, repository_of
from bot.config.models import WatchedOrganisation, WatchedRepository
from bot.config.values import Settings
from bot.domain.organisations import EVERY, Member, Organisation
from bot.domain.repositories import Repository
from bot.domain.watches import WatchChange, WatchKind, standing
from bot.services.ports import Additions


def extended(settings: Settings, additions: Additions) -> Settings:
    """Add to a file's settings what the store adds; where both name a repository, the file's rules hold.

    A repository that somebody unwatched in words is left out, unless a digest or a
    certification of the file names it.
    """
    said = standing(additions.changes)
    gathered = _Gathered(settings, said)
    for entry in settings.written.repositories:
        gathered.take(entry, str(settings.file))
    for change in said.values():
        if change.kind is WatchKind.WATCH:
            gathered.take_said(change)
    organisations = _organisations(settings, said)
    for written, organisation in organisations.values():
        for member in additions.members.get(organisation.key, ()):
            if member.is_there and organisation.takes(member.listed):
                gathered.take(member_entry(written, member), organisation.key)
    repositories = tuple(gathered.repositories.values())
    keys = [organisation.key for _, organisation in organisations.values()]
    words = [digest.repositories for digest in settings.written.digests]
    return replace(
        settings,
        repositories=repositories,
        organisations=tuple(organisation for _, organisation in organisations.values()),
        origins=gathered.origins,
        left_out=gathered.left_out,
        digests=tuple(
            replace(
                digest,
                repositories=digest_keys(asked, repositories, of_file=digest.repositories),
                organisations=tuple(key for key in keys if "*" in asked or key.lower() in map(str.lower, asked)),
            )
            for digest, asked in zip(settings.digests, words, strict=True)
        ),
    )


def member_entry(written: WatchedOrganisation, member: Member) -> WatchedRepository:
    """Give a member of an organisation as the file would have it, with the rules of all and what fitted its tags."""
    entry = {
        "forge": written.forge,
        "path": member.listed.path,
        "scheme": member.scheme if written.scheme == "best" else written.scheme,
        "counts": member.counts if written.counts == "best" else written.counts,
        "prefix": written.prefix,
        "date": written.date,
        "tags": written.tags,
    }
    return WatchedRepository.model_validate({key: value for key, value in entry.items() if value != ""})


def named_in(settings: Settings) -> frozenset[str]:
    """Give the keys, in lower case, of the repositories that digests and certifications of the file name."""
    file = settings.written
    digests = [digest for digest, of in zip(settings.digests, file.digests, strict=True) if "*" not in of.repositories]
    keys = [key for digest in digests for key in digest.repositories]
    own = {f"{entry.forge}:{entry.path}".lower() for entry in file.repositories}
    return frozenset({*(key.lower() for key in keys), *(plan.repository.lower() for plan in settings.plans)} & own)


@dataclass
class _Gathered:
    """The repositories taken so far, by key in lower case: the first that names one wins."""

    settings: Settings
    said: Mapping[str, WatchChange]
    repositories: dict[str, Repository] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)

    def take(self, entry: WatchedRepository, origin: str) -> None:
        key = f"{entry.forge}:{entry.path}"
        word = self.said.get(key.lower())
        if word is not None and word.kind is WatchKind.UNWATCH and key.lower() not in named_in(self.settings):
            self.left_out[key] = f"unwatched by {_told_by(word)}"
        elif key.lower() not in self.repositories:
            self._add(repository_of(self._named(entry), self.settings.written.forges[entry.forge]), origin)

    def take_said(self, change: WatchChange) -> None:
        forge, _, path = change.target.partition(":")
        if forge not in self.settings.written.forges:
            self.left_out[change.target] = f'the forge "{forge}" is not configured any more'
            return
        if not path.endswith(EVERY):
            self.take(WatchedRepository.model_validate(_entry(forge, path, change)), _told_by(change))

    def _add(self, repository: Repository, origin: str) -> None:
        self.repositories[repository.key.lower()] = repository
        self.origins[repository.key] = origin
        self._names |= {name.lower() for name in (repository.name, *repository.aliases)}

    def _named(self, entry: WatchedRepository) -> WatchedRepository:
        """Call a repository by its whole path where another one has its name."""
        is_taken = entry.name is None and default_name(entry.path).lower() in self._names
        return entry.model_copy(update={"name": entry.path}) if is_taken else entry


def _organisations(
    settings: Settings, said: Mapping[str, WatchChange]
) -> dict[str, tuple[WatchedOrganisation, Organisation]]:
    """Give the organisations of the file and those said in words, without those that somebody unwatched."""
    found: dict[str, tuple[WatchedOrganisation, Organisation]] = {}
    for written in (*settings.written.organisations, *_said_organisations(settings, said.values())):
        organisation = organisation_of(written)
        word = said.get(organisation.key.lower())
        if word is None or word.kind is not WatchKind.UNWATCH:
            found.setdefault(organisation.key.lower(), (written, organisation))
    return found


def _said_organisations(settings: Settings, said: Iterable[WatchChange]) -> Iterable[WatchedOrganisation]:
    for change in said:
        forge, _, path = change.target.partition(":")
        is_known = forge in settings.written.forges
        if change.kind is WatchKind.WATCH and path.endswith(EVERY) and is_known:
            yield WatchedOrganisation.model_validate(_entry(forge, path.removesuffix(EVERY), change))


def _entry(forge: str, path: str, change: WatchChange) -> dict[str, Any]:
    entry = {"forge": forge, "path": path, "scheme": change.scheme, "prefix": change.prefix, "counts": change.counts}
    return {key: value for key, value in entry.items() if value}


def _told_by(change: WatchChange) -> str:
    return f"{change.who} on {change.at:%Y-%m-%d}"
