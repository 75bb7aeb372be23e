"""Following: the repositories of organisations are listed again and again, and each is read as fits its first tags."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.clocks import is_future
from bot.domain.organisations import Listing, Organisation
from bot.domain.proposals import Proposal, propose
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.domain.versions.schemes import SCHEMES
from bot.services.ports import Forge, ForgeError

if TYPE_CHECKING:
    from bot.store.store import Store
    from bot.store.watchlist import WatchlistStore

_log = logging.getLogger(__name__)

# A list that could not be read is requested again after this time, or earlier where lists are wanted more often.
_TRIED_AGAIN = timedelta(minutes=10)


def follow(
    organisations: Sequence[Organisation],
    forges: Mapping[str, Forge],
    watchlist: "WatchlistStore",
    now: Callable[[], datetime],
    every: timedelta,
) -> list[ForgeError]:
    """List the organisations whose lists are older than ``every``; give why some could not be listed."""
    listings = watchlist.listings()
    due = [each for each in organisations if _is_due(listings.get(each.key), now(), every)]
    errors = []
    for organisation in due:
        try:
            listed = forges[organisation.forge].organisation(organisation.path)
        except ForgeError as error:
            _log.warning("cannot list the repositories of %s: %s", organisation.key, error.reason)
            watchlist.write_listing_failure(organisation.key, now(), error.reason)
            errors.append(error)
        else:
            watchlist.write_listing(organisation.key, listed, now())
    return errors


def _is_due(listing: Listing | None, now: datetime, every: timedelta) -> bool:
    if listing is None or is_future(listing.tried_at, now):
        return True
    return now - listing.tried_at >= (every if listing.error is None else min(every, _TRIED_AGAIN))


def fit_members(
    organisations: Sequence[Organisation], repositories: Sequence[Repository], store: "Store"
) -> dict[str, Proposal]:
    """Choose for each repository that came with an organisation how its tags are read, once it has some.

    Return what was chosen now, by the repository's key. One that no scheme can read a tag of waits for tags that can
    be read.
    """
    members = store.watchlist.additions().members
    waiting = {
        f"{organisation.forge}:{member.listed.path}": (organisation, member.listed.path)
        for organisation in organisations
        for member in members.get(organisation.key, ())
        if member.rules is None
    }
    watched = {repository.key: repository for repository in repositories}
    chosen = {}
    for record in store.tags.records(key for key in waiting if key in watched):
        if record.tag_count:
            proposal = _fit(watched[record.repository], *waiting[record.repository], store)
            if proposal is not None:
                chosen[record.repository] = proposal
    return chosen


def _fit(repository: Repository, organisation: Organisation, path: str, store: "Store") -> Proposal | None:
    tags = tuple(store.tags.record(repository.source).tags.values())
    tried = list(SCHEMES) if organisation.scheme == "best" else [organisation.scheme]
    proposal = propose(repository, tags, tried)
    if not proposal.first.fit.releases:
        return None
    store.watchlist.write_fit(organisation.key, path, proposal.rules, is_doubtful=proposal.is_doubtful)
    _log.info("%s uses the version scheme %s", repository.key, proposal.first.scheme)
    return proposal


@dataclass(frozen=True, slots=True)
class Following:
    """An organisation: how many repositories it was listed with, how many are watched because of it, and when that was.

    ``listing`` is None where it was never requested.
    """

    organisation: Organisation
    listed: int
    watched: int
    listing: Listing | None


def followed(
    organisations: Sequence[Organisation], origins: Mapping[str, str], watchlist: "WatchlistStore"
) -> list[Following]:
    """Return how organisations are followed; ``origins`` says by key where each watched repository comes from."""
    members, listings = watchlist.additions().members, watchlist.listings()
    return [
        Following(
            organisation=each,
            listed=sum(member.is_there for member in members.get(each.key, ())),
            watched=sum(origin == each.key for origin in origins.values()),
            listing=listings.get(each.key),
        )
        for each in organisations
    ]
