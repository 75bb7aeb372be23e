"""A repository's part of a digest: its new releases with what changed in them, its newest, and how it compares."""

from collections.abc import Iterable, Sequence

from bot.domain.digests.digest import Digest, RepositoryDigest
from bot.domain.digests.headline import adjective
from bot.domain.digests.trend import before_words
from bot.domain.releases import Release, key_of
from bot.domain.series_status import SeriesStatus
from bot.domain.values import dataclass
from bot.render.markup import Markup
from bot.render.notes_words import ReleaseNotes, in_brief, notes_in
from bot.render.release_words import dated
from bot.render.sections import Form, Line, Section, naming
from bot.render.words import day, plural, shortened

_MOST_SERIES = 5
_BARS = "▁▂▃▄▅▆▇█"
# More new final releases are listed without what changed in them.
_MOST_DETAILED = 30
# The statuses that a reader of a digest has to act on.
_MARKED = (SeriesStatus.RECOMMENDED, SeriesStatus.END_OF_LIFE)


def repository_section(part: RepositoryDigest, digest: Digest, markup: Markup, form: Form) -> Section:
    """Return the section of a repository: its new releases, the longer period's total, the newest of living series."""
    lines = [Line(markup.plain(part.page))] if form.has_addresses and part.page else []
    lines += [line for group in _groups(part, form) for line in _group_lines(group, digest, markup, form)]
    if digest.whole and part.counts != part.new_counts:
        lines.append(Line(_whole(part, digest)))
    if part.latest:
        newest = [
            f"{markup.release(release)}{_marked(release, part)}{_later(release, digest)}"
            for release in reversed(part.latest)
        ]
        lines.append(Line(f"newest: {', '.join(shortened(newest, _MOST_SERIES))}"))
    count = plural(part.new_counts.ordinary, f"{adjective([part])}release")
    return naming(f"{markup.strong(markup.link(part.page or None, part.name))}: {count}", lines)


def _whole(part: RepositoryDigest, digest: Digest) -> str:
    """Return the total of the longer period, that of the one before, and a bar for each of the last twelve."""
    total = f"{digest.whole}: {plural(part.counts.ordinary, f'{adjective([part])}release')}{_series(part)}"
    trend = digest.trends.get(part.repository)
    if trend is None:
        return total
    bars = bars_of([*trend.counts, part.counts.ordinary])
    return f"{total}, {before_words(digest.period)} {trend.counts[-1]:,} {bars}"


def bars_of(numbers: Sequence[int]) -> str:
    """Return a bar for each number, the highest in full: ``▂▁█``."""
    most = max(numbers, default=0)
    return "".join(_BARS[0 if not number else -(-number * (len(_BARS) - 1) // most)] for number in numbers)


def _marked(release: Release, part: RepositoryDigest) -> str:
    status = part.statuses.get(release.series)
    return f" ({status.value})" if status in _MARKED else ""


def _later(release: Release, digest: Digest) -> str:
    """Return the date of a release that came after the digest's period, which the digest does not count."""
    if release.date is None or release.date < digest.period.end:
        return ""
    return f" ({day(release.date, digest.period)}, after this period)"


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


def _group_lines(group: _Group, digest: Digest, markup: Markup, form: Form) -> list[Line]:
    """Return the lines of a group: one for each release if there are notes of any, else several in a line."""
    if not shows_notes(group.releases, digest, form):
        return _lines(group, digest, markup, form)
    return [
        line
        for each in group.releases
        for line in noted_lines(each, _release(each, digest, markup, form, "changes since {}"), digest, markup, form)
    ]


def shows_notes(releases: Iterable[Release], digest: Digest, form: Form) -> bool:
    """Return whether notes of any of these releases are there, and room for them."""
    has_room = form.notes and len(digest.news) <= _MOST_DETAILED
    return bool(has_room) and any(_notes(each, digest) is not None for each in releases)


def noted_lines(release: Release, named: str, digest: Digest, markup: Markup, form: Form) -> list[Line]:
    """Return a line on a release, which begins with it as it is ``named``, and below it what changed in it."""
    notes = _notes(release, digest)
    counts, changes = ("", []) if notes is None else in_brief(notes, markup)
    addresses = [markup.plain(url) for url in _addresses(release, digest)] if form.has_addresses else []
    below = [Line(text, depth=1) for text in (*addresses, *changes)]
    return [Line(f"{named}: {counts}" if counts else named, (key_of(release),)), *below]


def _notes(release: Release, digest: Digest) -> ReleaseNotes | None:
    return notes_in(digest.details.get(key_of(release)), release)


def _addresses(release: Release, digest: Digest) -> list[str]:
    detail = digest.details.get(key_of(release))
    return [url for url in (release.url, detail.comparison_url if detail else None) if url]


def _lines(group: _Group, digest: Digest, markup: Markup, form: Form) -> list[Line]:
    lines = []
    for begin in range(0, len(group.releases), form.a_line):
        some = group.releases[begin : begin + form.a_line]
        head = markup.plain(f"{group.name}, continued" if begin else group.head)
        text = ", ".join(_release(release, digest, markup, form) for release in some)
        lines.append(Line(f"{head}: {text}", tuple(map(key_of, some))))
    return lines


def _release(release: Release, digest: Digest, markup: Markup, form: Form, compared: str = "changes") -> str:
    """Return a release with its date, and a link to the comparison with the one before it."""
    if form.is_brief:
        return markup.plain(release.version)
    words = f"{dated(release, digest.period)}{comparison(release, digest, markup, form, compared)}"
    return f"{markup.release(release)} ({words})"


def comparison(release: Release, digest: Digest, markup: Markup, form: Form, words: str = "changes since {}") -> str:
    """Return a comma and a link to the comparison of a release with the one before it, nothing without either."""
    detail = digest.details.get(key_of(release))
    if detail is None or detail.comparison_url is None or not form.has_links:
        return ""
    return f", {markup.link(detail.comparison_url, words.format(detail.before))}"
