"""The bot of the slide's day, listening to the Mattermost of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.chats.inbox import Inbox
from bot.chats.mattermost.chat import MattermostChat
from bot.chats.router import ChatRouter
from bot.config.chats import ChatSettings, MattermostChatTable
from bot.config.fields import SocketAddress
from bot.services.ports import ChatClient
from bot.store.store import Store
from bot.web.app import served
from tests.chats.hosts import SlideHost
from tests.chats.mattermost.fake_mattermost import COMMAND_TOKEN, PUBLIC, TOKEN, FakeMattermost

NAME = "cern"
SECRETS = {"MATTERMOST_TOKEN": TOKEN, "COMMAND_TOKEN": COMMAND_TOKEN}
CHANNEL_NAME = "diracx/releases"


def settings(
    mattermost: FakeMattermost, *, is_served: bool = True, ca_file: Path | None = None, **more: object
) -> ChatSettings:
    """The bot's settings of the chat, with the slash command and buttons where it is served."""
    commands = {"command_token_env": "COMMAND_TOKEN"} if is_served else {}
    table = {"kind": "mattermost", "base_url": mattermost.address, "maintainers": ["jdoe"], **commands, **more}
    return ChatSettings(
        NAME,
        "mattermost",
        f"chats.{NAME}",
        MattermostChatTable.model_validate(table),
        ca_file,
        SocketAddress("127.0.0.1", 0) if is_served else None,
        PUBLIC if is_served else "",
    )


def chat_of(mattermost: FakeMattermost, *, is_served: bool = True) -> MattermostChat:
    return MattermostChat(settings(mattermost, is_served=is_served), SECRETS.get)


def client_of(mattermost: FakeMattermost) -> ChatClient:
    client = chat_of(mattermost).client
    assert not isinstance(client, Exception)
    return client


@contextmanager
def listening(mattermost: FakeMattermost, store: Store, *, is_served: bool = True) -> Iterator[None]:
    """Listen as the worker does, with what is served on a port of loopback."""
    host = SlideHost(store, people=frozenset({f"{NAME}:jdoe"}), channel=f"{NAME}:{CHANNEL_NAME}")
    chat = chat_of(mattermost, is_served=is_served)
    inbox = Inbox(host, store, ChatRouter({NAME: client_of(mattermost)}, {}))
    listener = chat.listener(inbox)
    greeted = mattermost.socket.accepted + 1
    with served(listener.mounts) as ports:
        mattermost.bot_address = f"http://127.0.0.1:{ports.get('web.address', 0)}"
        listener.start()
        try:
            mattermost.socket.wait(greeted)
            yield
        finally:
            listener.close()
