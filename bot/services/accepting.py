"""Accepting another repository at the path of one that is watched: its history begins, the old one's ends."""

import logging
from datetime import datetime

from bot.domain.errors import UsageError
from bot.domain.repositories import Repository
from bot.domain.watches import WatchChange, WatchKind
from bot.services.ports import RecordChanged, Store

_log = logging.getLogger(__name__)


def accept(repository: Repository, store: Store, *, who: str, at: datetime) -> WatchChange:
    """Let the repository that the last polls found at a path be the watched one; its tags are recorded as a backfill.

    What was observed and told of the old one is kept, and neither counted nor told any more. Raises UsageError
    where no other repository was found.
    """
    while True:
        [record] = store.records([repository.key])
        if not record.rival:
            what = "no other repository was found at this path"
            raise UsageError(repository.key, what, f"to look now: release-bot poll --full {repository.key}")
        try:
            return store.accept_rival(record, WatchChange(0, at, who, WatchKind.ACCEPT, repository.key))
        except RecordChanged:
            _log.info("%s was polled meanwhile: looked at again", repository.key)
