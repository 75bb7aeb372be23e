"""The forge and the chats that a worker is struck at: they say when a step is reached."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Timer
from urllib.parse import unquote

from bot.chats.matrix.client import DELIVERY as IN_MATRIX
from bot.chats.mattermost.client import DELIVERY
from bot.demo.recorded.server import Drop, Fault, Request, Response
from tests.chats.matrix.fake_matrix import FakeMatrix
from tests.chats.mattermost.fake_mattermost import POSTS, FakeMattermost
from tests.chats.slack.fake_slack import FakeSlack
from tests.crash.worker import SHOWN, simulated

POST, HISTORY, CLOCK, DELETE = "/chat.postMessage", "/conversations.history", "/auth.test", "/chat.delete"
# Each step at which a worker is killed or stopped; those without a place come from the driver's own clock.
STARTING, WORKING = "while it starts", "at any moment"
ASKED, ANSWERED = "a forge is asked, and has not answered", "a forge has answered"
TIMED = "a chat has told its time: it claims the delivery, and connects"
UNTAKEN, TAKEN = "a chat has the message, and has not taken it", "a chat has taken the message, and not answered"
TOLD, LOOKED = "a chat has answered", "a chat is asked whether the message is there"
STEPS = (STARTING, WORKING, ASKED, ANSWERED, TIMED, UNTAKEN, TAKEN, TOLD, LOOKED)
# How soon after an answer the worker is struck, in seconds: while it reads it, or writes what it says.
_SOON = 0.03
# How often a chat takes a message and lets the connection go, or is too busy for it.
_DROPPED, _BUSY = 0.2, 0.1


@dataclass
class Trap:
    """A step that is waited for, and what happens there, once.

    ``is_deadly`` says that the worker is gone then, and no answer of use to it.
    """

    step: str = ""
    spring: Callable[[], None] = lambda: None
    skip: int = 0
    is_deadly: bool = True
    drawn: random.Random = field(default_factory=random.Random)

    def reached(self, step: str, *, later: bool = False) -> bool:
        """Spring at the step that is waited for, after ``skip`` times; ``later`` is a moment after the answer.

        Returns whether the connection ends with the worker.
        """
        if step != self.step:
            return False
        self.skip -= 1
        if self.skip >= 0:
            return False
        self.step = ""
        if later:
            Timer(self.drawn.random() * _SOON, self.spring).start()
        else:
            self.spring()
        return self.is_deadly

    def at_the_forge(self, _request: Request) -> None:
        """Look at a request to the forge; it is answered as ever."""
        self.reached(ASKED)
        self.reached(ANSWERED, later=True)


@dataclass
class Danger:
    """What goes wrong at a chat: workers are struck, and at times a message is taken and the connection let go.

    ``stood`` is how long each message stood that was deleted again, in real seconds.
    """

    trap: Trap
    dropped: int = 0
    is_calm: bool = False
    stood: list[float] = field(default_factory=list)
    taken_at: dict[str, float] = field(default_factory=dict)

    def post(
        self, busy: Response, take: Callable[[], Response], newest: Callable[[], str]
    ) -> tuple[Response, Fault | None]:
        """Let a message be posted by ``take``, or go wrong; ``newest`` gives the id of the last one that was taken."""
        if self.trap.reached(UNTAKEN):
            return Response(204), Drop()
        drawn = 1.0 if self.is_calm else self.trap.drawn.random()
        if drawn < _BUSY:
            return busy, None
        response = take()
        self.taken_at[newest()] = time.monotonic()
        dropped = drawn < _BUSY + _DROPPED
        self.dropped += dropped
        if self.trap.reached(TAKEN) or dropped:
            return Response(204), Drop()
        self.trap.reached(TOLD, later=True)
        return response, None

    def deleted(self, message: str) -> None:
        """Record how long a message stood."""
        taken_at = self.taken_at.pop(message, None)
        self.stood += [] if taken_at is None else [time.monotonic() - taken_at]


class DangerousSlack(FakeSlack):
    """A Slack at which workers are struck; its history shows a message late."""

    def __init__(self, danger: Danger, clock: Callable[[], float]) -> None:
        super().__init__(socket_mode=False)
        self.danger = danger
        self.workspace.clock = clock
        self.workspace.shown_after = simulated(SHOWN).total_seconds()

    @property
    def delivered(self) -> list[tuple[str, str]]:
        """The key of each delivery that it took, and all that it shows."""
        told = [each for each in self.messages if each.metadata]
        return [(str(e.metadata["event_payload"]["delivery"]), f"{e.text} {e.blocks}") for e in told]

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        answer = super().respond
        if request.path == HISTORY and self.danger.trap.reached(LOOKED):
            return Response(204), Drop()
        if request.path == POST:
            busy = Response.json(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"})
            return self.danger.post(busy, lambda: answer(request)[0], lambda: self.messages[-1].ts)
        answered = answer(request)
        if request.path == DELETE and self.workspace.deleted:
            self.danger.deleted(self.workspace.deleted[-1].ts)
        if request.path == CLOCK:
            self.danger.trap.reached(TIMED, later=True)
        return answered


class DangerousMattermost(FakeMattermost):
    """A Mattermost at which workers are struck; its lists of posts show one late."""

    def __init__(self, danger: Danger, clock: Callable[[], float]) -> None:
        super().__init__()
        self.danger = danger
        self.state.clock = clock
        self.state.shown_after = simulated(SHOWN).total_seconds()

    @property
    def delivered(self) -> list[tuple[str, str]]:
        """The key of each delivery that it took, and all that it shows."""
        return [(each.props[DELIVERY], each.message) for each in self.messages if DELIVERY in each.props]

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        answer = super().respond
        if request.method == "GET" and request.path.endswith("/posts") and self.danger.trap.reached(LOOKED):
            return Response(204), Drop()
        if (request.method, request.path) == ("POST", POSTS):
            busy = Response(429, {"content-type": "text/plain", "Retry-After": "1"}, b"limit exceeded")
            return self.danger.post(busy, lambda: answer(request)[0], lambda: self.messages[-1].id)
        answered = answer(request)
        if request.method == "DELETE":
            self.danger.deleted(request.path.rpartition("/")[2])
        if request.path.endswith("/system/ping"):
            self.danger.trap.reached(TIMED, later=True)
        return answered


class DangerousMatrix(FakeMatrix):
    """A homeserver at which workers are struck; ``room`` is one that the bot is in."""

    def __init__(self, danger: Danger, clock: Callable[[], float]) -> None:
        super().__init__()
        self.danger = danger
        self.rooms.clock = clock
        self.bot, self.token = self.rooms.account("release-bot")
        with self.rooms.changed:
            self.room = self.rooms.create(self.bot).id

    @property
    def delivered(self) -> list[tuple[str, str]]:
        """The key of each delivery that it took, and all that it shows."""
        contents = [each["content"] for _, each in self.rooms.rooms[self.room].events]
        return [(each[IN_MATRIX], each["formatted_body"]) for each in contents if IN_MATRIX in each]

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        answer = super().respond
        if request.path.endswith("/messages") and self.danger.trap.reached(LOOKED):
            return Response(204), Drop()
        if "/send/" in request.path:
            busy = Response.json(429, {"errcode": "M_LIMIT_EXCEEDED", "error": "busy", "retry_after_ms": 1000})
            return self.danger.post(busy, lambda: answer(request)[0], self._newest)
        answered = answer(request)
        if "/redact/" in request.path:
            self.danger.deleted(unquote(request.path.split("/")[-2]))
        if request.path.endswith("/versions"):
            self.danger.trap.reached(TIMED, later=True)
        return answered

    def _newest(self) -> str:
        return str(self.rooms.rooms[self.room].events[-1][1]["event_id"])
