"""The bot of the slide's day, listening to a homeserver of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.chats.inbox import Inbox
from bot.chats.matrix.api import MatrixApi
from bot.chats.matrix.client import MatrixClient
from bot.chats.matrix.listener import MatrixListener
from bot.chats.matrix.sync import Waits
from bot.chats.router import ChatRouter
from bot.store.store import Store
from tests.chats.hosts import SlideHost
from tests.chats.matrix.account import Account
from tests.chats.matrix.homeserver import Homeserver

CHAT = "matrix"


def client_of(server: Homeserver, bot: Account, *, timeout: float = 15) -> MatrixClient:
    return MatrixClient(bot.token, server.url, table="chats.matrix", timeout=timeout, is_listening=True)


@contextmanager
def listening(
    server: Homeserver,
    bot: Account,
    store: Store,
    host: SlideHost,
    *,
    keeps_refused: bool = True,
    poll: float = 2,
    first: float = 0.02,
) -> Iterator[MatrixListener]:
    """Listen as the worker does, with short polls; the context begins when the bot is connected."""
    inbox = Inbox(host, store, ChatRouter({CHAT: client_of(server, bot)}, {}))
    api = MatrixApi(bot.token, server.url, timeout=15)
    waits = Waits(first, poll)
    listener = MatrixListener(inbox, api, chat=CHAT, table="chats.matrix", keeps_refused=keeps_refused, waits=waits)
    listener.start()
    try:
        assert server.wait(lambda: listener.is_connected, 20)
        yield listener
    finally:
        listener.close()
