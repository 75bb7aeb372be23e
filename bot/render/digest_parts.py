"""A digest as sections of lines, before any markup: what text, Markdown and Slack have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.digests import Digest, RepositoryDigest, ToldEvent
from bot.domain.releases import Release
from bot.domain.tags import TagEventKind
from bot.domain.versions import ReleaseKind
from bot.render.certification_parts import certification_lines, heading
from bot.render.markup import Markup
from bot.render.release_words import dated
from bot.render.words import day, interval, moment_words, plural, shortened

_MOST_TAGS = 20
_MOST_SERIES = 5
_SHORT_COMMIT = 8


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (marked up, may be empty) and its lines.

    ``releases`` says of each line how many of the period's releases it is about, for a
    rendering that has to leave lines out; empty where the lines are about something else.
    """

    heading: str
    lines: tuple[str, ...]
    releases: tuple[int, ...] = ()


def sections(digest: Digest, markup: Markup, *, most: int) -> list[Section]:
    """Write the digest's sections; each list of releases shows at most ``most``, and says how many more there are."""
    told = [_repository(part, digest, markup, most) for part in digest.repositories if part.releases]
    told += [_quiet(digest, markup)]
    told += certification_sections(digest, markup)
    told += [
        _listed("Seen late", [_late(release, digest, markup) for release in digest.late], markup, most),
        _listed("Moved tags", [_event(event, digest, markup) for event in digest.moved], markup, most),
        _listed("Deleted tags", [_event(event, digest, markup) for event in digest.deleted], markup, most),
        _unclassified(digest, markup),
        _listed("Not complete", [_problem(digest, markup, n) for n in range(len(digest.problems))], markup, most),
    ]
    return [section for section in told if section.lines]


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


def _repository(part: RepositoryDigest, digest: Digest, markup: Markup, most: int) -> Section:
    groups = _groups(part)
    lines = [_line(name, releases, digest, markup, most) for name, releases in groups]
    counts = [len(releases) for _, releases in groups]
    if part.latest:
        newest = [markup.release(release) for release in reversed(part.latest)]
        lines.append(f"newest: {', '.join(shortened(newest, min(most, _MOST_SERIES)))}")
        counts.append(0)
    count = plural(part.counts.ordinary, f"{_adjective(part)}release")
    return Section(f"{markup.strong(markup.plain(part.name))}: {count}", tuple(lines), tuple(counts))


def _groups(part: RepositoryDigest) -> list[tuple[str, list[Release]]]:
    """Group a repository's releases by line: the ordinary ones by series, then the others, then pre-releases."""
    ordinary = [release for release in part.releases if _is_ordinary(part, release)]
    groups = [(name, [r for r in ordinary if r.series == name]) for name in dict.fromkeys(r.series for r in ordinary)]
    rest = [release for release in part.releases if not _is_ordinary(part, release)]
    groups.append(("other releases", [release for release in rest if release.kind.is_final]))
    groups.append(("pre-releases", [release for release in rest if not release.kind.is_final]))
    return [(name, releases) for name, releases in groups if releases]


def _is_ordinary(part: RepositoryDigest, release: Release) -> bool:
    return release.kind is ReleaseKind.PATCH or (release.kind.is_final and part.counts.rule.value == "final")


def _adjective(part: RepositoryDigest) -> str:
    return "patch " if part.counts.rule.value == "patch" else ""


def _line(name: str, releases: Sequence[Release], digest: Digest, markup: Markup, most: int) -> str:
    shown = [f"{markup.release(release)} ({dated(release, digest.period)})" for release in releases]
    return f"{markup.plain(name)} {len(releases)}: {', '.join(shortened(shown, most))}"


def _quiet(digest: Digest, markup: Markup) -> Section:
    """Name the watched repositories that surely had nothing, so that silence can be told from forgetting."""
    if len(digest.repositories) == 1:
        return Section("", ())
    doubtful = {problem.repository for problem in digest.problems}
    silent = [part for part in digest.repositories if not part.releases and part.repository not in doubtful]
    quiet = [markup.plain(part.name) for part in silent]
    line = f"No releases: {', '.join(shortened(quiet, _MOST_TAGS))}"
    return Section("", (line,) if quiet else ())


def _late(release: Release, digest: Digest, markup: Markup) -> str:
    date = "" if release.date is None else f" of {day(release.date, digest.period)}"
    seen = day(release.first_seen, digest.period)
    return f"{_named(release.repository, markup)} {markup.release(release)}{date}, seen on {seen}"


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
    return _listed("Tags that no scheme reads", lines, markup, _MOST_TAGS)


def _problem(digest: Digest, markup: Markup, number: int) -> str:
    problem = digest.problems[number]
    return f"{_named(problem.repository, markup)} {markup.plain(problem.text)}"


def _named(key: str, markup: Markup) -> str:
    """Show a repository's path: the forge is clear to those who read the digest."""
    return markup.plain(key.partition(":")[2])


def _listed(heading: str, lines: Sequence[str], markup: Markup, most: int) -> Section:
    return Section(markup.strong(heading), tuple(shortened(lines, most)))
