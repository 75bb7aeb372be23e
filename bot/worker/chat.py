"""The chat listeners of the worker, which answer messages by the current configuration."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.app import App, now
from bot.chats.inbox import Inbox
from bot.queries.base import QueryContext
from bot.queries.language.vocabulary import Vocabulary
from bot.services.digests import DigestOrder
from bot.watch_preview import ForgePreview
from bot.web.app import Mount

if TYPE_CHECKING:
    from bot.store.store import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Host:
    app: App
    store: "Store"

    def now(self) -> datetime:
        return now()

    def context(self, own: Sequence[str], *, is_maintainer: bool) -> QueryContext:
        now = self.app.as_of_now()
        return self.app.query_context(self.store, now, own=own, is_maintainer=is_maintainer, is_brief=True)

    def vocabulary(self) -> Vocabulary:
        return self.app.vocabulary()

    def preview(self) -> ForgePreview:
        return ForgePreview(self.app)

    def orders(self) -> Sequence[DigestOrder]:
        return self.app.orders(())

    def maintainers(self) -> frozenset[str]:
        return frozenset(self.app.settings.maintainers)


@contextmanager
def chatting(app: App, store: "Store") -> Iterator[Sequence[Mount]]:
    """Listen to the chats while the context lasts, and log the missing secrets of those that cannot be listened to.

    Yields the paths to serve for them over HTTP.
    """
    inbox = Inbox(_Host(app, store), store, app.chat)
    mounts: list[Mount] = []
    with ExitStack() as listening:
        for chat in app.chats.values():
            if missing := chat.missing_to_listen():
                names = " and ".join(f"${name}" for name in missing)
                _log.info("questions in chat are not answered: %s not set", names)
                continue
            listener = chat.listener(inbox)
            listening.callback(listener.close)
            listener.start()
            mounts += listener.mounts
        yield mounts
