"""Addresses at which no forge answers as one should."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from tests.network.servers import authority


@contextmanager
def nobody() -> Iterator[str]:
    """Yield an address at which nobody listens."""
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


@contextmanager
def hanging() -> Iterator[str]:
    """Take connections, and never answer."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def with_a_certificate_of_its_own() -> Iterator[str]:
    """Speak TLS with a certificate that no authority signed."""
    with TemporaryDirectory() as folder, closing(socket.create_server(("127.0.0.1", 0))) as listener:
        context = authority(Path(folder)).server
        done = Event()
        listener.settimeout(0.1)

        def serve() -> None:
            while not done.is_set():
                with suppress(OSError), listener.accept()[0] as connection:
                    context.wrap_socket(connection, server_side=True).close()

        thread = Thread(target=serve)
        thread.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            done.set()
            thread.join()
