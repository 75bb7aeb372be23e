"""Which repository is at a path, by the forge's own id: one that moved keeps its history, another is accepted there."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import field, replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from bot.domain.errors import UsageError
from bot.domain.polling.record import RepositoryRecord
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.domain.watchlist import WatchChange, WatchKind
from bot.services.ports import PollAnswer
from bot.services.verify import is_other, known_of, settled
from bot.store.errors import RecordChanged

if TYPE_CHECKING:
    from bot.store.store import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Formers:
    """The repositories that have a history and are not watched any more: their keys, by forge and forge's id."""

    store: "Store"
    keys: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def among(cls, records: Collection[RepositoryRecord], watched: Collection[str] | None, store: "Store") -> "Formers":
        """Read them where one of the records to be polled has no history yet; None watched is not known."""
        is_wanted = any(record.backfilled_at is None for record in records)
        return cls(store) if watched is None or not is_wanted else cls(store, store.histories.unwatched(watched))

    def may_have(self, repository: Repository, record: RepositoryRecord) -> bool:
        """Return whether the first poll of a repository may continue the history of one of them."""
        return record.backfilled_at is None and any(forge == repository.forge for forge, _ in self.keys)

    def continued(self, repository: Repository, answer: PollAnswer) -> PollAnswer:
        """Continue the history of the repository that answers its first poll under a new key, where there is one.

        Return the answer as it can be recorded after that history, with a notice.
        """
        former = self.keys.get((repository.forge, answer.identity))
        while former is not None:
            record, old = self.store.tags.records([repository.source, former])
            is_same = old.identity == answer.identity and old.backfilled_at is not None
            if record.backfilled_at is not None or is_other(record, answer) or not is_same:
                break
            try:
                self.store.histories.move_to(record, old)
            except RecordChanged:
                continue
            notice = f"history of {former} continues as {repository.source}"
            _log.warning("%s", notice)
            answer = settled(answer, known_of(self.store.tags.record(repository.source)))
            return replace(answer, notice="; ".join(part for part in (notice, answer.notice) if part))
        return answer


def accept(repository: Repository, store: "Store", *, who: str, at: datetime) -> WatchChange:
    """Let the repository that the last polls found at a path be the watched one; its tags are recorded as a backfill.

    What was observed and posted of the old one is kept, but no longer counted or posted. Raises UsageError
    where no other repository was found.
    """
    while True:
        [record] = store.tags.records([repository.source])
        if not record.rival:
            what = "no other repository found at this path"
            raise UsageError(repository.source, what, f"to check now: release-bot poll --full {repository.source}")
        try:
            return store.histories.accept_rival(record, WatchChange(0, at, who, WatchKind.ACCEPT, repository.source))
        except RecordChanged:
            _log.info("%s was polled meanwhile; reading its record again", repository.source)
