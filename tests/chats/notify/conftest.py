"""Real Apprise before places on loopback."""

import json
from collections.abc import Iterator
from threading import Event

import pytest

from bot.chats.notify.client import NotificationClient
from bot.domain.digests.delivery import Posted
from bot.domain.digests.digest import Digest
from bot.services.ports import ChatError
from tests.chats.notify.servers import mail, mattermost

__all__ = ["mail", "mattermost"]

# What a socket that broke off leaves to the garbage collector is the libraries'.
SHORT = "cto=0.3&rto=0.3"


@pytest.fixture
def released() -> Iterator[Event]:
    """An event that lets a silent server go on when the test is over."""
    event = Event()
    yield event
    event.set()


def place_at(address: str, language: str | None = None) -> NotificationClient:
    return NotificationClient("places.chat", "CHAT_URL", address, language)


def posted(place: NotificationClient, digest: Digest) -> Posted:
    return place.post("chat", place.freeze("chat", digest).message, "k3y")


def failing(place: NotificationClient, body: str = "6 patch releases") -> ChatError:
    """Post a text that fails, and give how."""
    with pytest.raises(ChatError) as raised:
        place.post("chat", json.dumps({"title": "", "body": body, "language": "text"}), "k3y")
    return raised.value
