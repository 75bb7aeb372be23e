"""A digest as sections of lines, shared by all output formats."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.digests.digest import Digest, Redated, RepositoryDigest, RuleChanged, ToldEvent
from bot.domain.digests.headline import adjective
from bot.domain.releases import DOUBTFUL, Key, Release, key_of
from bot.domain.series_status import SeriesStatus
from bot.domain.tags import TagEventKind
from bot.render.certification_parts import certification_lines, heading
from bot.render.markup import Markup
from bot.render.release_words import bounds_words, dated, edge_line, source_mark, sources_line
from bot.render.words import day, interval, moment_words, plural, shortened

_MOST_LINES = 40
_MOST_QUIET = 20
_MOST_SERIES = 5
_SHORT_COMMIT = 8
# The statuses that a reader of a digest has to act on.
_MARKED = (SeriesStatus.RECOMMENDED, SeriesStatus.END_OF_LIFE)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (marked up, may be empty) and its lines.

    ``releases`` is the number of the period's releases in each line, and ``named`` the new
    releases that it names, for a rendering that has to omit lines; both are empty for
    lines about something else.
    """

    heading: str
    lines: tuple[str, ...]
    releases: tuple[int, ...] = ()
    named: tuple[tuple[Key, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a digest, with the new releases that it names."""

    text: str
    named: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """How releases are listed: at most ``a_line`` per line, and only by name if ``is_brief``."""

    a_line: int
    is_brief: bool = False


def sections(digest: Digest, markup: Markup, form: Form) -> list[Section]:
    """Return the digest's sections; every new release is named in one of them."""
    found = [_repository(part, digest, markup, form) for part in digest.repositories if _is_listed(part, digest)]
    found += [_quiet(digest, markup)]
    found += certification_sections(digest, markup)
    found += [
        _late_section(digest, markup, form),
        _edges(digest, markup),
        _listed("Changed dates", [_redated(change, digest, markup) for change in digest.redated], markup),
        _listed("Changed rules", [_rule_changed(change, markup) for change in digest.rule_changes], markup),
        _listed("Moved tags", _events(digest.moved, digest, markup), markup),
        _listed("Deleted tags", _events(digest.deleted, digest, markup), markup),
        _unclassified(digest, markup),
        _listed("Incomplete data", [_problem(digest, markup, n) for n in range(len(digest.problems))], markup),
    ]
    return [section for section in found if section.lines]


def lines_of(section: Section, shown: Sequence[str]) -> list[Line]:
    """Return a section's lines as ``shown``, with the new releases that each names."""
    named = section.named or ((),) * len(shown)
    return [Line(text, keys) for text, keys in zip(shown, named, strict=True)]


def named_in(lines: Iterable[Line]) -> frozenset[Key]:
    """Return the new releases that lines name."""
    return frozenset(key for line in lines for key in line.named)


def certification_sections(digest: Digest, markup: Markup) -> list[Section]:
    """Return the sections on certifications."""
    return [
        Section(heading(part.certification, markup), tuple(certification_lines(part, markup, digest.period.zone)))
        for part in digest.certifications
    ]


def period_line(digest: Digest) -> str:
    """Return the interval of the digest, and a remark if it is late."""
    words = interval(digest.period)
    if digest.due is None or not digest.is_made_late:
        return words
    zone = digest.period.zone
    return f"{words}; late: due {moment_words(digest.due, zone)}, made {moment_words(digest.made_at, zone)}"


def rule_line(digest: Digest) -> str:
    """Return the counting rule, and the sources of the dates."""
    rules = {part.counts.rule.value for part in digest.repositories}
    names = {"patch": "patch releases", "final": "final releases"}
    counted = " or ".join(names[rule] for rule in ("patch", "final") if rule in rules) or "releases"
    dates = sources_line([*digest.news, *(each for part in digest.repositories for each in part.releases)])
    return " ".join([f"Counts {counted}; two tags of one version count once.", *([f"{dates}."] if dates else [])])


def _is_listed(part: RepositoryDigest, digest: Digest) -> bool:
    return bool(part.new or (digest.whole and part.releases))


def _repository(part: RepositoryDigest, digest: Digest, markup: Markup, form: Form) -> Section:
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
    return _naming(heading, lines)


def _marked(release: Release, part: RepositoryDigest) -> str:
    status = part.statuses.get(release.series)
    return f" ({status.value})" if status in _MARKED else ""


def _naming(heading: str, lines: Sequence[Line]) -> Section:
    named = tuple(line.named for line in lines)
    return Section(heading, tuple(line.text for line in lines), tuple(map(len, named)), named)


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


def _quiet(digest: Digest, markup: Markup) -> Section:
    """Return the section of repositories without releases, so that silence is not taken for an omission."""
    if len(digest.repositories) == 1:
        return Section("", ())
    doubtful = {key for problem in digest.problems for key in (problem.repository, *problem.repositories)}
    doubtful |= {part.repository for part in digest.repositories if part.unread is not None}
    silent = [each for each in digest.repositories if not _is_listed(each, digest) and each.repository not in doubtful]
    quiet = [markup.plain(part.name) for part in silent]
    line = f"No releases: {', '.join(shortened(quiet, _MOST_QUIET))}"
    return Section("", (line,) if quiet else ())


def _late_section(digest: Digest, markup: Markup, form: Form) -> Section:
    """Return the section of new releases of earlier periods: one per line, or only names by repository."""
    lines = [Line(_late(release, digest, markup), (key_of(release),)) for release in digest.late]
    if form.is_brief:
        lines = [
            Line(
                f"{_named(key, markup)}: {', '.join(markup.plain(each.version) for each in some)}",
                tuple(map(key_of, some)),
            )
            for key, releases in _by_repository(digest.late).items()
            for some in (releases[begin : begin + form.a_line] for begin in range(0, len(releases), form.a_line))
        ]
    heading = markup.strong("Added after an earlier digest")
    return _naming(heading, lines)


def _by_repository(releases: Sequence[Release]) -> dict[str, list[Release]]:
    found: dict[str, list[Release]] = {}
    for release in releases:
        found.setdefault(release.repository, []).append(release)
    return found


def _late(release: Release, digest: Digest, markup: Markup) -> str:
    date = "" if release.date is None else f" dated {day(release.date, digest.period)}"
    found = day(release.first_seen, digest.period)
    return f"{_named(release.repository, markup)} {markup.release(release)}{date}, found {found}"


def _edges(digest: Digest, markup: Markup) -> Section:
    """Return a line on the releases that may belong to the other side of an edge of the period, or no line."""
    named = [
        f"{_named(each.repository, markup)} {markup.release(each)} ({bounds_words(each, digest.period)})"
        for each in digest.at_edges
    ]
    return Section("", (edge_line(named),) if named else ())


def _redated(change: Redated, digest: Digest, markup: Markup) -> str:
    release, period = change.release, digest.period
    before = f"{day(change.date, period)}{source_mark(change.source)}" if change.date else "no date"
    after = f"{day(release.date, period)}{source_mark(release.date_source)}" if release.date else "no date"
    return f"{_named(release.repository, markup)} {markup.release(release)}: from {before} to {after}"


def _rule_changed(change: RuleChanged, markup: Markup) -> str:
    count = f"{change.count:,} release{'s are' if change.count != 1 else ' is'}"
    were = "were" if change.count != 1 else "was"
    return f"The rule of {markup.plain(change.name)} changed: {count} new to the record and {were} not announced"


def _events(events: Sequence[ToldEvent], digest: Digest, markup: Markup) -> list[str]:
    """Return a line for each tag of a release that moved or vanished; other tags are skipped."""
    return [_event(event, digest, markup) for event in events if event.version is not None]


def _event(told: ToldEvent, digest: Digest, markup: Markup) -> str:
    event = told.event
    tag = markup.plain(event.before.name)
    when = day(event.at, digest.period)
    if event.kind is TagEventKind.DELETED:
        return f"{_named(told.repository, markup)} {tag}: deleted, noticed {when}"
    before = (event.before.commit or event.before.target)[:_SHORT_COMMIT]
    after = (event.to_commit or event.to_target or "")[:_SHORT_COMMIT]
    often = f"moved {told.times} times, " if told.times > 1 else ""
    return f"{_named(told.repository, markup)} {tag}: {often}from {before} to {after}, noticed {when}"


def _unclassified(digest: Digest, markup: Markup) -> Section:
    """Return how many unclassified tags are new, and in the period; ``tags --unclassified`` has their names."""
    new = Counter(each.repository for each in digest.unclassified)
    numbers = [f"{_named(key, markup)}: {number:,}" for key, number in new.items()]
    lines = [f"new, not counted: {', '.join(shortened(numbers, _MOST_SERIES))}"] if numbers else []
    numbers = [f"{markup.plain(part.name)}: {part.unclassified:,}" for part in digest.repositories if part.unclassified]
    lines += [f"in this period, not counted: {', '.join(shortened(numbers, _MOST_SERIES))}"] if numbers else []
    unread = [(part, part.unread) for part in digest.repositories if part.unread is not None]
    most = [
        f"{markup.plain(part.name)}: {few:,} of {many:,} tags match no version scheme" for part, (few, many) in unread
    ]
    guessed = [part.name for part in digest.repositories if part.is_doubtful and part.unread is None]
    lines += [f"{DOUBTFUL}: {markup.plain(', '.join(shortened(guessed, _MOST_SERIES)))}"] if guessed else []
    return Section(markup.strong("Unclassified tags"), (*lines, *shortened(most, _MOST_SERIES)))


def _problem(digest: Digest, markup: Markup, number: int) -> str:
    problem = digest.problems[number]
    return f"{_named(problem.repository, markup)}: {markup.plain(problem.text)}"


def _named(key: str, markup: Markup) -> str:
    """Return a repository's path without its forge, or a forge's name."""
    return markup.plain(key.partition(":")[2] or key)


def _listed(heading: str, lines: Sequence[str], markup: Markup) -> Section:
    return Section(markup.strong(heading), tuple(shortened(lines, _MOST_LINES)))
