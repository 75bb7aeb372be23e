"""Webhooks: a signed one makes the repository that it names due for a look. It states no fact: the look does."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING

from bot.domain.polling.budget import Limit
from bot.domain.polling.hooks import HookEvent, HookKind, waits_until
from bot.domain.repositories import Repository, one_of_each_source
from bot.domain.values import dataclass
from bot.services.ports import HookFormat

if TYPE_CHECKING:
    from bot.store.store import Store

_log = logging.getLogger(__name__)

# Anybody may send wrong signatures: of all of them one line is logged in so many seconds.
_QUIET_SECONDS = 600.0


class HookAnswer(Enum):
    """What came of a webhook."""

    REFUSED = "not signed with the secret"
    UNREADABLE = "signed, and not readable"
    PING = "a test of the connection"
    DUE = "a repository is due for a look"
    NOTHING = "nothing that is watched, or no event of interest"


@dataclass(frozen=True, slots=True)
class HookForge:
    """A forge that webhooks are taken of, and their secret."""

    name: str
    secret: str = field(repr=False)


class HookInbox:
    """Takes the webhooks of the forges of one kind; threads may share it.

    ``wake`` is called with the name of each forge that has a repository due. ``share`` is how much of a forge's limit
    polling may use. ``clock`` gives seconds that only grow.
    """

    def __init__(  # noqa: PLR0913 - what it works with
        self,
        forges: Sequence[HookForge],
        hooks: HookFormat,
        repositories: Iterable[Repository],
        store: "Store",
        *,
        share: float,
        now: Callable[[], datetime],
        wake: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._forges = forges
        self._hooks = hooks
        self._sources = {each.source.lower(): each.source for each in one_of_each_source(repositories)}
        self._store = store
        self._share = share
        self._now = now
        self._wake = wake
        self._refusals = _Refusals(clock)

    def receive(self, headers: Mapping[str, str], body: bytes) -> HookAnswer:
        """Take a webhook, and make its repository due if it tells of tags. Raises StoreError."""
        now = self._now()
        # Two forges may have one secret: the repository is looked for on both.
        forges = [each.name for each in self._forges if self._hooks.is_signed(headers, body, each.secret, now)]
        if not forges:
            self._refusals.note()
            return HookAnswer.REFUSED
        try:
            event = self._hooks.event(headers, body)
        except ValueError:
            return HookAnswer.UNREADABLE
        is_due = [self._record(forge, event, now) for forge in forges]
        if event.kind is HookKind.PING:
            return HookAnswer.PING
        return HookAnswer.DUE if any(is_due) else HookAnswer.NOTHING

    def _record(self, forge: str, event: HookEvent, now: datetime) -> bool:
        """Record that a webhook arrived, and return whether its repository is due for that."""
        source = self._watched(forge, event)
        is_news = bool(source) and event.kind is HookKind.TAGS
        until = waits_until(self._limits(forge), self._share, now) if is_news else None
        not_before = None if until is None else until - now
        self._store.hooks.arrived(forge, source, is_news=is_news, not_before=not_before)
        if is_news:
            self._wake(forge)
        return is_news

    def _limits(self, forge: str) -> list[Limit]:
        return [limit for (name, _), limit in self._store.polls.limits().items() if name == forge]

    def _watched(self, forge: str, event: HookEvent) -> str:
        """Return the repository that a webhook names, also one that was renamed; empty if it is not watched."""
        found = self._sources.get(f"{forge}:{event.path}".lower(), "")
        if found or not event.identity:
            return found
        return self._sources.get(self._store.hooks.renamed(forge, event.identity).lower(), "")


class _Refusals:
    """Wrong signatures, logged now and then with their number."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._guard = Lock()
        self._logged_at = float("-inf")
        self._count = 0

    def note(self) -> None:
        """Count one more, and log their number unless that was logged a short while ago."""
        with self._guard:
            self._count += 1
            if self._clock() - self._logged_at < _QUIET_SECONDS:
                return
            count, self._count, self._logged_at = self._count, 0, self._clock()
        what = f"refused {count} webhook{'s' * (count > 1)} without a right signature"
        _log.warning("%s; if they are yours, compare the secret there and here, and this machine's clock", what)
