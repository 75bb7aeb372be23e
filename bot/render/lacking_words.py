"""What an answer may lack, as lines: what terminal, chat and JSON have in common."""

from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.gaps import Cause, Gap, by_cause
from bot.domain.periods import AsOf
from bot.render.words import listed, moment_words, plural
from bot.services.lacking import Lacking, Unread

_MOST_NAMES = 3
Plain = Callable[[str], str]


def lacking_lines(lacking: Lacking, as_of: AsOf, plain: Plain) -> list[str]:
    """Write all that an answer may lack, one line for each cause; ``plain`` makes text from outside safe to show."""
    lines = [f"{plain(series)} had not begun by {_moment(as_of.end, as_of.zone)}" for series in lacking.not_begun]
    lines += unread_lines(lacking, plain)
    return [*lines, *unclassified_lines(lacking), *gap_lines(lacking.gaps, as_of.zone, plain)]


def unread_lines(lacking: Lacking, plain: Plain) -> list[str]:
    """Say of which repositories most tags are not read, in one line."""
    unread = lacking.unread
    if not unread:
        return []
    if len(unread) == 1:
        [one] = unread
        return [f"{one.unclassified:,} of the {one.considered:,} tags of {_name(one, plain)} match no version scheme"]
    names = listed(
        [f"{_name(each, plain)}: {each.unclassified:,} of {each.considered:,}" for each in unread], _MOST_NAMES
    )
    return [f"most tags of {plural(len(unread), 'repository')} match no version scheme ({names})"]


def unclassified_lines(lacking: Lacking) -> list[str]:
    """Say how many unclassified tags are dated in the period of an answer, or have no date."""
    number = lacking.unclassified
    if not number:
        return []
    verb = "is" if number == 1 else "are"
    return [f"{plural(number, 'unclassified tag')} {verb} not counted; to list: release-bot tags --unclassified"]


def gap_lines(gaps: Iterable[Gap], zone: ZoneInfo, plain: Plain) -> list[str]:
    """Say which repositories were not checked since when, and why: one line for each cause."""
    return [f"possibly incomplete: {_cause(cause, zone, plain)}" for cause in by_cause(gaps)]


def _cause(cause: Cause, zone: ZoneInfo, plain: Plain) -> str:
    names = [plain(repository.name) for repository in cause.repositories]
    many = f"{plain(cause.forge)}: {plural(len(names), 'repository')}"
    who = many if len(names) > _MOST_NAMES else listed(names)
    since = "never checked" if cause.since is None else f"not checked since {moment_words(cause.since, zone)}"
    return f"{who} {since}{f': {plain(cause.error)}' if cause.error else ''}"


def _name(unread: Unread, plain: Plain) -> str:
    return plain(unread.repository.name)


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment_words(moment, zone)} ({zone.key})"
