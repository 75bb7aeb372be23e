"""An announcement as lines: what a subscriber is told of each release, and how to unsubscribe."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.digests.digest import ReleaseDetails
from bot.domain.releases import Release, ReleaseState
from bot.domain.subscriptions import Announced, Announcement, ReleaseEvent
from bot.domain.versions.base import SINGLE
from bot.render.markup import Markup
from bot.render.notes_words import in_brief, notes_in
from bot.render.words import moment_words, plural, printable

_SHORT_COMMIT = 8
_LONGEST_REASON = 200
_MOST_NAMED = 3


def release_lines(
    item: Announced, name: str, zone: ZoneInfo, markup: Markup, detail: ReleaseDetails | None = None
) -> list[str]:
    """Return the lines of a message about one release: the first stands alone, further ones belong to it.

    ``name`` is that of its repository. What is known of the release beyond that it is out comes here.
    """
    release = item.release
    of = f"{markup.release(release)} of {markup.plain(name)}"
    match item.event:
        case ReleaseEvent.OUT:
            line = f"{of} ({_kind(release, markup)}) is out: {_when(release.date, zone)}{_yanked(release, markup)}"
        case ReleaseEvent.MOVED:
            line = f"{of} was moved to another commit after it was announced here{_commits(item, markup)}"
        case ReleaseEvent.WITHDRAWN:
            line = f"{of} was withdrawn after it was announced here: its tag was deleted"
        case ReleaseEvent.YANKED:
            line = f"{of} was yanked from the package index after it was announced here{_reason(release, markup)}"
    return [f"{line}{_address(release, markup)}", *_changes(release, detail, markup)]


def _changes(release: Release, detail: ReleaseDetails | None, markup: Markup) -> list[str]:
    """Return what changed in a release: how many entries of each kind, and the first of them."""
    notes = notes_in(detail, release)
    if notes is None:
        return []
    counts, lines = in_brief(notes, markup)
    return [counts, *(f"• {line}" for line in lines)]


def last_line(announcement: Announcement, markup: Markup, *, is_answered: bool) -> str:
    """Return the last line of a message: how many releases follow, and how to unsubscribe.

    ``is_answered`` says that the bot reads what is written to it where the message is posted.
    """
    parts = [f"{plural(announcement.left, 'more release')} in the next message"] if announcement.left else []
    if numbers := announcement.lasting[:_MOST_NAMED]:
        how = "to unsubscribe, write to release-bot" if is_answered else "to unsubscribe"
        command = "unsubscribe" if is_answered else "release-bot subscriptions remove"
        parts.append(f"{how}: {' or '.join(f'{command} {number}' for number in numbers)}")
    elif announcement.ending:
        parts.append("this ends the subscription")
    return markup.plain("; ".join(parts))


def title(announcement: Announcement) -> str:
    """Return a message in a few words, as plain text: its first release, and how many others."""
    first = announcement.items[0]
    name = announcement.names.get(first.release.repository, first.release.repository)
    others = len(announcement.items) - 1
    what = f"is {first.event.value}" if first.event is ReleaseEvent.OUT else f"was {first.event.value}"
    more = f" and {plural(others, 'more release')}" if others else ""
    return printable(f"{first.release.version} of {name} {what}{more}")


def announcement_lines(announcement: Announcement, markup: Markup) -> list[list[str]]:
    """Return the lines of each release of an announcement."""
    names = announcement.names
    return [
        release_lines(
            item,
            names.get(item.release.repository, item.release.repository),
            announcement.zone,
            markup,
            announcement.details.get(item.key),
        )
        for item in announcement.items
    ]


def _kind(release: Release, markup: Markup) -> str:
    """Return what kind of release it is: ``patch release of v7r1``, ``pre-release of v7r2``, ``minor release``."""
    noun = release.kind.value if not release.kind.is_final else f"{release.kind.value} release"
    is_first = release.series in (release.version, SINGLE)
    return noun if is_first else f"{noun} of {markup.plain(release.series)}"


def _when(date: datetime | None, zone: ZoneInfo) -> str:
    return "its date is not known yet" if date is None else moment_words(date, zone)


def _yanked(release: Release, markup: Markup) -> str:
    if release.state is not ReleaseState.YANKED:
        return ""
    return f"; it is yanked from the package index{_reason(release, markup)}"


def _reason(release: Release, markup: Markup) -> str:
    reason = release.yanked or ""
    shown = reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 1]}…"
    return f" ({markup.plain(shown)})" if reason else ""


def _commits(item: Announced, markup: Markup) -> str:
    before, after = item.was, item.release.commit
    if before is None or after is None or before == after:
        return ""
    return f" ({markup.plain(before[:_SHORT_COMMIT])} to {markup.plain(after[:_SHORT_COMMIT])})"


def _address(release: Release, markup: Markup) -> str:
    """Return the address of a release's page where the format has no links."""
    url = release.url or ""
    is_linked = markup.release(release) != markup.plain(release.version)
    return "" if is_linked or not url.startswith(("http://", "https://")) else f" {markup.plain(url)}"
