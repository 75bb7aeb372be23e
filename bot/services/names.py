"""The series and releases that people name, found in any spelling; errors for unknown ones suggest the nearest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.clocks import EVER
from bot.domain.errors import UsageError
from bot.domain.filters import KindWord, ReleaseRule, Wanted, wanted
from bot.domain.nearest import MOST, nearest
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.series_status import Line, line_of
from bot.domain.spellings import has_own_words, read_series, read_versions, spelled_series
from bot.domain.values import dataclass
from bot.domain.versions.base import Scheme
from bot.domain.versions.dirac import DiracScheme
from bot.domain.versions.version import ReleaseKind

if TYPE_CHECKING:
    from bot.store.releases import ReleaseStore

_MOST_NAMED = 3
_NEVER = "no releases known yet; run: release-bot poll"


def lines_named(text: str, repositories: Iterable[Repository]) -> list[Line]:
    """Return the series that a text names in each repository whose scheme can read it."""
    read: dict[Scheme, str | None] = {}
    lines = []
    for repository in repositories:
        if repository.scheme not in read:
            read[repository.scheme] = read_series(text, repository.scheme)
        if (series := read[repository.scheme]) is not None:
            lines.append((repository.key, series))
    return lines


@dataclass(frozen=True, slots=True)
class KnownSeries:
    """A series that is known: when it ``began``, None where no release has a date.

    That is the date of its first release; or, if it was asked for by a moment, of any before that.
    ``shown`` is how the project that has it spells it, or how it was typed where none or several spell it.
    """

    began: datetime | None
    shown: str


def require_series(
    text: str,
    repositories: Sequence[Repository],
    watched: Sequence[Repository],
    releases: "ReleaseStore",
    planned: Callable[[], frozenset[Line]] = frozenset,
    *,
    until: datetime | None = None,
) -> KnownSeries:
    """Return a series that people name; ``until`` is the moment by which it is asked whether it had begun.

    It is known if one of the ``repositories`` has, at whatever time, a release, a milestone or a status of it;
    ``planned`` returns the series with a milestone or a status. Raises UsageError for one that is not known, with the
    nearest, or with the repository among the ``watched`` that has it.
    """
    lines = lines_named(text, repositories)
    known = releases.known_series(lines, until)
    if not known and planned().isdisjoint(lines):
        raise unknown_series(text, repositories, watched, releases, planned)
    spelled = set(spelled_lines([line for line in lines if line in known], repositories, releases).values())
    return KnownSeries(
        began=min((date for date in known.values() if date is not None), default=None),
        shown=spelled.pop() if len(spelled) == 1 else text,
    )


def unknown_series(
    text: str,
    repositories: Sequence[Repository],
    watched: Sequence[Repository],
    releases: "ReleaseStore",
    planned: Callable[[], frozenset[Line]] = frozenset,
) -> UsageError:
    """Return the error that none of the repositories has a series, with those that have it, or the nearest names."""
    where = f'series "{text}"'
    elsewhere = lines_named(text, watched)
    milestones = planned()
    having = {*releases.known_series(elsewhere), *(line for line in elsewhere if line in milestones)}
    if having:
        keys = listed_keys([line[0] for line in elsewhere if line in having])
        return UsageError(where, f"not found in {_of(repositories)}, but in {keys}", "name that repository")
    keys_asked = {repository.key for repository in repositories}
    lines = [line for line in (*releases.series(keys_asked), *milestones) if line[0] in keys_asked]
    # What was typed is compared with the known series as these are kept.
    asked = next((series for _, series in lines_named(text, repositories)), text)
    near = nearest(asked, {series for _, series in lines}, MOST)
    spelled = spelled_lines([line for line in lines if line[1] in near], repositories, releases)
    names = {series: name for (_, series), name in reversed(spelled.items())}
    return UsageError(where, f"not found in {_of(repositories)}", _listed_near([names[series] for series in near]))


def spelled_lines(
    lines: Sequence[Line], repositories: Iterable[Repository], releases: "ReleaseStore"
) -> dict[Line, str]:
    """Return series as their projects spell them, by the tags of each one's highest release."""
    schemes = {repository.key: repository.scheme for repository in repositories}
    # In the scheme dirac a series has one spelling.
    asked = [line for line in lines if not isinstance(schemes[line[0]], DiracScheme)]
    keys, series = tuple(dict.fromkeys(key for key, _ in asked)), frozenset(series for _, series in asked)
    rule = ReleaseRule(keys, frozenset(ReleaseKind), series)
    highest = releases.leading(Wanted(keys, (rule,), None, EVER)) if asked else ()
    spelled = {line_of(each): spelled_series(each.series, each.version, schemes[each.repository]) for each in highest}
    return {line: spelled.get(line, line[1]) for line in lines}


def releases_named(text: str, repositories: Iterable[Repository], releases: "ReleaseStore") -> list[Release]:
    """Return the releases that a text names, at most one of each repository, whatever their dates."""
    read: dict[Scheme, list[str]] = {}
    asked: dict[str, list[str]] = {}
    for repository in repositories:
        if repository.scheme not in read:
            read[repository.scheme] = read_versions(text, repository.scheme)
        asked[repository.key] = read[repository.scheme]
    held = releases.versions([(key, version) for key, versions in asked.items() for version in versions])
    found = {(release.repository, release.normalized): release for release in held}
    named = [
        next(found[key, version] for version in versions if (key, version) in found)
        for key, versions in asked.items()
        if any((key, version) in found for version in versions)
    ]
    if not has_own_words(text):
        return named
    # Others may read the name of one project's tag as a version of theirs.
    return [each for each in named if text.strip().lower() in map(str.lower, each.tags)] or named


def unknown_release(
    text: str, repositories: Sequence[Repository], watched: Sequence[Repository], releases: "ReleaseStore"
) -> UsageError:
    """Return the error that none of the repositories has a release, with those that have it, or the nearest names."""
    where = f'release "{text}"'
    if having := [release.repository for release in releases_named(text, watched, releases)]:
        what = f"not found in {_of(repositories)}, but in {listed_keys(having)}"
        return UsageError(where, what, "name that repository")
    series = nearest(text, {name for _, name in releases.series(repository.key for repository in repositories)})
    beside = [release.version for line in series for release in _of_series(line, repositories, releases)]
    return UsageError(where, f"not found in {_of(repositories)}", _nearest(text, beside))


def _of_series(series: str, repositories: Sequence[Repository], releases: "ReleaseStore") -> Sequence[Release]:
    having = [each for each in repositories if read_series(series, each.scheme) is not None]
    return releases.newest(wanted(having, (KindWord.ALL,), (series,), since=None, until=EVER)) if having else ()


def date_of_release(
    text: str, repositories: Sequence[Repository], watched: Sequence[Repository], releases: "ReleaseStore"
) -> datetime:
    """Return the date of the one release that a text names. Raises UsageError for none, several, or one undated."""
    found = releases_named(text, repositories, releases)
    if not found:
        raise unknown_release(text, repositories, watched, releases)
    if len(found) > 1:
        keys = listed_keys([release.repository for release in found])
        raise UsageError(f'release "{text}"', f"exists in {keys}", "name the repository")
    if found[0].date is None:
        raise UsageError(f'release "{text}"', "date unknown", "give a date instead")
    return found[0].date


def began_later(series: Mapping[str, datetime | None], until: datetime) -> tuple[str, ...]:
    """Return those of the series, given with when they began, that had not begun by ``until``."""
    return tuple(name for name, began in series.items() if began is not None and began >= until)


def _of(repositories: Sequence[Repository]) -> str:
    if len(repositories) > _MOST_NAMED:
        return f"any of the {len(repositories):,} repositories"
    return " or ".join(repository.key for repository in repositories)


def listed_keys(keys: Sequence[str]) -> str:
    """Return keys joined; those beyond the third are counted."""
    left = len(keys) - _MOST_NAMED
    return " and ".join(keys) if left <= 0 else f"{', '.join(keys[:_MOST_NAMED])} and {left:,} more"


def _nearest(text: str, names: Iterable[str]) -> str:
    return _listed_near(nearest(text, names, MOST))


def _listed_near(names: Iterable[str]) -> str:
    near = ", ".join(dict.fromkeys(names))
    return f"nearest: {near}" if near else _NEVER
