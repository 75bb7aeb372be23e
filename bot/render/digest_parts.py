"""A digest as sections of lines, shared by all output formats."""

from collections.abc import Sequence

from bot.domain.digests.digest import Digest, Redated, RepositoryDigest, RuleChanged, TagChange
from bot.domain.releases import DOUBTFUL, Release, key_of
from bot.domain.tags import TagEventKind
from bot.render.certification_parts import certification_lines, heading
from bot.render.digest_releases import comparison, noted_lines, repository_section, shows_notes
from bot.render.markup import Markup
from bot.render.release_words import bounds_words, edge_line, source_mark, sources_line
from bot.render.sections import Form, Line, Section, naming
from bot.render.words import day, interval, listed, moment_words, printable, shortened

_MOST_LINES = 40
_MOST_QUIET = 20
_MOST_SERIES = 5
_SHORT_COMMIT = 8


def sections(digest: Digest, markup: Markup, form: Form) -> list[Section]:
    """Return the digest's sections; every new release is named in one of them."""
    found = [repository_section(part, digest, markup, form) for part in digest.repositories if _is_listed(part, digest)]
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


def certification_sections(digest: Digest, markup: Markup) -> list[Section]:
    """Return the sections on certifications."""
    return [
        Section(
            heading(part.certification, markup),
            tuple(certification_lines(part, markup, digest.period.zone, with_hints=False)),
        )
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
    by_rule = {
        rule: [part.name for part in digest.repositories if part.counts.rule.value == rule]
        for rule in ("patch", "final")
    }
    counted = [f"{rule} releases" for rule, names in by_rule.items() if names] or ["releases"]
    if len(counted) > 1:
        counted = [counted[0], f"of {listed(list(map(printable, by_rule['final'])), _MOST_SERIES)} all final releases"]
    dates = sources_line([*digest.news, *(each for part in digest.repositories for each in part.releases)])
    return " ".join(
        [f"Counts {', '.join(counted)}; two tags of one version count once.", *([f"{dates}."] if dates else [])]
    )


def _is_listed(part: RepositoryDigest, digest: Digest) -> bool:
    return bool(part.new or (digest.whole and part.releases))


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
    """Return the section of new releases of earlier periods: one per line with its changes, or names by repository."""
    lines = [line for release in digest.late for line in _late(release, digest, markup, form)]
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
    return naming(heading, lines)


def _by_repository(releases: Sequence[Release]) -> dict[str, list[Release]]:
    found: dict[str, list[Release]] = {}
    for release in releases:
        found.setdefault(release.repository, []).append(release)
    return found


def _late(release: Release, digest: Digest, markup: Markup, form: Form) -> list[Line]:
    date = "" if release.date is None else f" dated {day(release.date, digest.period)}"
    found = day(release.first_seen, digest.period)
    named = f"{_named(release.repository, markup)} {markup.release(release)}{date}, found {found}"
    if not shows_notes(digest.late, digest, form):
        return [Line(named, (key_of(release),))]
    return noted_lines(release, f"{named}{comparison(release, digest, markup, form)}", digest, markup, form)


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


def _events(events: Sequence[TagChange], digest: Digest, markup: Markup) -> list[str]:
    """Return a line for each tag of a release that moved or vanished; other tags are skipped."""
    return [_event(event, digest, markup) for event in events if event.version is not None]


def _event(change: TagChange, digest: Digest, markup: Markup) -> str:
    event = change.event
    tag = markup.plain(event.before.name)
    when = day(event.at, digest.period)
    if event.kind is TagEventKind.DELETED:
        return f"{_named(change.repository, markup)} {tag}: deleted, noticed {when}"
    before = (event.before.commit or event.before.target)[:_SHORT_COMMIT]
    after = (event.to_commit or event.to_target or "")[:_SHORT_COMMIT]
    often = f"moved {change.times} times, " if change.times > 1 else ""
    return f"{_named(change.repository, markup)} {tag}: {often}from {before} to {after}, noticed {when}"


def _unclassified(digest: Digest, markup: Markup) -> Section:
    """Return how many unclassified tags the period has, and of which repositories little is read.

    New ones are for the maintainers; ``tags --unclassified`` has their names.
    """
    numbers = [f"{markup.plain(part.name)}: {part.unclassified:,}" for part in digest.repositories if part.unclassified]
    lines = [f"in this period, not counted: {', '.join(shortened(numbers, _MOST_SERIES))}"] if numbers else []
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
