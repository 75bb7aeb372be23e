"""A certificate authority of one's own: trusted by ca_file and the environment, and named where it is missing."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.chats.notify.client import NotificationClient
from bot.domain.digests.delivery import Posted
from bot.domain.errors import UsageError
from bot.network import certificates
from bot.services.ports import ChatDoubtful, ChatUnavailable
from tests.chats.notify.test_bounds import MESSAGE
from tests.network.servers import Authority, Manner, answering, authority, serving

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"
TOKEN = "t0kent0kent0ken"
UNTRUSTED = "cannot reach Mattermost: its TLS certificate is not trusted (self-signed certificate)"


@dataclass
class Place:
    """A Mattermost behind an authority of one's own."""

    own: Authority
    host: str
    received: bytearray

    def post(self, ca_file: Path | None = None, more: str = "") -> Posted:
        address = f"mmosts://{self.host}/{TOKEN}{more}"
        return NotificationClient("places.chat", "CHAT_URL", address, None, ca_file=ca_file).post("chat", MESSAGE, "k")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    own = authority(tmp_path)
    with answering(Manner(OK, every=9), own.server) as server:
        yield Place(own, server.url.removeprefix("https://"), server.data)


@pytest.fixture
def fresh() -> Iterator[None]:
    """Forget what the environment named before, and after."""
    certificates._context.cache_clear()
    yield
    certificates._context.cache_clear()


def test_a_place_is_trusted_by_ca_file(place: Place) -> None:
    assert place.post(place.own.file) == Posted("chat", "k")
    assert place.received.count(TOKEN.encode()) == 1


def test_without_it_the_error_names_the_certificate_and_the_key(place: Place) -> None:
    with pytest.raises(ChatUnavailable) as raised:
        place.post()
    assert raised.value.what == UNTRUSTED
    hint = "set ca_file in [places.chat] to the certificate of the authority (CA) that signed it"
    assert raised.value.hint == hint
    assert place.received == b""


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_what_the_environment_names_is_trusted_too(
    place: Place, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(place.own.file))
    assert place.post() == Posted("chat", "k")


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_an_address_that_asks_for_no_check_has_none_and_leaves_the_others_theirs(place: Place) -> None:
    assert place.post(more="?verify=no") == Posted("chat", "k")
    with pytest.raises(ChatUnavailable):
        place.post()


def test_what_no_authority_mends_has_another_hint(tmp_path: Path) -> None:
    own = authority(tmp_path, days=-1)
    with answering(Manner(OK, every=9), own.server) as server:
        expired = Place(own, server.url.removeprefix("https://"), server.data)
        with pytest.raises(ChatUnavailable) as raised:
            expired.post(own.file)
    assert "(certificate has expired)" in raised.value.what
    assert raised.value.hint == "renew the server's certificate, or check the host in $CHAT_URL"


def mail_at(host: str, more: str, ca_file: Path | None = None) -> NotificationClient:
    address = f"mailtos://{host}?from=bot@example.org&to=dirac@example.org&{more}"
    return NotificationClient("places.mail", "MAIL_URL", address, None, ca_file=ca_file)


@pytest.mark.parametrize("mode", ["ssl", "starttls"])
def test_a_mail_server_is_trusted_by_ca_file_alone(tmp_path: Path, mode: str) -> None:
    own = authority(tmp_path)

    def refuse(connection: socket.socket) -> None:
        for _ in range(9):
            connection.recv(999)
            connection.sendall(b"554 not you\r\n")

    def talk(connection: socket.socket, *_: object) -> None:
        if mode == "ssl":
            connection.sendall(b"220 mail\r\n")
            refuse(connection)
            return
        for line in (b"220 mail\r\n", b"250-mail\r\n250 STARTTLS\r\n"):
            connection.sendall(line)
            connection.recv(999)
        connection.sendall(b"220 go on\r\n")
        with own.server.wrap_socket(connection, server_side=True) as spoken:
            refuse(spoken)

    with serving(talk, own.server if mode == "ssl" else None) as server:
        host = server.url.partition("://")[2]
        with pytest.raises(ChatUnavailable, match="certificate is not trusted") as raised:
            mail_at(host, f"mode={mode}").post("mail", MESSAGE, "k")
        assert raised.value.hint.startswith("set ca_file in [places.mail] to the certificate")
        for place in (mail_at(host, f"mode={mode}", own.file), mail_at(host, f"mode={mode}&verify=no")):
            with pytest.raises(ChatDoubtful, match="the mail server answered 554"):
                place.post("mail", MESSAGE, "k")


def test_a_service_that_cannot_be_told_of_authorities_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"places\.chat\.ca_file: Syslog uses neither HTTP nor mail, .*; remove ca_file"
    ):
        NotificationClient("places.chat", "CHAT_URL", "syslog://", None, ca_file=authority(tmp_path).file)
