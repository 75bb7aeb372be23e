"""The slash command and the buttons: Mattermost sends requests to the bot, each with a secret that is checked.

A command has its token in the form; a button has the proof in its context. The answer to a command, and to a button
below what one person alone sees, is the response; any other is posted.
"""

import hmac
import json
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from bot.chats.mattermost.actions import Actions
from bot.chats.mattermost.listener import PostListener, Where
from bot.chats.mattermost.messages import MattermostMessage
from bot.config.chats import ChatSettings
from bot.services.ports import ChatError
from bot.web.app import Mount

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = logging.getLogger(__name__)

# Far above the size of Mattermost's requests.
_LONGEST_BODY = 200_000
_MOST_FIELDS = 60
_Json = Mapping[str, Any]
# A refusal: the status, and what is wrong, for the log.
_Refusal = tuple[HTTPStatus, str]
_UNREACHABLE = "Sorry, I cannot reach Mattermost right now. Please try again later."


def command_path(chat: str) -> str:
    """Return the path of the slash command's request URL."""
    return f"/chats/{chat}/command"


def action_path(chat: str) -> str:
    """Return the path that buttons are reported to."""
    return f"/chats/{chat}/action"


def mount(
    chat: ChatSettings, address: tuple[str, int], posts: PostListener, token: str, actions: Actions | None
) -> Mount:
    """Return the paths of a chat, to serve at the address of the web page."""
    paths = {command_path(chat.name): _Handler(lambda body: _commanded(body, posts, token, actions))}
    if actions is not None:
        paths[action_path(chat.name)] = _Handler(lambda body: _pressed(body, posts, actions))
    return Mount(chat.table, "web.address", address, paths, _LONGEST_BODY)


class _Handler:
    """A WSGI application that answers POST with JSON; ``answer`` returns what to respond, or a refusal."""

    def __init__(self, answer: Callable[[bytes], _Json | _Refusal]) -> None:
        self._answer = answer

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        """Answer a request."""
        status, value = self._respond(environ)
        body = json.dumps(value, ensure_ascii=False).encode()
        headers = [("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [body]

    def _respond(self, environ: "WSGIEnvironment") -> tuple[HTTPStatus, _Json]:
        if environ["REQUEST_METHOD"] != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED, {"error": "POST only"}
        try:
            answer = self._answer(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        except Exception:  # noqa: BLE001 - logged; Mattermost shows what it gets to whoever asked
            _log.exception("cannot handle a request from Mattermost")
            return HTTPStatus.INTERNAL_SERVER_ERROR, {"error": "internal error"}
        if isinstance(answer, tuple):
            status, what = answer
            _log.warning("rejected a request to a chat's path: %s", what)
            return status, {"error": what}
        return HTTPStatus.OK, answer


def _commanded(body: bytes, posts: PostListener, token: str, actions: Actions | None) -> _Json | _Refusal:
    try:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return HTTPStatus.BAD_REQUEST, "the form cannot be read"
    if not hmac.compare_digest(form.get("token", "").encode(), token.encode()):
        return HTTPStatus.UNAUTHORIZED, "wrong token"
    missing = [key for key in ("user_id", "channel_id", "channel_name", "trigger_id") if not form.get(key)]
    if missing:
        return HTTPStatus.BAD_REQUEST, f"missing {missing[0]}"
    where = Where(form["channel_id"], form["channel_name"])
    try:
        words = posts.answer_alone(form["trigger_id"], " ".join(form.get("text", "").split()), form["user_id"], where)
    except ChatError as error:
        _log.warning("cannot answer a command: %s", error)
        words = MattermostMessage(_UNREACHABLE)
    if words is None:
        return {}
    attachments = actions.attachments(words.buttons, is_private=True) if actions else []
    answer = {"response_type": "ephemeral", "text": words.text, "skip_slack_parsing": True}
    return {**answer, **({"attachments": attachments} if attachments else {})}


def _pressed(body: bytes, posts: PostListener, actions: Actions) -> _Json | _Refusal:
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return HTTPStatus.BAD_REQUEST, "invalid JSON"
    if not isinstance(asked, dict):
        return HTTPStatus.BAD_REQUEST, "not a JSON object"
    pressed = actions.read(asked.get("context"))
    if pressed is None:
        return HTTPStatus.UNAUTHORIZED, "the button is not the bot's"
    keys = ("user_id", "channel_id", "channel_name", "post_id", "trigger_id")
    found = [asked.get(key) for key in keys]
    if not all(isinstance(each, str) and each for each in found):
        return HTTPStatus.BAD_REQUEST, f"missing one of {', '.join(keys)}"
    user, channel, name, post, trigger = map(str, found)
    where = Where(channel, name)
    if not pressed.is_private:
        posts.run(lambda: posts.pressed(pressed, trigger, user, where, post))
        return {}
    try:
        words = posts.answer_alone(trigger, pressed.words, user, where)
    except ChatError as error:
        _log.warning("cannot answer a button: %s", error)
        words = MattermostMessage(_UNREACHABLE)
    return {} if words is None else {"ephemeral_text": words.text, "skip_slack_parsing": True}
