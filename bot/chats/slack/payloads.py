"""Validation of payloads from Slack: the fields that the bot and Bolt read are checked first.

The fields are those of https://docs.slack.dev/apis/events-api/ and of its pages on slash
commands and block_actions. A payload that lacks one is rejected with one line in the log.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeGuard
from urllib.parse import parse_qsl

_JSON = "application/json"
_Check = Callable[[Mapping[str, Any]], str | None]

# Fields that Bolt reads as a name or an object with an ``id``, to find user and channel.
_NAMED = ("enterprise", "team", "user", "channel", "view", "item", "message", "previous_message", "container")
_EVENT = "event_callback"
_PARTS = ("event", "assistant_thread", "function_data")
# Objects in which Bolt looks for those fields, nested in the payload and in each other.
_INNER = (*_PARTS, "item", "message", "previous_message", "view")
# Fields that must be strings, at the top or in an event.
_STRINGS = (
    *("action_id", "block_id", "bot_id", "callback_id", "channel_id", "channel_type", "enterprise_id"),
    *("response_url", "subtype", "team_id", "text", "thread_ts", "ts", "user_id"),
)


def read_payload(text: str, content_type: str) -> object:
    """Return the payload of an HTTP body: JSON, a form, or JSON in a form's ``payload``. Raises ValueError."""
    if content_type.partition(";")[0].strip() == _JSON or text.startswith("{"):
        return _json(text)
    form = dict(parse_qsl(text, keep_blank_values=True))
    return _json(form["payload"]) if "payload" in form else form


def fault_of(payload: object) -> str | None:
    """Return why a payload is malformed, or None if the bot can handle it."""
    if not isinstance(payload, Mapping):
        return "not a JSON object"
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
    """Accept any payload: Bolt ignores those without a listener."""


def _untyped(_payload: Mapping[str, Any]) -> str:
    return "missing type"


def _command(payload: Mapping[str, Any]) -> str | None:
    return _lacking(payload, "command", "trigger_id", "user_id", "channel_id", "response_url")


def _lacking(holder: Mapping[str, Any], *names: str) -> str | None:
    return next(
        (f"missing {name}" for name in names if not isinstance(holder.get(name), str) or not holder[name]), None
    )


def _wrong_string(holder: Mapping[str, Any], *names: str) -> str | None:
    return next((f"{name} is not a string" for name in names if not isinstance(holder.get(name), str | None)), None)


def _event(payload: Mapping[str, Any]) -> str | None:
    event = payload.get("event")
    if not isinstance(event, Mapping):
        return "missing event"
    fault = _lacking(payload, "event_id") or _lacking(event, "type")
    if fault or event.get("bot_id") or event["type"] not in _NEEDED:
        return fault
    fault = _lacking(event, *_NEEDED[event["type"]]) or _wrong_string(event, "user", "channel")
    # An edited or deleted message has its user elsewhere; the bot does not answer it.
    is_answered = event["type"] == "message" and event.get("user")
    return fault or (_lacking(event, "ts") if is_answered else None)


_NEEDED = {"app_mention": ("user", "channel", "ts"), "message": ("channel",), "app_home_opened": ("user",)}


def _press(payload: Mapping[str, Any]) -> str | None:
    actions, user = payload.get("actions"), payload.get("user")
    if not _are_objects(actions):
        return "missing actions"
    if not isinstance(user, Mapping):
        return "missing user"
    if not isinstance(actions[0].get("value", ""), str):
        return "value is not a string"
    fault = _lacking(payload, "trigger_id") or _lacking(user, "id") or _lacking(actions[0], "action_id", "block_id")
    return fault or _misplaced(payload)


def _misplaced(payload: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the position of a button; one outside of a message has none of these fields."""
    for name in ("channel", "message", "container"):
        if not isinstance(payload.get(name, {}), Mapping):
            return f"{name} is not an object"
    if "channel" not in payload:
        return None
    return _lacking(payload, "response_url") or _lacking(payload["channel"], "id")


def _view(payload: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a submitted or closed view: the bot opens none, but Bolt reads it."""
    view = payload.get("view")
    if not isinstance(view, Mapping):
        return "missing view"
    fault = _lacking(view, "type")
    return fault or (_step(payload) if view["type"] == "workflow_step" else None)


def _step(payload: Mapping[str, Any]) -> str | None:
    return None if isinstance(payload.get("workflow_step"), Mapping) else "missing workflow_step"


def _attachment(payload: Mapping[str, Any]) -> str | None:
    return None if _are_objects(payload.get("actions")) else "missing actions"


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
    """Return whether a value is a list of at least one object, and of nothing else."""
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _misshapen(payload: Mapping[str, Any]) -> str | None:
    """Return which of the objects that Bolt reads in any payload is malformed, or None."""
    if "response_urls" in payload:
        return "unexpected response_urls"
    parts = [payload.get(name) for name in _PARTS]
    if not all(part is None or isinstance(part, Mapping) for part in parts):
        return f"{' or '.join(_PARTS)} is not an object"
    if not isinstance(payload.get("view"), Mapping | None):
        return "view is not an object"
    return next((fault for holder in _holders(payload) if (fault := _misnamed(holder))), None)


def _holders(payload: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a payload and all nested objects that Bolt reads."""
    waiting = [payload]
    while waiting:
        holder = waiting.pop(0)
        yield holder
        inner = [*(holder.get("authorizations") or ()), *(holder.get(name) for name in _INNER)]
        waiting += [each for each in inner if isinstance(each, Mapping)]


def _misnamed(holder: Mapping[str, Any]) -> str | None:
    authorizations = holder.get("authorizations")
    if not (authorizations is None or authorizations == [] or _are_objects(authorizations)):
        return "authorizations is not a list of objects"
    for name in _NAMED:
        if not isinstance(holder.get(name), str | Mapping | None):
            return f"{name} is neither a name nor an object"
    return _wrong_string(holder, *_STRINGS)
