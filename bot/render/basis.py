"""Notes on the data behind an answer, and on gaps in it, shared by all output formats."""

from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.gaps import Cause, Gap, by_cause
from bot.domain.periods.period import AsOf
from bot.domain.releases import DOUBTFUL
from bot.render.words import listed, moment_words, plural
from bot.services.basis import Basis, Unread

_MOST_NAMES, _MOST_OWN = 3, 8
Plain = Callable[[str], str]


def basis_notes(basis: Basis, as_of: AsOf, plain: Plain) -> list[str]:
    """Return notes on the data behind an answer; ``plain`` escapes outside text."""
    zone = as_of.zone
    notes = []
    if basis.is_default:
        names = listed([plain(repository.name) for repository in basis.repositories], _MOST_OWN)
        notes.append(f"only the repositories of this channel's digests ({names}); for all, add “of all repositories”")
    notes += gap_notes(basis, as_of, plain)
    if basis.complete_until is not None and not basis.gaps:
        notes.append(f"data as of {moment_words(min(basis.complete_until, as_of.end), zone)}")
    return notes


def gap_notes(basis: Basis, as_of: AsOf, plain: Plain) -> list[str]:
    """Return notes on gaps in an answer, one line per cause."""
    zone = as_of.zone
    notes = [f"{plain(series)} had not started by {_moment(as_of.end, zone)}" for series in basis.not_begun]
    notes += [*unread_lines(basis, plain), *_doubtful_lines(basis, plain)]
    return [*notes, *_unclassified_lines(basis), *_gap_lines(basis.gaps, zone, plain)]


def unread_lines(basis: Basis, plain: Plain) -> list[str]:
    """Return a line on the repositories whose tags mostly match no version scheme, or nothing."""
    unread = basis.unread
    if not unread:
        return []
    if len(unread) == 1:
        [one] = unread
        return [f"{one.unclassified:,} of the {one.considered:,} tags of {_name(one, plain)} match no version scheme"]
    names = listed(
        [f"{_name(each, plain)}: {each.unclassified:,} of {each.considered:,}" for each in unread], _MOST_NAMES
    )
    return [f"most tags of {plural(len(unread), 'repository')} match no version scheme ({names})"]


def unread_clause(basis: Basis, plain: Plain) -> str:
    """Return what a sentence with a number ends with where that number means next to nothing, else nothing."""
    return "".join(f"; but {line}" for line in unread_lines(basis, plain))


def _doubtful_lines(basis: Basis, plain: Plain) -> list[str]:
    """Return a line on the repositories whose version scheme was guessed and fits badly, or nothing."""
    named = {each.repository.source for each in basis.unread}
    doubtful = [plain(each.name) for each in basis.doubtful if each.source not in named]
    return [f"{DOUBTFUL}: {listed(doubtful, _MOST_NAMES)}"] if doubtful else []


def _unclassified_lines(basis: Basis) -> list[str]:
    """Return a line on the unclassified tags in the period of an answer or without a date, or nothing."""
    number = basis.unclassified
    if not number:
        return []
    verb = "is" if number == 1 else "are"
    return [f"{unclassified_words(number)} {verb} not counted; list them: release-bot tags --unclassified"]


def unclassified_words(number: int) -> str:
    """Return the number of unclassified tags, with which a note on them begins."""
    return plural(number, "unclassified tag")


def _gap_lines(gaps: Iterable[Gap], zone: ZoneInfo, plain: Plain) -> list[str]:
    """Return a line per cause on repositories that were not checked: since when, and why."""
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
