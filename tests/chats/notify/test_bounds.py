"""A place that misbehaves: a post takes a bounded time, and reads a bounded size, whatever the server does."""

import gzip
import json
import resource
import socket
from collections.abc import Callable
from threading import Event, Thread
from threading import enumerate as enumerate_threads
from time import monotonic

import pytest
import requests

from bot.chats.notify.client import NotificationClient
from bot.chats.notify.transport import LARGEST
from bot.demo.recorded.server import Request, Response
from bot.services.ports import ChatDoubtful, ChatError
from tests.chats.notify.fakes import FakeMatrix, FakeMattermost
from tests.network.servers import ATTACKS, OK, Manner, Received, answering, serving

MESSAGE = json.dumps({"title": "", "body": "6 patch releases", "language": "text"})


@pytest.mark.parametrize("name", ["silence", "100 Continue for ever", "headers that drip", "a body that drips"])
def test_a_post_ends_in_time(name: str) -> None:
    manner: Manner = ATTACKS[name]
    with answering(manner) as server:
        place = NotificationClient("places.chat", "CHAT", server.url.replace("http", "json"), None, timeout=0.5)
        begun = monotonic()
        with pytest.raises(ChatError, match="did not answer in time"):
            place.post("chat", MESSAGE, "k3y")
        assert monotonic() - begun < 3


# Each is a service that sends in its own way.
ADDRESSES = ("mmost://{}/t0kent0kent0ken", "json://{}", "matrix://bot:secret@{}/!room:x", "ntfy://{}/topic")
PACKED = gzip.compress(b" " * (LARGEST + 1))
WITHOUT_END = {
    "a body": ATTACKS["a body without end"],
    "chunks": ATTACKS["chunks without end"],
    "100 Continue": ATTACKS["100 Continue without a pause"],
    "a small body that unpacks to a large one": Manner(
        OK + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(PACKED) + PACKED
    ),
}


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address.partition(":")[0])
@pytest.mark.parametrize("manner", WITHOUT_END.values(), ids=WITHOUT_END)
def test_an_answer_without_end_is_not_read(manner: Manner, address: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with answering(manner) as server:
        place = NotificationClient("places.chat", "CHAT", address.format(server.url.removeprefix("http://")), None)
        with pytest.raises(ChatDoubtful, match=r"the response of \w+ is too large or cannot be decompressed"):
            place.post("chat", MESSAGE, "k3y")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * LARGEST / 1024


def test_a_large_answer_within_the_bounds_is_taken(mattermost: FakeMattermost) -> None:
    mattermost.interceptor = lambda _: Response.text(200, " " * (LARGEST - 1), "text/plain")
    NotificationClient("places.chat", "CHAT", mattermost.address, None).post("chat", MESSAGE, "k3y")


def test_a_service_of_several_requests_is_taken_whole() -> None:
    with FakeMatrix() as server:
        NotificationClient("places.chat", "CHAT", f"matrix://bot:secret@{server.host}/!room:x", None).post(
            "chat", MESSAGE, "k3y"
        )
        assert len(server.taken) == 1


def test_what_another_thread_asks_meanwhile_is_not_bounded_by_it(mattermost: FakeMattermost) -> None:
    large = Response.text(200, " " * (LARGEST + 1), "text/plain")
    lengths: list[int] = []

    def elsewhere() -> None:
        lengths.append(len(requests.get(f"{mattermost.url}/elsewhere", timeout=10).content))

    def meanwhile(request: Request) -> Response | None:
        if request.path == "/elsewhere":
            return large
        thread = Thread(target=elsewhere)
        thread.start()
        thread.join()
        return None

    mattermost.interceptor = meanwhile
    NotificationClient("places.chat", "CHAT", mattermost.address, None).post("chat", MESSAGE, "k3y")
    assert lengths == [LARGEST + 1]
    assert len(mattermost.taken) == 1


@pytest.mark.parametrize("first", [b"", b"220 mail\r\n"])
def test_a_mail_server_that_answers_without_end_is_not_read(first: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with serving(saying(first, (b"250-" + b"x" * 4000 + b"\r\n") * 100, 0)) as server:
        assert post_mail(server.url, 10) < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * LARGEST / 1024


def test_a_mail_server_that_drips_is_left_in_time() -> None:
    with serving(saying(b"220 mail\r\n", b"250-x\r\n", 0.02)) as server:
        assert post_mail(server.url, 0.5) < 3
        # Nothing goes on in a thread that was left behind.
        assert all(has_ended(thread) for thread in enumerate_threads() if thread.name == "post chat")


def saying(first: bytes, again: bytes, every: float) -> Callable[[socket.socket, Event, Received], None]:
    """Speak at once, as mail servers do, and go on without end."""

    def talk(connection: socket.socket, done: Event, _received: Received) -> None:
        connection.settimeout(5)
        connection.sendall(first)
        while not done.wait(every):
            connection.sendall(again)

    return talk


def has_ended(thread: Thread) -> bool:
    thread.join(5)
    return not thread.is_alive()


def post_mail(url: str, timeout: float) -> float:
    """Post a mail that fails before it is sent, and give the seconds."""
    address = f"mailto://{url.removeprefix('http://')}?from=bot@example.org&to=dirac@example.org&mode=insecure"
    place = NotificationClient("places.chat", "CHAT", address, None, timeout=timeout)
    begun = monotonic()
    with pytest.raises(ChatError):
        place.post("chat", MESSAGE, "k3y")
    return monotonic() - begun
