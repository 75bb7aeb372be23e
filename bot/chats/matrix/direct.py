"""The direct rooms of the bot: one for each person, as ``m.direct`` in its account data says."""

from bot.chats.matrix.api import MatrixApi
from bot.chats.matrix.responses import Json, Rejected

DIRECT, _ENCRYPTION, _MEMBER = "m.direct", "m.room.encryption", "m.room.member"
_FORBIDDEN, _NOT_FOUND = 403, 404


class DirectRooms:
    """The rooms in which the bot is alone with somebody."""

    def __init__(self, api: MatrixApi) -> None:
        self._api = api

    def room_with(self, user: str) -> str:
        """Return the direct room with a user; one that the bot left, or that is encrypted, is replaced by another.

        Raises MatrixError.
        """
        for room in reversed(self.rooms().get(user, [])):
            if self._is_usable(room, user):
                return room
        body = {"invite": [user], "is_direct": True, "preset": "trusted_private_chat"}
        room = self._api.post("createRoom", body=body).text("room_id")
        self.add(user, room)
        return room

    def rooms(self) -> dict[str, list[str]]:
        """Return the direct rooms by person, the newest last. Raises MatrixError."""
        try:
            return direct_rooms(self._api.get("user", self._api.user(), "account_data", DIRECT).data)
        except Rejected as error:
            if error.status != _NOT_FOUND:
                raise
            return {}

    def add(self, user: str, room: str) -> None:
        """Record that a room is direct. Raises MatrixError."""
        known = self.rooms()
        if room not in known.get(user, []):
            body = known | {user: [*known.get(user, []), room]}
            self._api.put("user", self._api.user(), "account_data", DIRECT, body=body)

    def _is_usable(self, room: str, user: str) -> bool:
        """Return whether the bot can write to somebody in a room that is not encrypted."""
        try:
            member = None if self._api.state(room, _ENCRYPTION) is not None else self._api.state(room, _MEMBER, user)
        except Rejected as error:
            if error.status != _FORBIDDEN:
                raise
            return False
        return member is not None and member.get("membership") in ("join", "invite")


def direct_rooms(held: Json) -> dict[str, list[str]]:
    """Return the rooms by person of the content of ``m.direct``."""
    return {user: [str(each) for each in rooms] for user, rooms in held.items() if isinstance(rooms, list)}
