"""Choosing: which repositories, which kinds, which series, which one release a person means."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from math import inf

from bot.domain.errors import UsageError
from bot.domain.nearest import MOST, distance, fewest_slips, nearest
from bot.domain.organisations import EVERY
from bot.domain.releases import Release, key_of
from bot.domain.repositories import Counts, Repository
from bot.domain.spellings import read_series
from bot.domain.values import dataclass
from bot.domain.versions.version import ReleaseKind


class KindWord(StrEnum):
    """What people may ask to count instead of each repository's ordinary releases."""

    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"
    PRE_RELEASE = "pre-release"
    FINAL = "final"
    ALL = "all"

    @property
    def kinds(self) -> frozenset[ReleaseKind]:
        """The kinds of release that the word means."""
        match self:
            case KindWord.ALL:
                return frozenset(ReleaseKind)
            case KindWord.FINAL:
                return frozenset(kind for kind in ReleaseKind if kind.is_final)
            case _:
                return frozenset({ReleaseKind(self.value)})


@dataclass(frozen=True, slots=True)
class ReleaseRule:
    """Which releases of some repositories (by key) are wanted: of these kinds, and of one of these series if any."""

    repositories: tuple[str, ...]
    kinds: frozenset[ReleaseKind]
    series: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The releases that one of the rules wants, dated from ``since`` (None: from the first) to before ``until``.

    ``repositories`` are the keys, in the order they were asked for. Withdrawn releases are wanted only
    ``with_withdrawn``.
    """

    repositories: tuple[str, ...]
    rules: tuple[ReleaseRule, ...]
    since: datetime | None
    until: datetime
    with_withdrawn: bool = False

    @property
    def edges(self) -> tuple[datetime, ...]:
        """The moments that divide what is wanted from what came before and after it."""
        return (self.until,) if self.since is None else (self.since, self.until)

    def among(self, keys: Collection[str]) -> "Wanted":
        """Return those of the wanted releases that are of some repositories."""
        narrowed = [(rule, tuple(key for key in rule.repositories if key in keys)) for rule in self.rules]
        return replace(self, rules=tuple(replace(rule, repositories=those) for rule, those in narrowed if those))


@dataclass(frozen=True, slots=True)
class Uncertain:
    """What may be lacking among wanted releases, or too much.

    ``undated`` would be wanted if their dates were known. ``at_edges`` may belong to the other side of an edge, the
    newest by date first: their commits are dated before it, and their tags were first seen after it.
    """

    undated: int
    at_edges: tuple[Release, ...] = ()


def uncertain(undated: int, near: Iterable[Release], wanted: Wanted) -> Uncertain:
    """Return what is uncertain, with those ``near`` an edge that may lie beyond it; each once."""
    crossing = {key_of(each): each for each in near if any(each.may_cross(edge) for edge in wanted.edges)}
    # All of them have a date, by which the bounds are made.
    newest_first = sorted(crossing.values(), key=lambda release: (release.date, release.order), reverse=True)
    return Uncertain(undated, tuple(newest_first))


def matcher(wanted: Wanted) -> Callable[[Release], bool]:
    """Return what says whether a release is wanted; one without a date is, as far as the rest goes."""
    rules = {key: rule for rule in wanted.rules for key in rule.repositories}
    # Moments of one zone are compared by its wall clock, which a change of time sets back.
    until = wanted.until.astimezone(UTC)
    since = None if wanted.since is None else wanted.since.astimezone(UTC)

    def is_wanted(release: Release) -> bool:
        rule = rules.get(release.repository)
        if rule is None or release.kind not in rule.kinds or (rule.series and release.series not in rule.series):
            return False
        if not (release.is_counted or wanted.with_withdrawn):
            return False
        date = release.date
        return date is None or (date < until and (since is None or date >= since))

    return is_wanted


def wanted(
    repositories: Iterable[Repository],
    kinds: Sequence[KindWord],
    series: Sequence[str],
    *,
    since: datetime | None,
    until: datetime,
) -> Wanted:
    """Put a choice as rules, each for the repositories that share it.

    Raises UsageError for a series that no repository's scheme can read.
    """
    watched = list(repositories)
    asked = frozenset(kind for word in kinds for kind in word.kinds)
    lines = _series_of_each(series, watched) if series else {}
    shared: dict[tuple[frozenset[ReleaseKind], frozenset[str]], list[str]] = {}
    any_series: frozenset[str] = frozenset()
    for repository in watched:
        of = lines[repository.key] if series else any_series
        if of or not series:
            shared.setdefault((asked or repository.counts.kinds, of), []).append(repository.key)
    rules = tuple(ReleaseRule(tuple(keys), own, of) for (own, of), keys in shared.items())
    return Wanted(tuple(repository.key for repository in watched), rules, since, until)


def _series_of_each(series: Sequence[str], repositories: Sequence[Repository]) -> dict[str, frozenset[str]]:
    read = [series_by_repository(text, repositories) for text in series]
    return {
        repository.key: frozenset(known[repository.key] for known in read if repository.key in known)
        for repository in repositories
    }


def choose_repositories(asked: Sequence[str], watched: Sequence[Repository]) -> list[Repository]:
    """Find the repositories meant by key, path, name, alias or web address, in any case; all where none is requested.

    ``FORGE:PATH/*`` means all below that path, ``FORGE:PATH`` the entry without a product and all products of it.

    Raises UsageError for one that is not watched, or a word that means several.
    """
    if not asked or "*" in asked:
        return list(watched)
    chosen = {repository.key for word in asked for repository in _meant(word, watched)}
    return [repository for repository in watched if repository.key in chosen]


def _meant(word: str, watched: Sequence[Repository]) -> list[Repository]:
    if not word.endswith(EVERY):
        return whole_of(word, watched)
    below = [each for each in watched if each.key.lower().startswith(word.removesuffix("*").lower())]
    if not below:
        known = {f"{each.source.rpartition('/')[0]}{EVERY}" for each in watched if "/" in each.path}
        hint = f"nearest: {', '.join(nearest(word, known))}" if known else "see: release-bot watch list"
        raise UsageError(f'organisation "{word}"', "no watched repository", hint)
    return below


def whole_of(word: str, watched: Sequence[Repository]) -> list[Repository]:
    """Find the one repository that a word means, with all products of it. Raises UsageError for none or several."""
    try:
        chosen = choose_one(word, watched)
    except UsageError:
        asked = word.lower()
        found = [each for each in watched if asked in map(str.lower, names_of_source(each)) or _is_page_of(asked, each)]
        if len({each.source for each in found}) != 1:
            raise
        return found
    return [chosen] if chosen.product else [each for each in watched if each.source == chosen.source]


def names_of_source(repository: Repository) -> list[str]:
    """Return the names of the repository that a product is released from, none for an entry without a product."""
    path = repository.path
    names = [repository.source, path, path.rpartition("/")[2].removesuffix(".git")]
    return names if repository.product else []


def choose_one(word: str, watched: Sequence[Repository]) -> Repository:
    """Find the one repository that a word means. Raises UsageError for none or several."""
    asked = word.lower()
    for names in _NAMES:
        found = [repository for repository in watched if asked in {name.lower() for name in names(repository)}]
        if len(found) == 1:
            return found[0]
        if found:
            keys = " or ".join(repository.key for repository in found)
            raise UsageError(f'repository "{word}"', f"matches {len(found)} repositories", f"name one: {keys}")
    at = [repository for repository in watched if _is_page_of(asked, repository)]
    if whole := [repository for repository in at if not repository.product]:
        return whole[0]
    if len(at) == 1:
        return at[0]
    raise UsageError(f'repository "{word}"', "not watched", _watched_near(word, watched))


def _is_page_of(address: str, repository: Repository) -> bool:
    """Return whether a web address in lower case is that of a repository, or of a page below it."""
    scheme, _, rest = address.partition("://")
    _, _, page = repository.page.lower().partition("://")
    if scheme not in {"http", "https"} or not page:
        return False
    return re.split(r"[?#]", rest)[0].rstrip("/").removesuffix(".git") == page or rest.startswith(f"{page}/")


def nearest_repositories(word: str, watched: Sequence[Repository]) -> list[tuple[float, Repository]]:
    """Return the repositories whose names are nearest to a word, each with how many slips of typing it is away."""
    near: list[tuple[float, int]] = []
    for at, repository in enumerate(watched):
        farthest = near[-1][0] if len(near) == MOST else inf
        close = [name for name in names_of(repository) if fewest_slips(word, name) <= farthest]
        if close:
            near = sorted([*near, (min(distance(word, name) for name in close), at)])[:MOST]
    return [(slips, watched[at]) for slips, at in near]


def names_of(repository: Repository) -> list[str]:
    """Return every name of a repository, from the surest to the loosest."""
    return [name for names in _NAMES for name in names(repository)]


def _watched_near(word: str, watched: Sequence[Repository]) -> str:
    keys = ", ".join(repository.key for _, repository in nearest_repositories(word, watched)) or "none"
    return f"watched: {keys}" if len(watched) <= MOST else f"nearest: {keys}"


# From the surest to the loosest: the first under which one is found decides.
_NAMES: tuple[Callable[[Repository], Iterable[str]], ...] = (
    lambda repository: [repository.key],
    lambda repository: [repository.key.partition(":")[2]],
    lambda repository: [repository.name],
    lambda repository: repository.aliases,
)


def series_by_repository(text: str, repositories: Iterable[Repository]) -> dict[str, str]:
    """Read a series in any spelling, as each repository's scheme shows it. Raises UsageError if none can."""
    watched = list(repositories)
    read = {scheme: read_series(text, scheme) for scheme in {each.scheme for each in watched}}
    known = {each.key: series for each in watched if (series := read[each.scheme]) is not None}
    if not known:
        raise UsageError(f'series "{text}"', "not a series name", "examples: v7r1, 7.1")
    return known


def kinds_told(kinds: Sequence[KindWord], repositories: Iterable[Repository]) -> list[str]:
    """Name what was counted: the words asked for, else the repositories' own rules."""
    if kinds:
        return list(dict.fromkeys(kind.value for kind in kinds))
    rules = {repository.counts for repository in repositories}
    return [rule.value for rule in Counts if rule in rules]
