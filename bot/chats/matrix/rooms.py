"""The rooms that the bot goes into and leaves: those that maintainers invite it to, none that is encrypted."""

import logging
from collections.abc import Callable

from bot.chats.matrix.api import MatrixApi
from bot.chats.matrix.direct import DirectRooms, direct_rooms
from bot.chats.matrix.responses import Json, MatrixError, Rejected
from bot.domain.values import dataclass

_log = logging.getLogger(__name__)

_FORBIDDEN = 403
# So many rooms are looked through for somebody that the bot does not know.
_MOST_ROOMS = 50
ENCRYPTED = (
    "This room is encrypted, and I cannot read encrypted messages. Encryption cannot be turned off again: please "
    "create a room without it, and invite me there. I am leaving this one."
)
_ENCRYPTED_INVITE = "I cannot read encrypted messages; please use a room without encryption"
_NOT_A_MAINTAINER = "only maintainers of the bot can invite it"
WELCOME = (
    "Hello! Please ask me here: I cannot read encrypted messages. For example: how many releases in the last month?"
)


@dataclass(frozen=True, slots=True)
class Invite:
    """An invitation to a room."""

    room: str
    by: str
    is_direct: bool
    is_encrypted: bool


def invite_of(room: str, own: str, events: list[Json]) -> Invite | None:
    """Return the invitation that a room's stripped state tells, or None if it tells none."""
    mine = [each for each in events if each.get("type") == "m.room.member" and each.get("state_key") == own]
    if not mine:
        return None
    content = mine[-1].get("content")
    is_direct = isinstance(content, dict) and content.get("is_direct") is True
    is_encrypted = any(each.get("type") == "m.room.encryption" for each in events)
    return Invite(room, str(mine[-1].get("sender") or ""), is_direct, is_encrypted)


class RoomKeeper:
    """Accepts and declines invitations; ``say`` posts a text to a room, unless some worker did so today."""

    def __init__(self, api: MatrixApi, say: Callable[[str, str], bool]) -> None:
        self._api = api
        self._say = say
        self._direct = DirectRooms(api)
        # Replaced as a whole: several threads read it.
        self._known: frozenset[str] = frozenset()

    def is_direct(self, room: str) -> bool:
        """Return whether a room is direct, by what was learned last."""
        return room in self._known

    def learn(self, held: Json | None = None) -> None:
        """Learn which rooms are direct: by the content of ``m.direct`` where it came, else by asking.

        Raises MatrixError.
        """
        by_person = self._direct.rooms() if held is None else direct_rooms(held)
        self._known = frozenset(room for rooms in by_person.values() for room in rooms)

    def answer(self, invite: Invite, *, is_maintainer: bool) -> None:
        """Join the room of an invitation, or decline it. Raises MatrixError.

        Somebody who may not invite the bot, or not to an encrypted room, and shares a room with it, gets a direct room
        that is the bot's.
        """
        if is_maintainer and not invite.is_encrypted:
            if invite.is_direct:
                # Before what is said there can be read.
                self._direct.add(invite.by, invite.room)
                self.learn()
            self._api.post("join", invite.room, body={})
            _log.info("joined room %s, as %s asked", invite.room, invite.by)
            return
        reason = _ENCRYPTED_INVITE if invite.is_encrypted else _NOT_A_MAINTAINER
        self._leave(invite.room, reason)
        _log.info("declined the invitation of %s to room %s: %s", invite.by, invite.room, reason)
        if invite.is_direct and (is_maintainer or self._is_met(invite.by)):
            room = self._direct.room_with(invite.by)
            self.learn()
            self._say(room, WELCOME)

    def leave_encrypted(self, room: str) -> None:
        """Leave a room if it is encrypted, and say so there. Raises MatrixError."""
        # Everybody may send what looks like an encrypted message.
        if self._api.state(room, "m.room.encryption") is None:
            return
        # Whoever says it leaves: another worker that left first would leave nothing said.
        if self._say(room, ENCRYPTED):
            self._leave(room, "encrypted")
            _log.warning("left room %s: it is encrypted", room)

    def _leave(self, room: str, reason: str) -> None:
        try:
            self._api.post("rooms", room, "leave", body={"reason": reason})
        except Rejected as error:
            # Another worker left it.
            if error.status != _FORBIDDEN:
                raise

    def _is_met(self, user: str) -> bool:
        """Return whether somebody is in one of the bot's rooms."""
        return any(self._is_in(each, user) for each in self._api.joined_rooms()[:_MOST_ROOMS])

    def _is_in(self, room: str, user: str) -> bool:
        try:
            member = self._api.state(room, "m.room.member", user)
        except MatrixError:
            return False
        return member is not None and member.get("membership") == "join"
