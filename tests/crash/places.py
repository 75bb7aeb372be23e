"""The forge and the Slack that a worker is killed at: they say when a step is reached."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Timer

from bot.recorded.server import Drop, Fault, Request, Response
from tests.slack.fake_slack import FakeSlack

POST, HISTORY = "/chat.postMessage", "/conversations.history"
# Each step at which a worker is killed; those without a place come from the driver's own clock.
STARTING, WORKING = "while it starts", "at any moment"
ASKED, ANSWERED = "a forge is asked, and has not answered", "a forge has answered"
UNTAKEN, TAKEN = "Slack has the message, and has not taken it", "Slack has taken the message, and not answered"
TOLD, LOOKED = "Slack has answered", "Slack is asked whether the message is there"
STEPS = (STARTING, WORKING, ASKED, ANSWERED, UNTAKEN, TAKEN, TOLD, LOOKED)
# How soon after an answer the worker dies, in seconds: while it reads it, or writes what it says.
_SOON = 0.03
# How often Slack takes a message and lets the connection go, or is too busy for it.
_DROPPED, _BUSY = 0.2, 0.1


@dataclass
class Trap:
    """A step that is waited for, and what happens there, once."""

    step: str = ""
    spring: Callable[[], None] = lambda: None
    skip: int = 0
    drawn: random.Random = field(default_factory=random.Random)

    def reached(self, step: str, *, later: bool = False) -> bool:
        """Spring at the step that is waited for, after ``skip`` times; ``later`` is a moment after the answer."""
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
        return True

    def at_the_forge(self, _request: Request) -> None:
        """Look at a request to the forge; it is answered as ever."""
        self.reached(ASKED)
        self.reached(ANSWERED, later=True)


class DangerousSlack(FakeSlack):
    """A Slack at which workers die, and which at times takes a message and lets the connection go."""

    def __init__(self, trap: Trap, clock: Callable[[], float]) -> None:
        super().__init__(socket_mode=False)
        self.trap = trap
        self.workspace.clock = clock
        self.dropped = 0
        self.is_calm = False

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        if request.path == HISTORY and self.trap.reached(LOOKED):
            return Response(204), Drop()
        return self._post(request) if request.path == POST else super().respond(request)

    def _post(self, request: Request) -> tuple[Response, Fault | None]:
        if self.trap.reached(UNTAKEN):
            return Response(204), Drop()
        drawn = 1.0 if self.is_calm else self.trap.drawn.random()
        if drawn < _BUSY:
            return Response.json(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"}), None
        response, _ = super().respond(request)
        dropped = drawn < _BUSY + _DROPPED
        self.dropped += dropped
        if self.trap.reached(TAKEN) or dropped:
            return Response(204), Drop()
        self.trap.reached(TOLD, later=True)
        return response, None
