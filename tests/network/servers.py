"""Servers on loopback that answer as no server should, and what they were sent."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Manner:
    """What is sent to whoever asks: at first, and then ``again`` every so many seconds, without end."""

    first: bytes = b""
    again: bytes = b""
    every: float = 0.02


# What a bounded exchange has to survive, by name.
ATTACKS = {
    "silence": Manner(),
    "100 Continue for ever": Manner(again=b"HTTP/1.1 100 Continue\r\n\r\n"),
    "100 Continue, each slowly": Manner(b"HTTP/1.1 100 Con", b"", 9),
    "a status line that drips": Manner(again=b"H"),
    "a header that drips": Manner(OK + b"x: ", b"y"),
    "headers that drip": Manner(OK, b"x: y\r\n"),
    "a body that drips": Manner(OK + b"content-length: 1000000\r\n\r\n", b" "),
    "chunks that drip": Manner(CHUNKED, b"1\r\n \r\n"),
    "100 Continue without a pause": Manner(again=b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, every=0),
    "a body without end": Manner(OK + b"\r\n", b" " * 65_536, 0),
    "chunks without end": Manner(CHUNKED, b"ffff\r\n" + b" " * 65_535 + b"\r\n", 0),
}


@dataclass
class Received:
    """Where a server listens, and all that it was sent."""

    url: str
    data: bytearray = field(default_factory=bytearray)


@contextmanager
def answering(manner: Manner, tls: ssl.SSLContext | None = None) -> Iterator[Received]:
    """Answer every connection in the same manner."""

    def talk(connection: socket.socket, done: Event, received: Received) -> None:
        connection.settimeout(5)
        received.data += connection.recv(65_536)
        connection.sendall(manner.first)
        while not done.wait(manner.every):
            connection.sendall(manner.again)

    with serving(talk, tls) as received:
        yield received


@contextmanager
def serving(
    talk: Callable[[socket.socket, Event, Received], None], tls: ssl.SSLContext | None = None
) -> Iterator[Received]:
    """Let every connection be talked to in a thread of its own, until the end."""
    done = Event()
    threads: list[Thread] = []

    def one(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            spoken = tls.wrap_socket(connection, server_side=True) if tls else connection
            with spoken:
                talk(spoken, done, received)

    def accept() -> None:
        while not done.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                threads.append(Thread(target=one, args=(connection,)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        received = Received(f"http{'s' if tls else ''}://127.0.0.1:{listener.getsockname()[1]}")
        accepting = Thread(target=accept)
        accepting.start()
        try:
            yield received
        finally:
            done.set()
            accepting.join()
            for thread in threads:
                thread.join()


@dataclass(frozen=True)
class Authority:
    """A certificate that vouches for itself: a server has it, and who trusts ``file`` trusts the server."""

    file: Path
    server: ssl.SSLContext


def authority(folder: Path, *, host: str = "127.0.0.1", days: int = 1) -> Authority:
    """Make a certificate authority of one's own in a folder, and what a server on a host speaks TLS with."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)  # noqa: TID251 - TLS looks at the machine's clock
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    public = made.public_bytes(Encoding.PEM)
    file, both = folder / "ca.pem", folder / "server.pem"
    file.write_bytes(public)
    both.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + public)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return Authority(file, context)
