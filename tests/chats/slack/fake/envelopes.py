"""What travels over the web socket of Socket Mode, and what comes back."""

import json
from dataclasses import dataclass
from typing import Any

from websockets.sync.server import ServerConnection

EVENT, COMMAND, INTERACTION = "events_api", "slash_commands", "interactive"


@dataclass(frozen=True)
class Acknowledgement:
    """What an envelope was acknowledged with, and how many seconds after it was sent."""

    payload: dict[str, Any] | None
    seconds: float


@dataclass
class Envelope:
    """One payload on its way, delivered ``attempt`` times before; ``connection`` is what it was last sent over."""

    id: str
    kind: str
    payload: dict[str, Any]
    attempt: int = 0
    acknowledged: Acknowledgement | None = None
    sent: float = 0.0
    connection: ServerConnection | None = None

    def again(self, number: int) -> "Envelope":
        """Return the same event in an envelope of its own; Slack sends nothing else again."""
        if self.kind != EVENT:
            raise ValueError("Slack sends only events again")
        return Envelope(f"envelope-{number:05d}", EVENT, self.payload, self.attempt + 1)

    def written(self) -> str:
        """Write the envelope as it is sent; only events say how often they were sent before."""
        retry = {"retry_attempt": self.attempt, "retry_reason": "timeout" if self.attempt else ""}
        return json.dumps(
            {
                "envelope_id": self.id,
                "type": self.kind,
                "payload": self.payload,
                "accepts_response_payload": self.kind == COMMAND,
                **(retry if self.kind == EVENT else {}),
            }
        )
