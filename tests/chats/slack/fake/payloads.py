"""What Slack tells an app that somebody did: events, commands and pressed buttons, with the fields documented."""

import re
from typing import Any

from tests.chats.slack.fake.rules import buttons_of
from tests.chats.slack.fake.workspace import APP, BOT_USER, CHANNEL_NAME, EPOCH, TEAM, HomeView, Message

TOKEN_OF_OLD = "verification-t0ken"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_TEAM = {"id": TEAM, "domain": "dirac"}


def typed(text: str) -> str:
    """Write what somebody typed as Slack sends it: ``&``, ``<`` and ``>`` as entities, addresses as links."""
    entities = "".join(_ENTITIES.get(c, c) for c in text)
    return re.sub(r"https?://[^\s|]+", lambda found: f"<{found[0]}>", entities)


def event(inner: dict[str, Any], number: int) -> dict[str, Any]:
    """Wrap an event as the Events API does."""
    return {
        "token": TOKEN_OF_OLD,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": inner,
        "type": "event_callback",
        "event_id": f"Ev{number:09d}",
        "event_time": EPOCH,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{number:09d}",
    }


def from_elsewhere(payload: dict[str, Any]) -> dict[str, Any]:
    """Tell of an event by somebody of another workspace, in a channel that is shared by Slack Connect."""
    inner = {**payload["event"], "team": "T0OTHER", "user_team": "T0OTHER", "source_team": "T0OTHER"}
    return {**payload, "event": inner, "is_ext_shared_channel": True}


def said(
    message: Message, text: str, *, is_mention: bool, parent: Message | None, subtype: str | None = None
) -> dict[str, Any]:
    """Tell of a message: as a mention of the bot, or as a message where the bot listens; ``text`` is as typed.

    A ``subtype`` is file_share or thread_broadcast.
    """
    words = [{"type": "text", "text": f" {text}" if is_mention else text}]
    mention = [{"type": "user", "user_id": BOT_USER}] if is_mention else []
    section = {"type": "rich_text_section", "elements": [*mention, *words]}
    kind = (
        {"type": "app_mention"} if is_mention else {"type": "message", "channel_type": _channel_type(message.channel)}
    )
    return {
        **kind,
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "client_msg_id": f"00000000-0000-0000-0000-{message.ts.replace('.', '')[-12:]}",
        "team": TEAM,
        "blocks": [{"type": "rich_text", "block_id": "rich", "elements": [section]}],
        "channel": message.channel,
        "event_ts": message.ts,
        **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        **({"parent_user_id": parent.user} if parent and subtype is None else {}),
        **({"subtype": subtype} if subtype else {}),
        **({"files": [{"id": "F0123", "mimetype": "text/plain"}], "upload": False} if subtype == "file_share" else {}),
        **({"root": {"ts": parent.ts, "user": parent.user}} if parent and subtype == "thread_broadcast" else {}),
    }


def edited(inner: dict[str, Any], text: str, ts: str) -> dict[str, Any]:
    """Tell of a mention again, whose author edited it: the same message at the same time stamp, in an event of its own.

    Slack's reference does not say that it does so; apps report it.
    """
    return {**inner, "text": text, "edited": {"user": inner["user"], "ts": ts}, "event_ts": ts}


def home_opened(user: str, channel: str, ts: str, view: HomeView | None) -> dict[str, Any]:
    """Tell that somebody opened the bot's home tab; the view is there once one was published."""
    shown = {"view": {"id": view.id, "team_id": TEAM, "type": "home", "blocks": view.blocks}} if view else {}
    return {"type": "app_home_opened", "user": user, "channel": channel, "event_ts": ts, "tab": "home", **shown}


def command(name: str, text: str, user: tuple[str, str], channel: str, urls: dict[str, str]) -> dict[str, Any]:
    """Tell of a slash command; ``user`` is id and name, ``urls`` the response_url and the trigger_id."""
    return {
        "token": TOKEN_OF_OLD,
        "team_id": TEAM,
        "team_domain": _TEAM["domain"],
        "channel_id": channel,
        "channel_name": "directmessage" if channel.startswith("D") else CHANNEL_NAME,
        "user_id": user[0],
        "user_name": user[1],
        "command": name,
        "text": typed(text),
        "api_app_id": APP,
        "is_enterprise_install": "false",
        **urls,
    }


def pressed(
    button: tuple[str, str], on: Message | HomeView, user: tuple[str, str], urls: dict[str, str]
) -> dict[str, Any]:
    """Tell of a pressed button, named by action_id and value. Raises LookupError where there is no such button."""
    blocks = [{"block_id": f"b{n}", **block} for n, block in enumerate(on.blocks)]
    action_id, value = button
    at, found = next(
        (n, each)
        for n, each in [*buttons_of(on.blocks), (0, None)]
        if each is None or (each.get("action_id"), each.get("value", "")) == (action_id, value)
    )
    if found is None:
        raise LookupError(f"there is no button {action_id} with the value {value!r}")
    action = {**found, "block_id": blocks[at]["block_id"], "action_ts": f"{EPOCH}.500000"}
    return {
        "type": "block_actions",
        "user": {"id": user[0], "username": user[1], "name": user[1], "team_id": TEAM},
        "api_app_id": APP,
        "token": TOKEN_OF_OLD,
        "team": _TEAM,
        "enterprise": None,
        "is_enterprise_install": False,
        "state": {"values": {}},
        "actions": [action],
        **_place(on, blocks),
        **urls,
    }


def _place(on: Message | HomeView, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """Tell where a button stands; an ephemeral message is not shown to the app again."""
    if isinstance(on, HomeView):
        view = {"id": on.id, "team_id": TEAM, "type": "home", "blocks": blocks}
        return {"container": {"type": "view", "view_id": on.id}, "view": view}
    is_ephemeral = on.only_for is not None
    container = {"type": "message", "message_ts": on.ts, "channel_id": on.channel, "is_ephemeral": is_ephemeral}
    thread = {"thread_ts": on.thread_ts} if on.thread_ts else {}
    message = {"type": "message", "user": on.user, "ts": on.ts, "text": on.text, "blocks": blocks, **thread}
    return {
        "container": {**container, **thread},
        "channel": {"id": on.channel, "name": "directmessage" if on.channel.startswith("D") else CHANNEL_NAME},
        **({} if is_ephemeral else {"message": message}),
    }


def _channel_type(channel: str) -> str:
    return "im" if channel.startswith("D") else "channel"
