"""Invitations that could not be answered, and when each is tried again."""

import time
from threading import Lock

from bot.chats.matrix.rooms import Invite

# The longest delay between two tries, in seconds.
_LONGEST_WAIT = 600.0


class InviteRetries:
    """Invitations to retry with exponential backoff; ``first`` is the first delay in seconds. Thread-safe."""

    def __init__(self, first: float) -> None:
        self._first = first
        self._lock = Lock()
        self._waits: dict[str, float] = {}
        self._due: dict[str, tuple[float, Invite]] = {}

    def add(self, invite: Invite, least: float | None) -> float:
        """Retry an invitation later, not before ``least`` seconds; return the delay in seconds."""
        with self._lock:
            wait = self._waits.get(invite.room, self._first)
            self._waits[invite.room] = min(2 * wait, _LONGEST_WAIT)
            wait = max(wait, least or 0.0)
            self._due[invite.room] = (time.monotonic() + wait, invite)
            return wait

    def due(self) -> list[Invite]:
        """Remove and return the invitations whose delay is over."""
        with self._lock:
            now = time.monotonic()
            found = [invite for at, invite in self._due.values() if at <= now]
            for each in found:
                del self._due[each.room]
            return found

    def forget(self, room: str) -> None:
        """Forget the invitation to a room: it is answered or given up."""
        with self._lock:
            self._waits.pop(room, None)
            self._due.pop(room, None)
