"""What a sync of Matrix asks for and what it answers, as JSON."""

import json

from bot.chats.matrix.responses import Json, object_of, objects_of


def timeline_filter(own: str) -> Json:
    """Return the filter of a room's events: messages of others, and encryption."""
    types = ["m.room.message", "m.room.encryption", "m.room.encrypted"]
    return {"types": types, "not_senders": [own]}


def sync_filter(own: str, limit: int) -> str:
    """Return the filter of a sync: messages of others, encryption, and which rooms are direct."""
    none: Json = {"types": []}
    return json.dumps(
        {
            "presence": none,
            "account_data": {"types": ["m.direct"]},
            "room": {
                "ephemeral": none,
                "account_data": none,
                "state": {"types": ["m.room.encryption"]},
                "timeline": timeline_filter(own) | {"limit": limit},
            },
        }
    )


def invites_of(found: Json) -> dict[str, list[Json]]:
    """Return the events of each room that the bot is invited to."""
    invited = _rooms(found, "invite")
    return {room: objects_of(object_of(each, "invite_state").get("events")) for room, each in invited.items()}


def joined_of(found: Json) -> dict[str, Json]:
    """Return what came in each room that the bot is in."""
    return _rooms(found, "join")


def _rooms(found: Json, kind: str) -> dict[str, Json]:
    held = object_of(object_of(found, "rooms"), kind)
    return {room: each for room, each in held.items() if isinstance(each, dict)}
