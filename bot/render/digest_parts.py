"""A digest as sections of lines, before any markup: what text, Markdown and Slack have in common."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.digests import Digest, Redated, RepositoryDigest, RuleChanged, ToldEvent
from bot.domain.news import Key, key_of
from bot.domain.releases import Release
from bot.domain.tags import TagEventKind
from bot.domain.versions import ReleaseKind
from bot.render.certification_parts import certification_lines, heading
from bot.render.markup import Markup
from bot.render.release_words import dated, source_mark
from bot.render.words import day, interval, moment_words, plural, shortened

_MOST_LINES = 40
_MOST_TAGS = 20
_MOST_SERIES = 5
_SHORT_COMMIT = 8


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (marked up, may be empty) and its lines.

    ``releases`` says of each line how many of the period's releases it is about, and
    ``named`` which new ones it names, for a rendering that has to leave lines out; empty
    where the lines are about something else.
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
    """How releases are listed: ``a_line`` at most, and where ``is_brief`` by their names alone."""

    a_line: int
    is_brief: bool = False


def sections(digest: Digest, markup: Markup, form: Form) -> list[Section]:
    """Write the digest's sections; every new release is named in one of them."""
    told = [_repository(part, digest, markup, form) for part in digest.repositories if _is_listed(part, digest)]
    told += [_quiet(digest, markup)]
    told += certification_sections(digest, markup)
    told += [
        _late_section(digest, markup, form),
        _listed("Changed dates", [_redated(change, digest, markup) for change in digest.redated], markup),
        _listed("Changed rules", [_rule_changed(change, markup) for change in digest.rule_changes], markup),
        _listed("Moved tags", [_event(event, digest, markup) for event in digest.moved], markup),
        _listed("Deleted tags", [_event(event, digest, markup) for event in digest.deleted], markup),
        _unclassified(digest, markup),
        _listed("Not complete", [_problem(digest, markup, n) for n in range(len(digest.problems))], markup),
    ]
    return [section for section in told if section.lines]


def lines_of(section: Section, shown: Sequence[str]) -> list[Line]:
    """Give a section's lines, as a rendering shows them, with what each names."""
    named = section.named or ((),) * len(shown)
    return [Line(text, keys) for text, keys in zip(shown, named, strict=True)]


def named_in(lines: Iterable[Line]) -> frozenset[Key]:
    """Collect the new releases that lines name."""
    return frozenset(key for line in lines for key in line.named)


def certification_sections(digest: Digest, markup: Markup) -> list[Section]:
    """Write the sections on certifications alone."""
    return [
        Section(heading(part.certification, markup), tuple(certification_lines(part, markup, digest.period.zone)))
        for part in digest.certifications
    ]


def period_line(digest: Digest) -> str:
    """Say the interval that the numbers are for, and that the digest is late where it is."""
    told = interval(digest.period)
    if digest.due is None or not digest.is_made_late:
        return told
    zone = digest.period.zone
    return f"{told}; late: it was due on {moment_words(digest.due, zone)}, made on {moment_words(digest.made_at, zone)}"


def rule_line(digest: Digest) -> str:
    """Say what was counted, and which dates it went by."""
    rules = {part.counts.rule.value for part in digest.repositories}
    told = {"patch": "patch releases", "final": "final releases"}
    counted = " or ".join(told[rule] for rule in ("patch", "final") if rule in rules) or "releases"
    return f"Counted: {counted}, twin tags once, by the commit's date unless marked otherwise."


def _is_listed(part: RepositoryDigest, digest: Digest) -> bool:
    return bool(part.new or (digest.whole and part.releases))


def _repository(part: RepositoryDigest, digest: Digest, markup: Markup, form: Form) -> Section:
    lines = [line for name, releases in _groups(part, form) for line in _lines(name, releases, digest, markup, form)]
    if digest.whole and part.counts != part.new_counts:
        lines.append(
            Line(f"{digest.whole}: {plural(part.counts.ordinary, f'{_adjective(part)}release')}{_series(part)}")
        )
    if part.latest:
        newest = [markup.release(release) for release in reversed(part.latest)]
        lines.append(Line(f"newest: {', '.join(shortened(newest, _MOST_SERIES))}"))
    count = plural(part.new_counts.ordinary, f"{_adjective(part)}release")
    heading = f"{markup.strong(markup.plain(part.name))}: {count}"
    return _naming(heading, lines)


def _naming(heading: str, lines: Sequence[Line]) -> Section:
    named = tuple(line.named for line in lines)
    return Section(heading, tuple(line.text for line in lines), tuple(map(len, named)), named)


def _series(part: RepositoryDigest) -> str:
    groups = [f"{group.keys[0][1]}: {group.count}" for group in part.counts.by_series]
    return f" ({', '.join(shortened(groups, _MOST_SERIES))})" if groups else ""


def _groups(part: RepositoryDigest, form: Form) -> list[tuple[str, list[Release]]]:
    """Group a repository's new releases: the ordinary ones by series, then the others, then pre-releases."""
    ordinary = [release for release in part.new_releases if _is_ordinary(part, release)]
    series = [] if form.is_brief else list(dict.fromkeys(release.series for release in ordinary))
    groups = [(name, [release for release in ordinary if release.series == name]) for name in series]
    if form.is_brief:
        groups.append((f"{_adjective(part)}releases", ordinary))
    rest = [release for release in part.new_releases if not _is_ordinary(part, release)]
    groups.append(("other releases", [release for release in rest if release.kind.is_final]))
    groups.append(("pre-releases", [release for release in rest if not release.kind.is_final]))
    return [(name, releases) for name, releases in groups if releases]


def _is_ordinary(part: RepositoryDigest, release: Release) -> bool:
    return release.kind is ReleaseKind.PATCH or (release.kind.is_final and part.counts.rule.value == "final")


def _adjective(part: RepositoryDigest) -> str:
    return "patch " if part.counts.rule.value == "patch" else ""


def _lines(name: str, releases: Sequence[Release], digest: Digest, markup: Markup, form: Form) -> list[Line]:
    """Name the releases of a group, so many a line; its number stands in the first."""
    lines = []
    for begin in range(0, len(releases), form.a_line):
        some = releases[begin : begin + form.a_line]
        head = f"{markup.plain(name)}, continued" if begin else f"{markup.plain(name)} {len(releases)}"
        text = ", ".join(_release(release, digest, markup, form) for release in some)
        lines.append(Line(f"{head}: {text}", tuple(map(key_of, some))))
    return lines


def _release(release: Release, digest: Digest, markup: Markup, form: Form) -> str:
    if form.is_brief:
        return markup.plain(release.version)
    return f"{markup.release(release)} ({dated(release, digest.period)})"


def _quiet(digest: Digest, markup: Markup) -> Section:
    """Name the watched repositories that surely had nothing, so that silence can be told from forgetting."""
    if len(digest.repositories) == 1:
        return Section("", ())
    doubtful = {key for problem in digest.problems for key in (problem.repository, *problem.repositories)}
    doubtful |= {part.repository for part in digest.repositories if part.unread is not None}
    silent = [each for each in digest.repositories if not _is_listed(each, digest) and each.repository not in doubtful]
    quiet = [markup.plain(part.name) for part in silent]
    line = f"No releases: {', '.join(shortened(quiet, _MOST_TAGS))}"
    return Section("", (line,) if quiet else ())


def _late_section(digest: Digest, markup: Markup, form: Form) -> Section:
    """Name the new releases of earlier periods: one a line, or many of a repository by their names alone."""
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


def _redated(change: Redated, digest: Digest, markup: Markup) -> str:
    release, period = change.release, digest.period
    before = f"{day(change.date, period)}{source_mark(change.source)}" if change.date else "no date"
    after = f"{day(release.date, period)}{source_mark(release.date_source)}" if release.date else "no date"
    return f"{_named(release.repository, markup)} {markup.release(release)}: from {before} to {after}"


def _rule_changed(change: RuleChanged, markup: Markup) -> str:
    count = f"{change.count:,} release{'s are' if change.count != 1 else ' is'}"
    were = "were" if change.count != 1 else "was"
    return f"The rule of {markup.plain(change.name)} changed: {count} new to the record and {were} not announced"


def _event(told: ToldEvent, digest: Digest, markup: Markup) -> str:
    event = told.event
    tag = markup.plain(event.before.name)
    when = day(event.at, digest.period)
    if event.kind is TagEventKind.DELETED:
        return f"{_named(told.repository, markup)} {tag}: gone since {when}"
    before = (event.before.commit or event.before.target)[:_SHORT_COMMIT]
    after = (event.to_commit or event.to_target or "")[:_SHORT_COMMIT]
    often = f"moved {told.times} times, " if told.times > 1 else ""
    return f"{_named(told.repository, markup)} {tag}: {often}from {before} to {after}, seen on {when}"


def _unclassified(digest: Digest, markup: Markup) -> Section:
    by_repository: dict[str, list[str]] = {}
    for each in digest.unclassified:
        by_repository.setdefault(each.repository, []).append(markup.plain(each.tag))
    lines = [f"{_named(key, markup)}: {', '.join(shortened(tags, _MOST_TAGS))}" for key, tags in by_repository.items()]
    listed = shortened(lines, _MOST_LINES)
    return Section(markup.strong("Tags that no scheme reads"), (*listed, *_unclassified_in_period(digest, markup)))


def _unclassified_in_period(digest: Digest, markup: Markup) -> list[str]:
    """Say how many unclassified tags the period has, named before or not, and where most tags are: all uncounted."""
    told = [f"{markup.plain(part.name)}: {part.unclassified:,}" for part in digest.repositories if part.unclassified]
    lines = [f"in this period and not counted: {', '.join(shortened(told, _MOST_SERIES))}"] if told else []
    unread = [(part, part.unread) for part in digest.repositories if part.unread is not None]
    most = [
        f"{markup.plain(part.name)}: {few:,} of {many:,} tags match no version scheme" for part, (few, many) in unread
    ]
    return [*lines, *shortened(most, _MOST_SERIES)]


def _problem(digest: Digest, markup: Markup, number: int) -> str:
    problem = digest.problems[number]
    return f"{_named(problem.repository, markup)}: {markup.plain(problem.text)}"


def _named(key: str, markup: Markup) -> str:
    """Show a repository's path, or a forge's name: the forge of a path is clear to those who read the digest."""
    return markup.plain(key.partition(":")[2] or key)


def _listed(heading: str, lines: Sequence[str], markup: Markup) -> Section:
    return Section(markup.strong(heading), tuple(shortened(lines, _MOST_LINES)))
