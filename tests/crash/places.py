"""The forge, the Slack and the database that a worker is struck at: they say when a step is reached."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Timer

from bot.demo.recorded.server import Drop, Fault, Request, Response
from tests.chats.slack.fake_slack import FakeSlack
from tests.crash.worker import SHOWN, simulated

POST, HISTORY, CLOCK, DELETE = "/chat.postMessage", "/conversations.history", "/auth.test", "/chat.delete"
# Each step at which a worker is killed or stopped; those without a place come from the driver's own clock.
STARTING, WORKING = "while it starts", "at any moment"
ASKED, ANSWERED = "a forge is asked, and has not answered", "a forge has answered"
TIMED = "Slack has told its time: it claims the delivery, and connects"
UNTAKEN, TAKEN = "Slack has the message, and has not taken it", "Slack has taken the message, and not answered"
TOLD, LOOKED = "Slack has answered", "Slack is asked whether the message is there"
STEPS = (STARTING, WORKING, ASKED, ANSWERED, TIMED, UNTAKEN, TAKEN, TOLD, LOOKED)
# How soon after an answer the worker is struck, in seconds: while it reads it, or writes what it says.
_SOON = 0.03
# How often Slack takes a message and lets the connection go, or is too busy for it.
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


class DangerousSlack(FakeSlack):
    """A Slack at which workers are struck, and which at times takes a message and lets the connection go.

    Its history shows a message late. ``stood`` is how long each message stood that was deleted again, in real seconds.
    """

    def __init__(self, trap: Trap, clock: Callable[[], float]) -> None:
        super().__init__(socket_mode=False)
        self.trap = trap
        self.workspace.clock = clock
        self.workspace.shown_after = simulated(SHOWN).total_seconds()
        self.dropped = 0
        self.is_calm = False
        self.stood: list[float] = []
        self._taken_at: dict[str, float] = {}

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        if request.path == HISTORY and self.trap.reached(LOOKED):
            return Response(204), Drop()
        if request.path == POST:
            return self._post(request)
        if request.path == DELETE:
            return self._delete(request)
        answered = super().respond(request)
        if request.path == CLOCK:
            self.trap.reached(TIMED, later=True)
        return answered

    def _post(self, request: Request) -> tuple[Response, Fault | None]:
        if self.trap.reached(UNTAKEN):
            return Response(204), Drop()
        drawn = 1.0 if self.is_calm else self.trap.drawn.random()
        if drawn < _BUSY:
            return Response.json(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"}), None
        response, _ = super().respond(request)
        self._taken_at[self.messages[-1].ts] = time.monotonic()
        dropped = drawn < _BUSY + _DROPPED
        self.dropped += dropped
        if self.trap.reached(TAKEN) or dropped:
            return Response(204), Drop()
        self.trap.reached(TOLD, later=True)
        return response, None

    def _delete(self, request: Request) -> tuple[Response, Fault | None]:
        answered = super().respond(request)
        if self.workspace.deleted:
            taken_at = self._taken_at.pop(self.workspace.deleted[-1].ts, None)
            self.stood += [] if taken_at is None else [time.monotonic() - taken_at]
        return answered
