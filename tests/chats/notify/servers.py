"""Fixtures of places on loopback, for every test that posts to one."""

from collections.abc import Iterator

import pytest

from tests.chats.notify.fakes import FakeMattermost
from tests.chats.notify.mail import FakeMailServer


@pytest.fixture
def mattermost() -> Iterator[FakeMattermost]:
    with FakeMattermost() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[FakeMailServer]:
    with FakeMailServer() as server:
        yield server
