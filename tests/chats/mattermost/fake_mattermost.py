"""A Mattermost on loopback: takes what Mattermost takes, refuses what it refuses, and fails when told to.

REST and the web socket are at one address, as ever, which may have a path; ``fake/`` holds the parts.

    with FakeMattermost() as mattermost:
        ...                                     # the bot connects with TOKEN and mattermost.address
        mattermost.socket.wait()
        post = mattermost.say(mattermost.asker, mattermost.channel, "@release-bot latest v7r1")
        mattermost.wait(lambda: mattermost.answers_to(post))
"""

import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import requests
from websockets.sync.server import Server, serve

from bot.demo.recorded.server import Fault, LoopbackServer, Request, Response
from tests.chats.mattermost.fake.rest import RestApi
from tests.chats.mattermost.fake.socket import SocketApi
from tests.chats.mattermost.fake.state import Channel, Post, State, User
from tests.chats.slack.fake.failures import Failure

TOKEN, COMMAND_TOKEN = "mm-t0ken-of-the-bot", "mm-t0ken-of-the-command"
# Where the bot says that it is served; the fake finds it on loopback.
PUBLIC = "https://release-bot.example.org"
POSTS = "/api/v4/posts"
_HEAD = 4_096


class FakeMattermost(LoopbackServer):
    """A server with a team, a public and a private channel, people, and bots."""

    def __init__(self, path: str = "") -> None:
        super().__init__()
        self.path = path
        self.state = State()
        self.socket = SocketApi(self.state)
        self.state.posted, self.state.told = self.socket.posted, self.socket.told
        self.bot = self.state.add_user("release-bot", is_bot=True, token=TOKEN)
        self.other_bot = self.state.add_user("weather-bot", is_bot=True, token="another")
        self.asker = self.state.add_user("asker", token="askers")
        self.maintainer = self.state.add_user("jdoe", token="jdoes")
        self.guest = self.state.add_user("visitor", roles="system_guest", token="visitors")
        people = (self.bot, self.other_bot, self.asker, self.maintainer, self.guest)
        self.channel = self.state.add_channel("releases", *people)
        self.private = self.state.add_channel("board", self.bot, self.asker, kind="P")
        self.elsewhere = self.state.add_channel("party", self.asker)
        # How many more requests are taken in this second; None: any number.
        self.allowance: int | None = None
        # Where the bot's own web application is reached.
        self.bot_address = ""
        self.ephemerals: list[tuple[User, dict[str, Any]]] = []
        self._api = RestApi(self.state, self.press)
        self._failures: deque[Failure] = deque()
        self._front = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.address = f"http://127.0.0.1:{self._front.getsockname()[1]}{path}"
        self._sockets: Server | None = None

    def __enter__(self) -> Self:
        self._sockets = serve(self.socket.serve, "127.0.0.1", 0, compression=None, ping_interval=None, close_timeout=1)
        for serving in (self._sockets.serve_forever, self._accept):
            Thread(target=serving, daemon=True).start()
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._front.shutdown(socket.SHUT_RDWR)
        self._front.close()
        self.socket.drop()
        assert self._sockets is not None
        self._sockets.shutdown()
        super().__exit__(kind, error, trace)

    def _accept(self) -> None:
        """Hand each connection to the server that its request is for."""
        while True:
            try:
                connection, address = self._front.accept()
            except OSError:
                return
            Thread(target=self._hand_on, args=(connection, address), daemon=True).start()

    def _hand_on(self, connection: socket.socket, address: Any) -> None:
        head = b""
        with suppress(OSError):
            connection.settimeout(20)
            while b"\r\n" not in head:
                seen = connection.recv(_HEAD, socket.MSG_PEEK)
                if seen == head:
                    connection.close()
                    return
                head = seen
            connection.settimeout(None)
            if head.startswith(f"GET {self.path}/api/v4/websocket".encode()):
                assert self._sockets is not None
                self._sockets.handler(connection, address)
            else:
                self._server.process_request(connection, address)

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        if self.allowance is not None:
            if not self.allowance:
                self.requests.append(request)
                return _limited(), None
            self.allowance -= 1
        path = request.path.removeprefix(self.path)
        failure = next((each for each in self._failures if each.path in {None, f"{request.method} {path}"}), None)
        if failure is None:
            return super().respond(request)
        self._failures.remove(failure)
        self.requests.append(request)
        if failure.taken:
            self.answer(request)
        if isinstance(failure.answer, Response):
            return failure.answer, None
        return Response.json(201, {"id": ""}), failure.answer

    def answer(self, request: Request) -> Response:
        if not request.path.startswith(f"{self.path}/"):
            return Response.text(404, "<html>no Mattermost here</html>")
        return self._api.answer(request, request.path.removeprefix(self.path))

    def fail_next(self, *failures: Failure) -> None:
        """Let the next requests go wrong; each failure's ``path``, METHOD PATH, says which; without one, any."""
        self._failures.extend(failures)

    @property
    def messages(self) -> list[Post]:
        """What the bot posted, oldest first."""
        return [each for each in self.state.posts if each.user == self.bot.id and not each.deleted_at]

    def wait(self, is_so: Callable[[], Any], seconds: float = 20) -> bool:
        """Wait until something is so."""
        return self.state.wait(lambda: bool(is_so()), seconds)

    def say(self, who: User, channel: Channel, text: str, root: str = "") -> Post:
        """Post something as somebody."""
        return self.state.add(who.id, channel.id, text, root)

    def direct(self, who: User) -> Channel:
        """Return the direct messages of somebody and the bot."""
        return self.state.direct(who.id, self.bot.id)

    def answers_to(self, post: Post) -> list[Post]:
        """Return what the bot posted since, in the thread of a post or beside it in direct messages."""
        later = [each for each in self.messages if each.channel == post.channel and each.at > post.at]
        is_direct = self.state.channels[post.channel].kind == "D"
        return [e for e in later if e.root == (post.root or post.id) or (is_direct and e.root == post.root)]

    def press(self, post: Post, action: str, user: User) -> None:
        """Press a button: Mattermost calls the address that the button was posted with."""
        self.pressed(post.props["attachments"], action, user, post.channel, post.id)

    def pressed(
        self, attachments: list[dict[str, Any]], action: str, user: User, channel: str, under: str
    ) -> requests.Response:
        """Press a button of attachments, and take what the bot says to who pressed it."""
        found = next(each for part in attachments for each in part["actions"] if each["id"] == action)
        held = self.state.channels[channel]
        asked = {
            "user_id": user.id,
            "user_name": user.name,
            "channel_id": channel,
            "channel_name": held.name,
            "team_id": held.shown()["team_id"],
            "team_domain": held.team,
            "post_id": under,
            "trigger_id": f"trigger{self.state.number():050d}",
            "type": "",
            "data_source": "",
            "context": found["integration"]["context"],
        }
        response = requests.post(self._to_bot(found["integration"]["url"]), json=asked, timeout=20)
        if response.ok and (text := response.json().get("ephemeral_text")):
            self._show(user, {"text": text})
        return response

    def command(self, user: User, text: str, channel: Channel | None = None, token: str = COMMAND_TOKEN) -> Any:
        """Give the slash command, and return what the bot responds."""
        held = channel or self.channel
        form = {
            "channel_id": held.id,
            "channel_name": held.name,
            "command": "/releases",
            "response_url": f"{self.address}/hooks/commands/xyz",
            "team_domain": held.team,
            "team_id": held.shown()["team_id"],
            "text": text,
            "token": token,
            "trigger_id": f"trigger{self.state.number():050d}",
            "user_id": user.id,
            "user_name": user.name,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Token {token}"}
        address = self._to_bot(f"{PUBLIC}/chats/cern/command")
        response = requests.post(address, data=urlencode(form), headers=headers, timeout=20)
        if response.ok and response.json().get("text"):
            self._show(user, response.json())
        return response

    def _show(self, user: User, told: dict[str, Any]) -> None:
        with self.state.changed:
            self.ephemerals.append((user, told))
            self.state.changed.notify_all()

    def _to_bot(self, url: str) -> str:
        assert url.startswith(PUBLIC), url
        return url.replace(PUBLIC, self.bot_address)


def _limited() -> Response:
    headers = {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1", "Retry-After": "1"}
    return Response(429, {"content-type": "text/plain; charset=utf-8", **headers}, b"limit exceeded\n")
