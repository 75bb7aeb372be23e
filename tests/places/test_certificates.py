"""A certificate authority of one's own: trusted by ca_file and the environment, and named where it is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.errors import UsageError
from bot.network import certificates
from bot.places.place import ApprisePlace
from bot.services.ports import ChatError, ChatUnavailable, Posted
from tests.network.servers import Authority, Manner, answering, authority, serving
from tests.places.test_bounds import MESSAGE

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"
TOKEN = "t0kent0kent0ken"
UNTRUSTED = "Mattermost cannot be reached: its TLS certificate is not trusted (self-signed certificate)"


@dataclass
class Place:
    """A Mattermost behind an authority of one's own."""

    own: Authority
    host: str
    received: bytearray

    def post(self, ca_file: Path | None = None, more: str = "") -> Posted:
        address = f"mmosts://{self.host}/{TOKEN}{more}"
        return ApprisePlace("places.chat", "CHAT_URL", address, None, ca_file=ca_file).post("chat", MESSAGE, "k")


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
    hint = "name the file of the certificate authority (CA) that signed it: ca_file in [places.chat]"
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
    assert raised.value.hint == "have the server's certificate renewed, or check the host in $CHAT_URL"


def mail_over_tls(host: str, ca_file: Path | None = None) -> ApprisePlace:
    address = f"mailtos://{host}?from=bot@example.org&to=dirac@example.org&mode=ssl"
    return ApprisePlace("places.mail", "MAIL_URL", address, None, ca_file=ca_file)


def test_mail_goes_by_the_environment_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = authority(tmp_path)
    with serving(lambda connection, *_: connection.sendall(b"554 go away\r\n"), own.server) as server:
        host = server.url.removeprefix("https://")
        with pytest.raises(UsageError, match=r"places\.mail\.ca_file: .* over HTTP, .*; take it out, and name"):
            mail_over_tls(host, own.file)
        with pytest.raises(ChatUnavailable, match="certificate is not trusted") as raised:
            mail_over_tls(host).post("mail", MESSAGE, "k")
        assert raised.value.hint.endswith("that signed it: $SSL_CERT_FILE")
        monkeypatch.setenv("SSL_CERT_FILE", str(own.file))
        with pytest.raises(ChatError, match="the mail server did not take it"):
            mail_over_tls(host).post("mail", MESSAGE, "k")
