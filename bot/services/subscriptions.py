"""What somebody wants to be told of: repositories, series, or one release, found in any spelling."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.certification.certification import Plan
from bot.domain.errors import UsageError
from bot.domain.filters import choose_repositories
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.spellings import read_versions
from bot.domain.subscriptions import is_out
from bot.domain.values import dataclass
from bot.services.names import lines_named, listed_keys, unknown_release
from bot.services.series import known_lines

if TYPE_CHECKING:
    from bot.store.store import Store


@dataclass(frozen=True, slots=True)
class Wish:
    """Of which releases somebody wants to be told: of all repositories named, of a series, or one release by name."""

    repositories: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a wish comes to: a repository, with one of its series or one release, if it named one."""

    repository: str
    series: str = ""
    normalized: str = ""
    version: str = ""


def subjects(
    wish: Wish, own: Sequence[str], watched: Sequence[Repository], plans: Sequence[Plan], store: "Store"
) -> list[Subject]:
    """Return what a wish comes to. Raises UsageError for what is unknown or unclear.

    ``own`` are the keys meant where no repository is named. A series, and the series of a release, has to be known,
    unless one repository alone can be meant: then it may be one to come.
    """
    chosen = choose_repositories(wish.repositories or own, watched)
    if not chosen:
        raise UsageError("repositories", "none are watched", "add one: release-bot watch add FORGE:PATH")
    if wish.version:
        return [_release(wish.version, chosen, watched, plans, store)]
    if wish.series:
        return [_series(text, chosen, watched, plans, store) for text in wish.series]
    sources = {repository.source for repository in chosen}
    if not wish.repositories and len(sources) > 1:
        raise UsageError("subscription", "several repositories are watched", "name one: subscribe DIRAC here")
    return [Subject(key) for key in _whole(chosen, watched)]


def _whole(chosen: Sequence[Repository], watched: Sequence[Repository]) -> list[str]:
    """Return the keys of repositories; one for all products of a repository that are meant together."""
    keys = {repository.key for repository in chosen}
    of_source = {each.source: {other.key for other in watched if other.source == each.source} for each in chosen}
    return list(dict.fromkeys(each.source if of_source[each.source] <= keys else each.key for each in chosen))


def _series(
    text: str, chosen: Sequence[Repository], watched: Sequence[Repository], plans: Sequence[Plan], store: "Store"
) -> Subject:
    lines = known_lines(text, chosen, watched, plans, store) or lines_named(text, chosen)
    if not lines:
        raise UsageError(f'series "{text}"', "not a series name", "examples: v7r1, 7.1")
    if len(lines) > 1:
        raise _unclear(f'series "{text}"', [key for key, _ in lines])
    [(key, series)] = lines
    return Subject(key, series)


def _release(
    text: str, chosen: Sequence[Repository], watched: Sequence[Repository], plans: Sequence[Plan], store: "Store"
) -> Subject:
    """Find which release is meant: of the repository that knows its series, else of the only one that can read it."""
    read = [(each, versions[0]) for each in chosen if (versions := read_versions(text, each.scheme))]
    meant = [(each, normalized) for each, normalized in read if _knows(each, normalized, watched, plans, store)] or read
    if not meant:
        raise unknown_release(text, chosen, watched, store.releases)
    if len(meant) > 1:
        raise _unclear(f'release "{text}"', [each.key for each, _ in meant])
    [(repository, normalized)] = meant
    return Subject(repository.key, normalized=normalized, version=text)


def _knows(
    repository: Repository, normalized: str, watched: Sequence[Repository], plans: Sequence[Plan], store: "Store"
) -> bool:
    """Return whether the series of a version is known in a repository."""
    version = repository.scheme.read(f"{repository.scheme.prefix}{normalized}")
    return version is not None and bool(known_lines(version.series, [repository], watched, plans, store))


def _unclear(where: str, keys: Sequence[str]) -> UsageError:
    return UsageError(where, f"may be of {listed_keys(keys)}", "name the repository")


def released(subject: Subject, store: "Store", now: datetime) -> Release | None:
    """Return the one release that a subject is about if it is out, None if it is not, or if no release is meant."""
    held = store.releases.versions([(subject.repository, subject.normalized)]) if subject.normalized else []
    return next((each for each in held if is_out(each, now) and (each.date is None or each.date < now)), None)
