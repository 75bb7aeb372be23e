"""The bot of the slide's day, listening to the Slack of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.chats.inbox import Inbox
from bot.chats.router import ChatRouter
from bot.chats.slack.client import SlackClient
from bot.chats.slack.listener import make_listener
from bot.chats.slack.socket_mode import SocketListener, Waits
from bot.store.store import Store
from tests.chats.hosts import COMDIRAC, DIRAC, PLAN, SLIDE, SlideHost
from tests.chats.slack.fake_slack import APP_TOKEN, TOKEN, FakeSlack

__all__ = ["COMDIRAC", "DIRAC", "PLAN", "SLIDE", "SlideHost", "inbox_of", "listening"]


def inbox_of(slack: FakeSlack, store: Store) -> Inbox:
    return Inbox(SlideHost(store), store, ChatRouter({"slack": SlackClient(TOKEN, slack.url, is_listening=True)}, {}))


@contextmanager
def listening(
    slack: FakeSlack, store: Store, *, app_token: str = APP_TOKEN, ping: float = 5, keeps_refused: bool = True
) -> Iterator[SocketListener]:
    """Listen as the worker does."""
    app, threads = make_listener(inbox_of(slack, store), TOKEN, slack.url, keeps_refused=keeps_refused)
    listener = SocketListener(app, threads, app_token, waits=Waits(0.02, ping))
    listener.start()
    try:
        yield listener
    finally:
        listener.close()
