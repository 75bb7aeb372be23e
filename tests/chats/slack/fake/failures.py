"""How a request to the Slack of the tests goes wrong."""

from dataclasses import dataclass

from bot.demo.recorded.server import Drop, Fault, Response


@dataclass
class Failure:
    """How a request goes wrong; ``taken`` says whether the message was taken all the same.

    ``path`` names the method that it is for, as ``/apps.connections.open``.
    """

    answer: Response | Fault
    taken: bool = False
    path: str | None = None


def rate_limited(seconds: int, path: str | None = None) -> Failure:
    """Let Slack ask to wait."""
    return Failure(Response.json(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(seconds)}), path=path)


DROPPED, DROPPED_AFTER_TAKING = Failure(Drop()), Failure(Drop(), taken=True, path="/chat.postMessage")
