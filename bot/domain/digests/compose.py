"""Composing a digest: what one audience reads about one period, and nothing twice."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta

from bot.domain.certification.certification import Plan, certification_of, is_planned
from bot.domain.counts import GroupBy, count_by
from bot.domain.digests.digest import (
    CertificationDigest,
    Digest,
    Ledger,
    Problem,
    Redated,
    RepositoryCounts,
    RepositoryDigest,
    RuleChanged,
    TagChange,
    Unclassified,
)
from bot.domain.digests.headline import headline
from bot.domain.digests.news import Arrivals, Audience, News, news_of
from bot.domain.gaps import Cause, Gap, by_cause, gap_of
from bot.domain.periods.options import in_words
from bot.domain.periods.period import AsOf, Period
from bot.domain.polling.diff import movements
from bot.domain.releases import (
    Key,
    Release,
    classify,
    is_mostly_unread,
    is_unclassified,
    key_of,
)
from bot.domain.repositories import Repository
from bot.domain.series_status import SeriesStatus
from bot.domain.tag_dates import date_of
from bot.domain.tags import Tag, TagEvent, TagEventKind
from bot.domain.values import dataclass

# A series is living while its last release is at most this old.
LIVING = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many tags and releases of a repository a digest speaks of without naming them.

    ``undated`` counts releases whose date is not known, ``undetailed`` tags whose forge was not asked for dates yet.
    Of the ``considered`` tags, those present that its patterns let through, ``unclassified`` match no scheme;
    ``unclassified_inside`` of these are dated in the period, or not dated.
    """

    undated: int = 0
    undetailed: int = 0
    considered: int = 0
    unclassified: int = 0
    unclassified_inside: int = 0


@dataclass(frozen=True, slots=True)
class Observed:
    """What the bot has observed of one repository, as far as a digest of one period needs it.

    ``releases``, in order of version, are at least those of the period, those that may be news or were posted with
    another date, those of series in certification, and those that events are about. ``leading`` has at least the
    highest version of each living series, and the highest of all where none lives. ``tags``, in order of name, are at
    least the unclassified ones that may be new, those that moved, their twins, and the tags that these moved onto.
    ``plans`` are those of its series that are in certification. ``polled_at`` is the
    last complete poll, None before the first; it was to be polled again before the digest was
    made, and was not in time unless it ``is_checked``. ``renamed`` is what the forge says of a
    repository that it knows by another path, ``undated_because`` why dates are missing.
    ``arrivals`` is what came since the previous digest of the audience, ``read_at`` when all
    this was read. ``statuses`` are of those of its series that have one. ``at_edges`` are
    the releases that may belong to the other side of an edge of the period, ``apart`` those
    whose tags point to commits more than a day apart.
    """

    repository: Repository
    releases: Sequence[Release]
    tags: Sequence[Tag] = ()
    events: Sequence[TagEvent] = ()
    plans: Sequence[Plan] = ()
    polled_at: datetime | None = None
    error: str | None = None
    failing_since: datetime | None = None
    renamed: str = ""
    undated_because: str = ""
    is_checked: bool = True
    leading: Sequence[Release] = ()
    numbers: Numbers = Numbers()
    arrivals: Arrivals = field(default_factory=Arrivals)
    read_at: datetime | None = None
    statuses: Mapping[str, SeriesStatus] = field(default_factory=dict)
    at_edges: Sequence[Release] = ()
    apart: frozenset[Key] = frozenset()

    @property
    def is_unchecked(self) -> bool:
        """Return whether it may have releases that the bot does not know of."""
        return self.error is not None or self.polled_at is None or not self.is_checked


@dataclass(frozen=True, slots=True)
class Reminding:
    """When a digest speaks up: ``stale_after`` a poll is old, ``due_within`` a milestone is near."""

    stale_after: timedelta
    due_within: timedelta


def compose_digest(
    audience: Audience,
    period: Period,
    as_of: AsOf,
    observed: Sequence[Observed],
    *,
    made_at: datetime,
    reminding: Reminding,
) -> Digest:
    """Compose the digest of a period, seen from ``as_of``.

    It says what happened to tags and milestones up to ``known_at``: the next digest begins there.
    """
    until = Period(None, as_of.end, as_of.zone)
    known = known_at(as_of, made_at)
    news = [news_of(each.releases, each.arrivals, audience, period, as_of.end) for each in observed]
    parts = tuple(_repository_part(*each, period, until) for each in zip(observed, news, strict=True))
    late = tuple(release for each in news for release in each.late)
    gaps = _gaps(observed, min(period.end, as_of.end), reminding.stale_after)
    events = [told_event for each in observed for told_event in _new_events(each, period, known, audience)]
    whole = _whole(period, audience)
    lacking = {gap.repository.key for gap in gaps}
    unchecked = sum(each.is_unchecked and each.repository.key in lacking for each in observed)
    return Digest(
        name=audience.name,
        period=period,
        made_at=made_at,
        headline=headline(parts, late=len(late), whole=whole, unchecked=unchecked),
        repositories=parts,
        late=late,
        moved=tuple(event for event in events if event.event.kind is TagEventKind.MOVED),
        deleted=tuple(event for event in events if event.event.kind is TagEventKind.DELETED),
        unclassified=tuple(tag for each in observed for tag in _new_unclassified(each, known, audience)),
        certifications=tuple(
            part for each in observed for part in _certifications(each, period, known, audience, reminding.due_within)
        ),
        problems=(*_not_checked(gaps, period), *(p for each in observed for p in _problems(each))),
        redated=tuple(_redated(release, audience) for each in news for release in each.redated),
        rule_changes=tuple(_rule_changes(observed, news)),
        whole=whole,
        at_edges=tuple(release for each in observed for release in each.at_edges),
        apart=frozenset[Key]().union(*(each.apart for each in observed)),
        ledger=Ledger(
            ahead=tuple(release for each in news for release in each.ahead),
            silent=tuple(release for each in news for release in each.silent),
            seen={each.repository.key: each.arrivals.revision for each in observed},
            observed_at=made_at,
        ),
    )


def known_at(as_of: AsOf, made_at: datetime) -> AsOf:
    """Return the later of when a digest is seen from and when it is made: seconds after it was due, or days."""
    return as_of if made_at <= as_of.end else AsOf.at(made_at, as_of.zone)


def is_quiet(digest: Digest) -> bool:
    """Return whether a digest has nothing to report."""
    problems = [problem for problem in digest.problems if not problem.is_standing]
    reported = (digest.news, digest.moved, digest.deleted, problems)
    certified = any(part.moves or part.due or not part.certification.is_open for part in digest.certifications)
    return not certified and not any(reported) and not (digest.redated or digest.rule_changes)


def _whole(period: Period, audience: Audience) -> str:
    """Name a period that reaches back to well before the end of the previous digest; a day is its midnight's."""
    previous = audience.previous
    if previous is None:
        return ""
    is_longer = period.start is None or period.start + timedelta(days=1) <= previous.until
    return in_words(period.asked) if is_longer else ""


def _redated(release: Release, audience: Audience) -> Redated:
    date, source = audience.announced[key_of(release)]
    return Redated(release, date, source)


def _rule_changes(observed: Sequence[Observed], news: Sequence[News]) -> Iterator[RuleChanged]:
    for each, found in zip(observed, news, strict=True):
        count = sum(release.is_counted for release in found.silent)
        if count:
            yield RuleChanged(each.repository.key, each.repository.name, count)


def _repository_part(observed: Observed, news: News, period: Period, until: Period) -> RepositoryDigest:
    inside = _counted(_counted(observed.releases, until), period)
    leading, numbers = _counted(observed.leading, until), observed.numbers
    unread = (numbers.unclassified, numbers.considered)
    return RepositoryDigest(
        repository=observed.repository.key,
        name=observed.repository.name,
        counts=_counts(observed.repository, inside, period),
        releases=tuple(inside),
        latest=tuple(newest_of_living_series(leading, min(period.end, until.end))),
        new=frozenset(release.normalized for release in news.new),
        new_counts=_counts(observed.repository, news.new, period),
        unclassified=numbers.unclassified_inside,
        unread=unread if is_mostly_unread(numbers.considered, numbers.unclassified) else None,
        is_doubtful=observed.repository.is_doubtful,
        page=observed.repository.page,
        statuses=observed.statuses,
    )


def _counted(releases: Iterable[Release], period: Period) -> list[Release]:
    return [
        release for release in releases if release.is_counted and release.date is not None and release.date in period
    ]


def _counts(repository: Repository, releases: Sequence[Release], period: Period) -> RepositoryCounts:
    ordinary = [release for release in releases if repository.is_ordinary(release.kind)]
    return RepositoryCounts(
        rule=repository.counts,
        ordinary=len(ordinary),
        by_series=count_by(ordinary, [GroupBy.SERIES], period.zone),
        by_kind=Counter(release.kind for release in releases),
    )


def newest_by_series(releases: Sequence[Release]) -> list[Release]:
    """Return the newest final release of each series, by version, oldest series first."""
    newest: dict[tuple[str, str], Release] = {}
    for release in releases:
        key = (release.repository, release.series)
        is_newer = key not in newest or newest[key].order < release.order
        if release.kind.is_final and release.is_recommended and is_newer:
            newest[key] = release
    return list(newest.values())


def newest_of_living_series(releases: Sequence[Release], end: datetime) -> list[Release]:
    """Return the newest release of each series that had one in the year before ``end``, in order of version.

    A series without a final release is shown by its newest pre-release. Of a
    repository that rests for longer, the newest release of all is shown.
    """
    final = newest_by_series(releases)
    with_final = {release.series for release in final}
    coming: dict[str, Release] = {}
    for release in sorted(releases, key=lambda release: release.order):
        if release.is_recommended and release.series not in with_final:
            coming[release.series] = release
    newest = sorted([*final, *coming.values()], key=lambda release: release.order)
    living = [release for release in newest if release.date is not None and end - release.date <= LIVING]
    return living or newest[-1:]


def _certifications(
    observed: Observed, period: Period, as_of: AsOf, audience: Audience, due_within: timedelta
) -> list[CertificationDigest]:
    """Return a report on every certification that is open, or was closed in the period."""
    after = audience.last_made or period.start
    reports = []
    for plan in (plan for plan in observed.plans if is_planned(plan, observed.releases, as_of)):
        certification = certification_of(plan, observed.releases, as_of)
        released = certification.released
        if released is None or (released.date is not None and released.date in period):
            reports.append(
                CertificationDigest(
                    certification,
                    tuple(r for r in certification.pre_releases if r.date is not None and r.date in period),
                    tuple(move for move in certification.moves if after is None or move.at > after),
                    certification.due(due_within) if certification.is_open else (),
                )
            )
    return reports


def _new_events(observed: Observed, period: Period, known: AsOf, audience: Audience) -> list[TagChange]:
    new = observed.arrivals.events
    if new is None:
        after = audience.last_made or period.start
        new = tuple(each for each in observed.events if each.at <= known.end and (after is None or each.at > after))
    return [
        TagChange(observed.repository.key, _version_of(observed, each.event.before.name), each.event, each.times)
        for each in movements(observed.repository, new, observed.tags)
    ]


def _version_of(observed: Observed, tag_name: str) -> str | None:
    version = classify(observed.repository, tag_name)
    if version is None:
        return None
    shown = (release.version for release in observed.releases if release.normalized == version.normalized)
    return next(shown, tag_name)


def _new_unclassified(observed: Observed, known: AsOf, audience: Audience) -> list[Unclassified]:
    """Find the unclassified tags that no earlier digest named."""
    found = []
    read = {name for release in observed.releases for name in release.tags}
    for tag in (tag for tag in observed.tags if tag.name not in read):
        dated = date_of(tag)
        is_new = _is_new(tag, observed.arrivals, audience)
        is_past = dated is None or dated[0] <= known.end
        if is_new and is_past and tag.is_present and is_unclassified(observed.repository, tag.name):
            found.append(Unclassified(observed.repository.source, tag.name))
    return found


def _is_new(tag: Tag, arrivals: Arrivals, audience: Audience) -> bool:
    if arrivals.tags is not None:
        return tag.name in arrivals.tags
    return audience.last_made is None or tag.first_seen > audience.last_made


def _gaps(observed: Sequence[Observed], until: datetime, stale_after: timedelta) -> list[Gap]:
    """Find the repositories that were not polled as late as the period reaches.

    One that was to be polled for the digest and was not in time lacks something however short ago its last poll is.
    """
    found = [
        gap_of(
            each.repository,
            each.polled_at,
            each.error,
            until=until,
            stale_after=stale_after if each.is_checked else timedelta(0),
            now=each.read_at,
        )
        for each in observed
    ]
    return [gap for gap in found if gap is not None]


def _not_checked(gaps: Sequence[Gap], period: Period) -> list[Problem]:
    """Return the repositories that were not checked, one problem for each cause."""
    return [_problem(cause, period) for cause in by_cause(gaps)]


def _problem(cause: Cause, period: Period) -> Problem:
    keys = tuple(repository.key for repository in cause.repositories)
    why = f": {cause.error}" if cause.error else ": later releases are missing"
    since = f"not checked since {_short(cause.since, period)}{why}"
    if cause.since is None:
        since = f"never checked{f' ({cause.error})' if cause.error else ''}: no releases counted"
    if len(keys) == 1:
        return Problem(keys[0], since)
    return Problem(cause.forge, f"{len(keys):,} repositories {since}", keys)


def _problems(observed: Observed) -> list[Problem]:
    key = observed.repository.key
    problems = [Problem(key, observed.renamed)] if observed.renamed else []
    undated = observed.numbers.undated
    if undated:
        noun = "release" if undated == 1 else "releases"
        is_waiting = observed.numbers.undetailed > 0
        why = _why_waiting(observed) if is_waiting else "no plausible date"
        problems.append(Problem(key, f"{undated} {noun} not counted: {why}", is_standing=not is_waiting))
    return problems


def _why_waiting(observed: Observed) -> str:
    why = f" ({observed.undated_because})" if observed.undated_because else ""
    return f"dates not fetched yet{why}"


def _short(moment: datetime | None, period: Period) -> str:
    return moment.astimezone(period.zone).strftime("%Y-%m-%d %H:%M") if moment else ""
