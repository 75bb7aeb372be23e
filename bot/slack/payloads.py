"""What Slack may send: whether a payload has what the bot and Bolt read of it, checked before either does.

The fields are those of https://docs.slack.dev/apis/events-api/ and of its pages on slash
commands and block_actions. A payload that lacks one is nobody's question: it is refused
in one line where it comes in, and is no fault of the bot.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard
from urllib.parse import parse_qsl

_JSON = "application/json"
_Check = Callable[[Mapping[str, Any]], str | None]

# What Bolt takes for a name or for an object with an ``id``, wherever it looks for who asks and where.
_NAMED = ("enterprise", "team", "user", "channel", "view", "item", "message", "previous_message", "container")
_EVENT = "event_callback"
_PARTS = ("event", "assistant_thread", "function_data")
# What Bolt looks into for those, in the payload and in each other.
_INNER = (*_PARTS, "item", "message", "previous_message", "view")
# What identifies somebody or something, at the top or in an event.
_STRINGS = (
    *("action_id", "block_id", "bot_id", "callback_id", "channel_id", "channel_type", "enterprise_id"),
    *("response_url", "subtype", "team_id", "text", "thread_ts", "ts", "user_id"),
)


def read_payload(text: str, content_type: str) -> object:
    """Return what was sent over HTTP: JSON, a form, or JSON in a form's ``payload``. Raises ValueError."""
    if content_type.partition(";")[0].strip() == _JSON or text.startswith("{"):
        return _json(text)
    form = dict(parse_qsl(text, keep_blank_values=True))
    return _json(form["payload"]) if "payload" in form else form


def fault_of(payload: object) -> str | None:
    """Return why a payload is none that Slack sends, None for one that the bot can take."""
    if not isinstance(payload, Mapping):
        return "no JSON object"
    return _misshapen(payload) or _check_of(payload)(payload)


def _check_of(payload: Mapping[str, Any]) -> _Check:
    if "command" in payload:
        return _command
    if "ssl_check" in payload:
        return _anything
    kind = payload.get("type")
    return _CHECKS.get(kind, _anything) if isinstance(kind, str) else _untyped


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError(text[:1]) from error


def _anything(_payload: Mapping[str, Any]) -> None:
    """Leave it to Bolt, which passes over what nobody asked for."""


def _untyped(_payload: Mapping[str, Any]) -> str:
    return "no type"


def _command(payload: Mapping[str, Any]) -> str | None:
    return _lacking(payload, "command", "trigger_id", "user_id", "channel_id", "response_url")


def _lacking(holder: Mapping[str, Any], *names: str) -> str | None:
    return next((f"no {name}" for name in names if not isinstance(holder.get(name), str) or not holder[name]), None)


def _no_string(holder: Mapping[str, Any], *names: str) -> str | None:
    return next((f"{name} that is no string" for name in names if not isinstance(holder.get(name), str | None)), None)


def _event(payload: Mapping[str, Any]) -> str | None:
    event = payload.get("event")
    if not isinstance(event, Mapping):
        return "no event"
    fault = _lacking(payload, "event_id") or _lacking(event, "type")
    if fault or event.get("bot_id") or event["type"] not in _NEEDED:
        return fault
    return _lacking(event, *_NEEDED[event["type"]]) or _no_string(event, "user", "channel")


# A message that was edited or deleted names its user elsewhere; the bot answers none without one.
_NEEDED = {"app_mention": ("user", "channel", "ts"), "message": ("channel",), "app_home_opened": ("user",)}


def _press(payload: Mapping[str, Any]) -> str | None:
    actions, user = payload.get("actions"), payload.get("user")
    if not _are_objects(actions):
        return "no actions"
    if not isinstance(user, Mapping):
        return "no user"
    if not isinstance(actions[0].get("value", ""), str):
        return "value that is no string"
    fault = _lacking(payload, "trigger_id") or _lacking(user, "id") or _lacking(actions[0], "action_id", "block_id")
    return fault or _misplaced(payload)


def _misplaced(payload: Mapping[str, Any]) -> str | None:
    """Return what is wrong with where a button stands: one outside of a message has none of these."""
    for name in ("channel", "message", "container"):
        if not isinstance(payload.get(name, {}), Mapping):
            return f"{name} that is no object"
    if "channel" not in payload:
        return None
    return _lacking(payload, "response_url") or _lacking(payload["channel"], "id")


def _view(payload: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a form that was sent or closed; the bot shows none, and Bolt reads it all the same."""
    view = payload.get("view")
    if not isinstance(view, Mapping):
        return "no view"
    fault = _lacking(view, "type")
    return fault or (_step(payload) if view["type"] == "workflow_step" else None)


def _step(payload: Mapping[str, Any]) -> str | None:
    return None if isinstance(payload.get("workflow_step"), Mapping) else "no workflow_step"


def _attachment(payload: Mapping[str, Any]) -> str | None:
    return None if _are_objects(payload.get("actions")) else "no actions"


def _challenge(payload: Mapping[str, Any]) -> str | None:
    return _lacking(payload, "challenge")


_CHECKS: Mapping[str, _Check] = {
    _EVENT: _event,
    "block_actions": _press,
    "interactive_message": _attachment,
    "url_verification": _challenge,
    "view_closed": _view,
    "view_submission": _view,
    "workflow_step_edit": _step,
}


def _are_objects(value: object) -> TypeGuard[list[Mapping[str, Any]]]:
    """Whether a value is a list of at least one object, and of nothing else."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _misshapen(payload: Mapping[str, Any]) -> str | None:
    """Return which of the parts that Bolt looks into, of whatever type of payload, is not what it may be."""
    if "response_urls" in payload:
        return "response_urls, of which the bot asks for none"
    parts = [payload.get(name) for name in _PARTS]
    if not all(part is None or isinstance(part, Mapping) for part in parts):
        return f"{' or '.join(_PARTS)} that is no object"
    if not isinstance(payload.get("view"), Mapping | None):
        return "view that is no object"
    return next((fault for holder in _holders(payload) if (fault := _misnamed(holder))), None)


def _holders(payload: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give a payload and all within it that Bolt looks into, however deep."""
    waiting = [payload]
    while waiting:
        holder = waiting.pop(0)
        yield holder
        inner = [*(holder.get("authorizations") or ()), *(holder.get(name) for name in _INNER)]
        waiting += [each for each in inner if isinstance(each, Mapping)]


def _misnamed(holder: Mapping[str, Any]) -> str | None:
    authorizations = holder.get("authorizations")
    if not (authorizations is None or authorizations == [] or _are_objects(authorizations)):
        return "authorizations that are no list of objects"
    for name in _NAMED:
        if not isinstance(holder.get(name), str | Mapping | None):
            return f"{name} that is neither a name nor an object"
    return _no_string(holder, *_STRINGS)
