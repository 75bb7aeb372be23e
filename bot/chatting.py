"""Chatting: wires what is said in chat to the bot as it is configured, and keeps listening beside the schedule."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.app import App, now
from bot.domain.questions.vocabulary import Vocabulary
from bot.services.answering import Desk
from bot.services.ports import Store
from bot.services.receiving import Reception
from bot.services.reporting import DigestOrder
from bot.watching import ForgeWatching

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Host:
    app: App
    store: Store

    def now(self) -> datetime:
        return now()

    def desk(self, own: Sequence[str], *, is_maintainer: bool) -> Desk:
        return self.app.desk(self.store, self.app.as_of_now(), own=own, is_maintainer=is_maintainer)

    def vocabulary(self) -> Vocabulary:
        return self.app.vocabulary()

    def watching(self) -> ForgeWatching:
        return ForgeWatching(self.app)

    def orders(self) -> Sequence[DigestOrder]:
        return self.app.orders(self.store)

    def maintainers(self) -> frozenset[str]:
        return frozenset(self.app.settings.slack.maintainers)


@contextmanager
def chatting(app: App, store: Store) -> Iterator[None]:
    """Listen to chat for as long as the context lasts; without the secrets that it needs, say which is missing."""
    missing = app.missing_to_listen()
    if missing:
        _log.info("questions in chat are not answered: %s is not set", " and ".join(f"${name}" for name in missing))
        yield
        return
    listener = app.listener(Reception(_Host(app, store), store, app.chat))
    try:
        listener.start()
        yield
    finally:
        listener.close()
