"""Which releases are news to somebody who looks now and then: the newest, and those that something became of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.filters import KindWord, Wanted, matcher
from bot.domain.releases import Key, Release, key_of
from bot.domain.values import dataclass
from bot.queries.base import QueryContext
from bot.queries.selection import Filters, Selection, select

# So long what became of a release that is not among the newest is news.
_CHANGED_WITHIN = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class RecentReleases:
    """The newest releases and those that changed, with when each changed last; withdrawn ones are among them."""

    releases: Sequence[Release]
    changed: Mapping[Key, datetime]


def recent_releases(filters: Filters, context: QueryContext, most: int) -> RecentReleases:
    """Return the ``most`` newest releases that filters mean, final ones unless kinds are requested, and changed ones.

    Raises UsageError for a repository, series or release that is not known.
    """
    from bot.services.release_changes import last_changes

    with context.store.snapshot():
        selection = select(filters, context, usual=(KindWord.FINAL,))
        every = replace(selection.wanted, with_withdrawn=True)
        newest = selection.source.newest(every, most)
        until = min(context.as_of.end, filters.known_at or context.as_of.end)
        is_now = filters.known_at is None
        found = [*newest, *(_changed_lately(every, newest, selection, context) if is_now else ())]
        having = {each.repository for each in found}
        repositories = [each for each in selection.repositories if each.key in having]
        # Not only lately: what an entry was changed at must not go back.
        return RecentReleases(found, last_changes(repositories, context.store, until))


def _changed_lately(
    wanted: Wanted, newest: Sequence[Release], selection: Selection, context: QueryContext
) -> list[Release]:
    """Return the wanted releases that something became of lately, without the newest ones."""
    from bot.services.release_changes import last_changes

    until = context.as_of.end
    changed = last_changes(selection.repositories, context.store, until, after=until - _CHANGED_WITHIN)
    is_wanted = matcher(wanted)
    versions = changed.keys() - {key_of(each) for each in newest}
    return [each for each in context.store.releases.versions(versions) if each.date is not None and is_wanted(each)]
