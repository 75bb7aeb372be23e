"""Answers about releases in words: how many, which, the newest, and one by its name."""

from collections.abc import Sequence

from bot.domain.counts import Group, is_calendar
from bot.domain.periods import Period
from bot.domain.releases import Release, ReleaseState
from bot.domain.repositories import Repository
from bot.render.digest_parts import Section
from bot.render.lacking_words import unread_lines
from bot.render.markup import Markup
from bot.render.release_words import dated, flagged, source_words
from bot.render.words import interval, listed, moment_words, plural
from bot.services.answers import LatestAnswer, ReleaseAnswer, ReleasesAnswer

_MOST_NAMES, _MOST_SERIES, _MOST_BARS, _MOST_LATEST = 6, 6, 60, 6
_MOST_SERIES_EACH = 3
_MOST_A_LINE = 12
_LONGEST_BAR = 24
_SHORT_COMMIT = 10


def releases_sentence(answer: ReleasesAnswer, markup: Markup) -> str:
    """Say the number, of what, for which interval, and how it divides."""
    said = f"{markup.strong(f'{_number(answer)}{_of(answer, markup)}')}, {markup.plain(interval(answer.period))}"
    divided = _division(answer, markup)
    # A number that means next to nothing never stands alone.
    but = "".join(f"; but {line}" for line in unread_lines(answer.reach.lacking, markup.plain))
    return f"{said}: {divided}{but}" if divided else f"{said}{but}"


def _number(answer: ReleasesAnswer) -> str:
    if len(answer.kinds) != 1:
        asked = f" ({' and '.join(answer.kinds)})" if answer.asked.filters.kinds else ""
        return f"{plural(answer.total, 'release')}{asked}"
    [kind] = answer.kinds
    if kind == "all":
        return f"{plural(answer.total, 'release')} of any kind"
    return plural(answer.total, kind if kind == "pre-release" else f"{kind} release")


def _of(answer: ReleasesAnswer, markup: Markup) -> str:
    """Name the series asked for and the repositories meant."""
    series = [markup.plain(each) for each in answer.asked.filters.series]
    names = [markup.plain(repository.name) for repository in answer.reach.repositories]
    if series:
        where = f" of {names[0]}" if len(names) == 1 else ""
        return f" of {listed(series, _MOST_SERIES)}{where}"
    return f" of {listed(names)}" if len(names) <= _MOST_NAMES - 3 else f" in {len(names):,} repositories"


def _division(answer: ReleasesAnswer, markup: Markup) -> str:
    """Divide the number by repository and series, where there are several."""
    by_repository: dict[str, list[tuple[str, int]]] = {}
    for group in answer.series:
        (_, repository), (_, name) = group.keys
        by_repository.setdefault(repository, []).append((name, group.count))
    if len(answer.series) < 2:  # noqa: PLR2004 - one part is the whole
        return ""
    if len(by_repository) == 1:
        return _by_series(next(iter(by_repository.values())), markup)
    names = {repository.key: repository.name for repository in answer.reach.repositories}
    parts = []
    for key, series in sorted(by_repository.items(), key=lambda entry: -sum(count for _, count in entry[1])):
        detail = f" ({_by_series(series, markup)})" if 1 < len(series) <= _MOST_SERIES_EACH else ""
        parts.append(f"{markup.plain(names[key])} {sum(count for _, count in series):,}{detail}")
    return listed(parts, _MOST_NAMES)


def _by_series(series: Sequence[tuple[str, int]], markup: Markup) -> str:
    newest_first = [f"{markup.plain(name)} {count:,}" for name, count in reversed(series)]
    if len(newest_first) <= _MOST_SERIES:
        return ", ".join(reversed(newest_first))
    rest = sum(count for _, count in series[:-_MOST_SERIES])
    return f"{', '.join(newest_first[:_MOST_SERIES])}, {rest:,} in {len(series) - _MOST_SERIES} older series"


def releases_sections(answer: ReleasesAnswer, markup: Markup) -> tuple[Section, ...]:
    """Write the breakdown that was asked for, and the releases behind the number."""
    parts = [Section("", _bars(answer, markup)), _listing(answer, markup)]
    return tuple(part for part in parts if part.lines)


def _bars(answer: ReleasesAnswer, markup: Markup) -> tuple[str, ...]:
    """Write a line for each group, with a bar where they follow in time; the earliest of very many are summed."""
    groups = answer.groups[-_MOST_BARS:]
    left = answer.groups[:-_MOST_BARS] if len(answer.groups) > _MOST_BARS else ()
    longest = max((group.count for group in groups), default=0)
    names = {repository.key: repository.name for repository in answer.reach.repositories}
    lines = [f"before: {sum(group.count for group in left):,}"] if left else []
    for group in groups:
        label = " ".join(markup.plain(names.get(value, value)) for _, value in group.keys)
        bar = f" {_bar(group, longest)}" if is_calendar(group.keys[0][0]) else ":"
        lines.append(f"{label}{bar} {group.count:,}")
    return tuple(lines)


def _bar(group: Group, longest: int) -> str:
    """Draw a count as a bar; the longest is that of the greatest count."""
    length = group.count if longest <= _LONGEST_BAR else round(group.count * _LONGEST_BAR / longest)
    return "▇" * max(length, 1) if group.count else "·"


def _listing(answer: ReleasesAnswer, markup: Markup) -> Section:
    """List the releases, oldest first, by series where all are shown; else the newest alone."""
    if answer.total > len(answer.releases):
        return _newest(answer, markup)
    groups: dict[tuple[str, str], list[Release]] = {}
    for release in reversed(answer.releases):
        groups.setdefault((release.repository, release.series), []).append(release)
    names = {repository.key: repository.name for repository in answer.reach.repositories}
    several = len({repository for repository, _ in groups}) > 1
    lines, counts = [], []
    for repository, series in sorted(groups, key=lambda key: (list(names).index(key[0]), groups[key][0].order)):
        name = f"{markup.plain(names[repository])} " if several else ""
        releases = groups[repository, series]
        for at in range(0, len(releases), _MOST_A_LINE):
            part = releases[at : at + _MOST_A_LINE]
            told = ", ".join(f"{markup.release(each)} ({dated(each, answer.period)})" for each in part)
            lines.append(told if at else f"{name}{markup.plain(series)}: {told}")
            counts.append(len(part))
    return Section("", tuple(lines), tuple(counts))


def _newest(answer: ReleasesAnswer, markup: Markup) -> Section:
    names = {repository.key: f"{markup.plain(repository.name)} " for repository in answer.reach.repositories}
    if len({release.repository for release in answer.releases}) == 1:
        names = dict.fromkeys(names, "")
    shown = [
        f"{names[each.repository]}{markup.release(each)} ({dated(each, answer.period)})" for each in answer.releases
    ]
    return Section("", (f"the newest {len(shown)}: {', '.join(shown)}",), (answer.total,))


def latest_sections(answer: LatestAnswer, markup: Markup) -> tuple[str, tuple[Section, ...]]:
    """Say the newest releases, the highest version first."""
    period = Period(None, answer.as_of.end, answer.as_of.zone)
    by_repository = {
        repository: [release for release in reversed(answer.releases) if release.repository == repository.key]
        for repository in answer.reach.repositories
    }
    having = {repository: releases for repository, releases in by_repository.items() if releases}
    when = f"as of {moment_words(answer.as_of.end, answer.as_of.zone)} ({answer.as_of.zone.key})"
    if not having:
        series = listed([markup.plain(each) for each in answer.asked.filters.series])
        names = listed([markup.plain(each.name) for each in answer.reach.repositories], _MOST_NAMES)
        return f"no {_final(answer)}release of {series or names}, {when}", ()
    if len(answer.releases) == 1 or len(having) == 1:
        [(repository, releases)] = having.items()
        newest = releases[0]
        said = f"the newest{_of_series(answer, markup)} of {markup.plain(repository.name)} is "
        sentence = f"{said}{markup.strong(markup.release(newest))} ({dated(newest, period)}), {when}"
        return sentence, tuple(_older(releases[1:], period, markup))
    lines = [_newest_line(repository, releases, period, markup) for repository, releases in having.items()]
    return f"the newest releases, {when}", (Section("", tuple(lines)),)


def _final(answer: LatestAnswer) -> str:
    return "" if answer.asked.filters.kinds else "final "


def _of_series(answer: LatestAnswer, markup: Markup) -> str:
    series = answer.asked.filters.series
    kinds = {"pre-release": " pre-release", "patch": " patch release"}
    kind = kinds.get(answer.asked.filters.kinds[0].value, "") if len(answer.asked.filters.kinds) == 1 else ""
    return f"{kind} {markup.plain(series[0])}" if len(series) == 1 else kind or " release"


def _older(releases: Sequence[Release], period: Period, markup: Markup) -> list[Section]:
    if not releases:
        return []
    told = [f"{markup.release(release)} ({dated(release, period)})" for release in releases]
    return [Section("", (f"then, of the other series: {listed(told, _MOST_LATEST)}",))]


def _newest_line(repository: Repository, releases: Sequence[Release], period: Period, markup: Markup) -> str:
    told = [f"{markup.release(release)} ({dated(release, period)})" for release in releases]
    return f"{markup.plain(repository.name)}: {listed(told, 2)}"


def release_sections(answer: ReleaseAnswer, markup: Markup) -> tuple[str, tuple[Section, ...]]:
    """Say when a release came out, and what it is made of."""
    zone = answer.as_of.zone
    names = {repository.key: repository.name for repository in answer.reach.repositories}
    told = [_came_out(release, names[release.repository], answer, markup) for release in answer.releases]
    now = moment_words(answer.as_of.end, zone)
    told += [f"{markup.plain(text)} had not come out by {now} ({zone.key})" for text in answer.missing]
    lines = [
        ", ".join(
            [
                f"{markup.plain(release.version)}: a {release.kind.value} of {markup.plain(release.series)}",
                *flagged(release),
                f"tag{'s' * (len(release.tags) > 1)} {listed([markup.plain(tag) for tag in release.tags])}",
                *([f"commit {markup.plain(release.commit[:_SHORT_COMMIT])}"] if release.commit else []),
                f"first seen {moment_words(release.first_seen, zone)}",
            ]
        )
        for release in answer.releases
    ]
    return "; ".join(told), (Section("", tuple(lines)),) if lines else ()


def _came_out(release: Release, name: str, answer: ReleaseAnswer, markup: Markup) -> str:
    said = f"{markup.strong(markup.release(release))} of {markup.plain(name)}"
    if release.state is ReleaseState.WITHDRAWN:
        return f"{said} was withdrawn: its tags are gone"
    if release.date is None or release.date_source is None:
        return f"{said} has no known date"
    zone = answer.as_of.zone
    moved = "; its tag was moved" if release.state is ReleaseState.MOVED else ""
    when = moment_words(release.date, zone)
    told = f"{said} came out on {when} ({zone.key}), {source_words(release.date_source)}{moved}"
    if release.upcoming is None:
        return told
    return f"{told}; upcoming: its forge announces it for {moment_words(release.upcoming, zone)}"
