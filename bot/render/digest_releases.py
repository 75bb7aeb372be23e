"""A repository's part of a digest: its new releases with what changed in them, its newest, and how it compares."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.digests.digest import Digest, RepositoryDigest
from bot.domain.digests.headline import adjective
from bot.domain.releases import Release, key_of
from bot.domain.series_status import SeriesStatus
from bot.render.markup import Markup
from bot.render.release_words import dated
from bot.render.sections import Form, Line, Section, naming
from bot.render.words import plural, shortened

_MOST_SERIES = 5
# The statuses that a reader of a digest has to act on.
_MARKED = (SeriesStatus.RECOMMENDED, SeriesStatus.END_OF_LIFE)


def repository_section(part: RepositoryDigest, digest: Digest, markup: Markup, form: Form) -> Section:
    """Return the section of a repository: its new releases, the longer period's total, the newest of living series."""
    lines = [line for group in _groups(part, form) for line in _lines(group, digest, markup, form)]
    if digest.whole and part.counts != part.new_counts:
        lines.append(
            Line(f"{digest.whole}: {plural(part.counts.ordinary, f'{adjective([part])}release')}{_series(part)}")
        )
    if part.latest:
        newest = [f"{markup.release(release)}{_marked(release, part)}" for release in reversed(part.latest)]
        lines.append(Line(f"newest: {', '.join(shortened(newest, _MOST_SERIES))}"))
    count = plural(part.new_counts.ordinary, f"{adjective([part])}release")
    heading = f"{markup.strong(markup.plain(part.name))}: {count}"
    return naming(heading, lines)


def _marked(release: Release, part: RepositoryDigest) -> str:
    status = part.statuses.get(release.series)
    return f" ({status.value})" if status in _MARKED else ""


def _series(part: RepositoryDigest) -> str:
    groups = [f"{group.keys[0][1]}: {group.count}" for group in part.counts.by_series]
    return f" ({', '.join(shortened(groups, _MOST_SERIES))})" if groups else ""


@dataclass(frozen=True, slots=True)
class _Group:
    """Releases listed together: ``name`` is their kind, ``head`` includes their number."""

    name: str
    head: str
    releases: list[Release]


def _groups(part: RepositoryDigest, form: Form) -> list[_Group]:
    """Return a repository's new releases in groups: ordinary ones by series, others, pre-releases."""
    ordinary = [release for release in part.new_releases if _is_ordinary(part, release)]
    rest = [release for release in part.new_releases if not _is_ordinary(part, release)]
    by_series = {} if form.is_brief else _by_series(ordinary)
    groups = [_Group(name, f"{len(releases)} of {name}", releases) for name, releases in by_series.items()]
    kinds = [
        (f"{adjective([part])}release", ordinary if form.is_brief else []),
        ("other release", [release for release in rest if release.kind.is_final]),
        ("pre-release", [release for release in rest if not release.kind.is_final]),
    ]
    return [*groups, *(_Group(f"{kind}s", plural(len(found), kind), found) for kind, found in kinds if found)]


def _by_series(releases: Iterable[Release]) -> dict[str, list[Release]]:
    found: dict[str, list[Release]] = {}
    for release in releases:
        found.setdefault(release.series, []).append(release)
    return found


def _is_ordinary(part: RepositoryDigest, release: Release) -> bool:
    return release.kind in part.counts.rule.kinds


def _lines(group: _Group, digest: Digest, markup: Markup, form: Form) -> list[Line]:
    """Return the lines of a group of releases; the first has their number."""
    lines = []
    for begin in range(0, len(group.releases), form.a_line):
        some = group.releases[begin : begin + form.a_line]
        head = markup.plain(f"{group.name}, continued" if begin else group.head)
        text = ", ".join(_release(release, digest, markup, form) for release in some)
        lines.append(Line(f"{head}: {text}", tuple(map(key_of, some))))
    return lines


def _release(release: Release, digest: Digest, markup: Markup, form: Form) -> str:
    if form.is_brief:
        return markup.plain(release.version)
    return f"{markup.release(release)} ({dated(release, digest.period)})"
