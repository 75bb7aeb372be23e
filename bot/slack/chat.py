"""Posting to Slack through slack-sdk: each message at most once, each failure told for what it is."""

import json
import math
import re
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata
from slack_sdk.web import SlackResponse

from bot.domain.digests import Digest
from bot.network.exchange import ending_by
from bot.services.ports import (
    ChatDoubtful,
    ChatError,
    ChatHealth,
    ChatRefused,
    ChatUnavailable,
    Frozen,
    Posted,
    Search,
)
from bot.slack.blocks import render_digest
from bot.slack.escape import escaped
from bot.slack.scopes import SCOPES
from bot.slack.web import BoundedWebClient

# What to do about the answers of chat.postMessage that no retry mends (its reference lists them).
_MENDS = {
    "not_in_channel": "invite the bot into the channel: /invite @release-bot",
    "channel_not_found": "check the channel's name; into a private channel the bot must be invited",
    "is_archived": "the channel is archived; name another",
    "invalid_auth": "the token is not valid; put a new one into the environment",
    "not_authed": "there is no token; put one into the environment",
    "token_revoked": "the token was revoked; put a new one into the environment",
    "token_expired": "the token has expired; put a new one into the environment",
    "account_inactive": "the bot's account is gone; install the app again",
    "missing_scope": "give the app the scopes of config/slack-manifest.yaml and install it again",
    "restricted_action": "an administrator must allow the bot to post there",
    "msg_too_long": "the digest is too long; watch fewer repositories in it",
    "msg_blocks_too_long": "the digest is too long; watch fewer repositories in it",
    "invalid_blocks": "please report this digest: Slack did not take its form",
}
_EVENT, _KEY = "release_digest", "delivery"
_ID = re.compile("[CGD][A-Z0-9]{3,}")
_STAMP = re.compile(r"\d+(?:\.\d+)?")
# The most that Slack recommends (its reference of conversations.history).
_PAGE = 200
# Slack took nothing, and says so; it may be tried again.
_AGAIN = {"ratelimited", "rate_limited", "message_limit_exceeded"}
# Slack had trouble of its own, and may have taken the message.
_UNSURE = {"fatal_error", "internal_error", "service_unavailable", "request_timeout"}
# Slack's time is asked for before each post: no longer than this, in seconds.
_CLOCK_SECONDS = 5
_REDIRECTS, _TOO_MANY, _SERVER_ERROR = range(300, 400), 429, 500


class SlackChat:
    """Slack, by its Web API at ``base_url``; a whole request takes ``timeout`` seconds at most.

    ``is_listening`` says that somebody hears when a button is pressed; ``ca_file`` holds certificate
    authorities to trust beside the system's.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        *,
        timeout: float = 15,
        is_listening: bool = False,
        ca_file: Path | None = None,
    ) -> None:
        self._is_listening = is_listening
        self._client = BoundedWebClient(token, base_url, timeout=timeout, ca_file=ca_file)

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        """Write the message; it is the same for every channel."""
        del channel
        message = render_digest(digest, with_buttons=self._is_listening)
        posted = {"text": message.text, "blocks": message.blocks}
        return Frozen(json.dumps(posted, ensure_ascii=False), message.unnamed)

    def clock(self, channel: str) -> datetime | None:
        """Return Slack's time, which stands on every answer, a refusal too; None where none comes."""
        del channel
        try:
            with ending_by(time.monotonic() + _CLOCK_SECONDS):
                return _date(self._client.auth_test())
        except SlackApiError as error:
            return _date(error.response)
        except Exception:  # noqa: BLE001 - whatever is wrong is told by the post that follows
            return None

    def post(self, channel: str, message: str, key: str, deadline: float = math.inf) -> Posted:
        """Post a frozen message and give Slack's ids: the channel's, and the message's timestamp. Raises ChatError.

        The metadata carries the delivery's key, by which the message can be found again.
        """
        frozen = json.loads(message)
        with ending_by(deadline):
            return self._send(
                channel,
                text=frozen["text"],
                blocks=frozen["blocks"],
                metadata=Metadata(_EVENT, {_KEY: key}),
                unfurl_links=False,
                unfurl_media=False,
            )

    def health(self) -> ChatHealth:
        """Ask as whom Slack knows the bot, what it may do, and in which channels it is. Raises ChatError."""
        [known] = self._pages("slack", self._client.auth_test)
        granted = _header(known, "x-oauth-scopes")
        scopes = set(SCOPES) if granted is None else {scope.strip() for scope in granted.split(",")}
        channels = {str(each.get(key)) for each in self._channels("slack") for key in ("id", "name")}
        return ChatHealth(
            bot=f"{known.get('user')} in {known.get('team')}",
            clock=_date(known),
            missing=tuple(scope for scope in SCOPES if scope not in scopes),
            channels=frozenset(channels),
        )

    def tell(self, user: str, text: str) -> None:
        """Write to one person, by the user's id. Raises ChatError."""
        self._send(user, text="\n".join(escaped(line) for line in text.splitlines()))

    def delete(self, channel: str, posted: Posted) -> None:
        """Delete one of the bot's own messages. Raises ChatError."""
        for _ in self._pages(channel, lambda: self._client.chat_delete(channel=posted.channel, ts=posted.message)):
            return

    def find(self, channel: str, key: str, since: datetime | None) -> Search:
        """Search the channel's history, newest first, back to a moment of Slack's clock for a delivery's key.

        The first page is searched whole, whatever the moment. Needs the scopes channels:history and
        groups:history, and channels:read and groups:read where the channel is configured by its name.
        Raises ChatUnavailable, or ChatRefused where Slack does not let the bot look.
        """
        found = self._id_of(channel)
        pages = self._pages(
            channel,
            lambda: self._client.conversations_history(channel=found, include_all_metadata=True, limit=_PAGE),
        )
        at: datetime | None = None
        for page in pages:
            at = at or _date(page)
            messages = page.get("messages") or ()
            for message in messages:
                if _key_of(message) == key:
                    return Search(Posted(found, str(message.get("ts") or "")), at)
            if since is not None and messages and _sent_at(messages[-1]) < since.timestamp():
                break
        return Search(None, at or self.clock(channel))

    def _send(self, channel: str, **message: Any) -> Posted:
        try:
            response = self._client.chat_postMessage(channel=channel, **message)
            posted = Posted(str(response.get("channel") or channel), str(response.get("ts") or ""))
        except SlackApiError as error:
            raise _refusal(channel, error.response) from error
        except URLError as error:
            raise _unreachable(channel, error.reason) from error
        except Exception as error:  # whatever else goes wrong may have done so after Slack took the message
            raise _unanswered(channel, error) from error
        if not posted.message:
            raise _doubtful(channel, "Slack answered without naming the message")
        return posted

    def _id_of(self, channel: str) -> str:
        """Give a channel's id: history is told by it alone, posting takes the name too."""
        if _ID.fullmatch(channel):
            return channel
        for each in self._channels(channel):
            if each.get("name") == channel.removeprefix("#"):
                return str(each.get("id"))
        raise ChatRefused(channel, "the bot is in no channel of that name", _MENDS["not_in_channel"])

    def _channels(self, where: str) -> Iterator[dict[str, Any]]:
        """Give the channels that the bot is in."""
        kinds = "public_channel,private_channel"
        for page in self._pages(where, lambda: self._client.users_conversations(types=kinds, limit=_PAGE)):
            yield from page.get("channels") or ()

    def _pages(self, channel: str, ask: Callable[[], SlackResponse]) -> Iterator[SlackResponse]:
        """Ask for every page: what is only read may be asked for again, so no trouble leaves a doubt."""
        try:
            yield from ask()
        except SlackApiError as error:
            refusal = _refusal(channel, error.response)
            raise _unread(refusal) if isinstance(refusal, ChatDoubtful) else refusal from error
        except URLError as error:
            raise _unreachable(channel, error.reason) from error
        except ChatError:
            raise
        except Exception as error:
            raise _unread(_unanswered(channel, error)) from error


def examine_app_token(token: str, base_url: str, ca_file: Path | None = None) -> None:
    """Ask Slack for an address to connect to, without connecting. Raises ChatError."""
    chat = SlackChat(token, base_url, ca_file=ca_file)
    for _ in chat._pages("slack", lambda: chat._client.apps_connections_open(app_token=token)):  # noqa: SLF001
        return


def _header(response: SlackResponse, name: str) -> str | None:
    return next((str(value) for key, value in response.headers.items() if key.lower() == name), None)


def _date(response: object) -> datetime | None:
    """Return the time that an answer was given at, by the clock of the service that gave it."""
    return _moment(_header(response, "date")) if isinstance(response, SlackResponse) else None


def _sent_at(message: object) -> float:
    """Return when a message of the history was sent, in seconds since 1970; never where it does not say."""
    told = str(message.get("ts")) if isinstance(message, dict) else ""
    return float(told) if _STAMP.fullmatch(told) else math.inf


def _moment(told: str | None) -> datetime | None:
    """Read the date of an HTTP header, in UTC; None for none or nonsense."""
    try:
        return parsedate_to_datetime(told or "").astimezone(UTC)
    except ValueError:
        return None


def _key_of(message: object) -> str | None:
    """Give the key of the delivery that a message of the history carries."""
    metadata = message.get("metadata") if isinstance(message, dict) else None
    if not isinstance(metadata, dict) or metadata.get("event_type") != _EVENT:
        return None
    payload = metadata.get("event_payload")
    return str(payload.get(_KEY)) if isinstance(payload, dict) and _KEY in payload else None


def _unread(error: ChatError) -> ChatUnavailable:
    return ChatUnavailable(error.where, error.what)


def _refusal(channel: str, response: object) -> ChatError:
    """Read an answer that is no success: what Slack says, or that it is not Slack's."""
    if not isinstance(response, SlackResponse) or not isinstance(response.data, dict):
        return _doubtful(channel, "what answered is not Slack")
    code = str(response.data.get("error", ""))
    if response.status_code == _TOO_MANY or code in _AGAIN:
        return _limited(channel, response)
    if response.status_code in _REDIRECTS:
        what = f"Slack's address redirects to another one ({response.status_code}), which is not followed"
        return ChatDoubtful(channel, what, "check base_url in [slack]")
    if not re.fullmatch("[a-z_]+", code):
        # slack-sdk puts an answer that is not JSON in the place of Slack's error code.
        return _doubtful(channel, f"Slack answered {response.status_code} with something that is not its own")
    if response.status_code >= _SERVER_ERROR or code in _UNSURE:
        return _doubtful(channel, f"Slack answered {response.status_code} {code}")
    return ChatRefused(channel, f"Slack did not take it ({code})", _MENDS.get(code, "see Slack's chat.postMessage"))


def _limited(channel: str, response: SlackResponse) -> ChatUnavailable:
    told = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), "")
    after = float(told) if str(told).isdecimal() else None
    return ChatUnavailable(channel, "Slack asks to wait", retry_after=after)


def _unreachable(channel: str, reason: object) -> ChatUnavailable:
    """Tell why the request did not go out: Slack never had it whole."""
    if isinstance(reason, ssl.SSLCertVerificationError):
        what = f"Slack cannot be reached: its certificate is not trusted ({reason.verify_message})"
        return ChatUnavailable(channel, what, "name the certificate authority (CA) that signed it: ca_file in [slack]")
    return ChatUnavailable(channel, f"Slack cannot be reached ({reason})")


def _unanswered(channel: str, error: Exception) -> ChatDoubtful:
    if isinstance(error, TimeoutError):
        return _doubtful(channel, "Slack did not answer in time")
    return _doubtful(channel, f"the connection to Slack ended without a readable answer ({type(error).__name__})")


def _doubtful(channel: str, what: str) -> ChatDoubtful:
    return ChatDoubtful(channel, what)
