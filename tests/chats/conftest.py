"""Synapse, for the tests that are marked as needing it."""

import socket
from collections.abc import Iterator

import pytest

from tests.chats.matrix.synapse import Synapse


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Synapse(tmp_path_factory.mktemp("synapse"), port) as server:
        yield server
