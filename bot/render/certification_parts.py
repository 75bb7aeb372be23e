"""The state of a certification as lines, shared by all output formats."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from bot.domain.certification.certification import Certification, Move
from bot.domain.certification.hints import Hint
from bot.domain.certification.milestones import FINAL_CERTIFICATION, HACKATHON, Milestone, MilestoneStatus
from bot.domain.digests.digest import CertificationDigest
from bot.domain.releases import Release
from bot.render.markup import Markup
from bot.render.words import date_words, in_days, plural

# Only the newest; the terminal lists all, with their pull requests.
_MOST_HINTS = 6


def certification_lines(
    part: CertificationDigest, markup: Markup, zone: ZoneInfo, *, with_period: bool = True, with_hints: bool = True
) -> list[str]:
    """Return the lines on a certification: progress, highlights, next milestone, delays, and suggested hackathons."""
    certification = part.certification
    highlights = "; ".join(map(markup.plain, certification.highlights))
    lines = [
        _progress(certification, markup),
        f"highlights: {highlights}" if highlights else "",
        _released(certification, markup),
        _pre_releases(part, markup, zone, with_period=with_period),
        _done(certification, markup),
        _final(certification, markup),
        _next(certification, markup),
        _overdue(certification, markup),
        *(f"moved: {_move(move, certification.today, markup)}" for move in part.moves),
        _due(part, markup),
        _hints(certification, markup) if with_hints else "",
    ]
    return [line for line in lines if line]


def heading(certification: Certification, markup: Markup) -> str:
    """Return the heading of a certification, with its state."""
    state = "in certification" if certification.is_open else "released"
    path = certification.repository.partition(":")[2]
    return f"{markup.strong(markup.plain(certification.series))} of {markup.plain(path)}: {state}"


def _progress(certification: Certification, markup: Markup) -> str:
    """Return ``4 of 5 steps done, final certification in 10 days``; empty where nothing is planned."""
    today, coming = certification.today, certification.next
    states = [milestone.status(today) for milestone in certification.milestones]
    steps = sum(state is not MilestoneStatus.DROPPED for state in states)
    if not steps or not certification.is_open:
        return ""
    done = f"{states.count(MilestoneStatus.DONE)} of {plural(steps, 'step')} done"
    if coming is None or coming.days is None:
        return done
    return f"{done}, {markup.plain(coming.milestone.title)} {in_days(coming.days)}"


def _released(certification: Certification, markup: Markup) -> str:
    release = certification.released
    day = _release_day(certification)
    if release is None or day is None:
        return ""
    final = certification.done(FINAL_CERTIFICATION)
    after = ""
    if final and final[-1].done is not None:
        after = f", {plural((day - final[-1].done).days, 'day')} after the final certification"
    return f"{markup.release(release)} was released on {date_words(day, certification.today)}{after}"


def _release_day(certification: Certification) -> date | None:
    return next((m.done for m in reversed(certification.milestones) if m.kind == "release"), None)


def _pre_releases(part: CertificationDigest, markup: Markup, zone: ZoneInfo, *, with_period: bool) -> str:
    so_far = part.certification.pre_releases
    if not so_far:
        return "pre-releases: none so far"
    counts = [f"{len(part.pre_releases)} in this period"] if with_period else []
    counts.append(f"newest {_age(so_far[-1], part.certification, markup, zone)}")
    if len(so_far) > 1:
        counts.append(f"first {_age(so_far[0], part.certification, markup, zone)}")
    return f"pre-releases: {len(so_far)} so far, {', '.join(counts)}"


def _age(release: Release, certification: Certification, markup: Markup, zone: ZoneInfo) -> str:
    if release.date is None:
        return markup.release(release)
    day = release.date.astimezone(zone).date()
    days = (day - certification.today).days
    return f"{markup.release(release)} of {date_words(day, certification.today)} ({in_days(days)})"


def _done(certification: Certification, markup: Markup) -> str:
    hackathons = certification.done(HACKATHON)
    if not hackathons:
        return "hackathons: none done"
    days = ", ".join(date_words(m.done, certification.today) for m in hackathons if m.done)
    note = f"; last: {markup.plain(hackathons[-1].note)}" if hackathons[-1].note else ""
    return f"hackathons: {len(hackathons)} done ({days}){note}"


def _final(certification: Certification, markup: Markup) -> str:
    final = certification.done(FINAL_CERTIFICATION)
    if not final or final[-1].done is None:
        return ""
    note = f"; {markup.plain(final[-1].note)}" if final[-1].note else ""
    return f"final certification: done on {date_words(final[-1].done, certification.today)}{note}"


def _next(certification: Certification, markup: Markup) -> str:
    coming = certification.next
    if coming is None or not certification.is_open:
        return ""
    if coming.milestone.planned is None or coming.days is None:
        return f"next: {markup.plain(coming.milestone.title)}, no date yet"
    when = date_words(coming.milestone.planned, certification.today)
    note = f"; {markup.plain(coming.milestone.note)}" if coming.milestone.note else ""
    return f"next: {markup.plain(coming.milestone.title)} on {when} ({in_days(coming.days)}){note}"


def _overdue(certification: Certification, markup: Markup) -> str:
    if not certification.is_open:
        return ""
    late = [m for m in certification.milestones if m.status(certification.today) is MilestoneStatus.OVERDUE]
    return f"overdue: {_titles(late, certification, markup)}" if late else ""


def _due(part: CertificationDigest, markup: Markup) -> str:
    certification = part.certification
    soon = [m for m in part.due if m.status(certification.today) is MilestoneStatus.PLANNED]
    return f"reminder: {_titles(soon, certification, markup)}" if soon else ""


def _titles(milestones: Sequence[Milestone], certification: Certification, markup: Markup) -> str:
    return ", ".join(
        f"{markup.plain(m.title)} (planned for {date_words(m.planned, certification.today)})"
        for m in milestones
        if m.planned
    )


def _hints(certification: Certification, markup: Markup) -> str:
    """Return the days that pull requests suggest; they are not counted."""
    days = [f"{date_words(hint.day, certification.today)} ({_numbers(hint, markup)})" for hint in certification.hints]
    if not days:
        return ""
    earlier = len(days) - _MOST_HINTS
    if earlier > 0:
        days = [plural(earlier, "earlier day"), *days[-_MOST_HINTS:]]
    return f"possible hackathons, from pull requests (not counted): {', '.join(days)}"


def _numbers(hint: Hint, markup: Markup) -> str:
    return ", ".join(markup.link(pull.url or None, f"#{pull.number}") for pull in hint.pull_requests)


def _move(move: Move, today: date, markup: Markup) -> str:
    before = f"from {date_words(move.before, today)} " if move.before else ""
    after = date_words(move.after, today) if move.after else "no date"
    return f"{markup.plain(move.title)} {before}to {after}"
