"""The Slack client, on slack-sdk: posts each message at most once, and classifies each failure."""

import json
import math
import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError

from slack_sdk.errors import SlackApiError
from slack_sdk.models.metadata import Metadata
from slack_sdk.web import SlackResponse

from bot.chats.slack.blocks import SlackMessage, SlackReply, lines_with_buttons, render_announcement, render_digest
from bot.chats.slack.mrkdwn import escaped
from bot.chats.slack.web_client import BoundedWebClient
from bot.domain.digests.delivery import Frozen, Posted, Reply
from bot.domain.digests.digest import Digest
from bot.domain.subscriptions import Announcement
from bot.network.exchange import ending_by
from bot.services.ports import (
    ChatDoubtful,
    ChatError,
    ChatHealth,
    ChatRefused,
    ChatUnavailable,
    CommandButton,
    Search,
)

# The scopes that the bot needs, as in config/slack-manifest.yaml.
SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "users:read",
)
# The fix for each error of chat.postMessage that a retry cannot fix (from its reference).
_HINTS = {
    "not_in_channel": "invite the bot into the channel: /invite @release-bot",
    "channel_not_found": "check the channel's name; if the channel is private, invite the bot into it",
    "is_archived": "the channel is archived; use another",
    "invalid_auth": "the token is invalid; set a new one",
    "not_authed": "no token was sent; set one",
    "token_revoked": "the token was revoked; set a new one",
    "token_expired": "the token has expired; set a new one",
    "account_inactive": "the bot's account is inactive; reinstall the app",
    "missing_scope": "give the app the scopes of config/slack-manifest.yaml and reinstall it",
    "restricted_action": "ask an administrator to allow the bot to post in this channel",
    "msg_too_long": "the digest is too long; give it fewer repositories",
    "msg_blocks_too_long": "the digest is too long; give it fewer repositories",
    "invalid_blocks": "please report this digest: Slack rejected its blocks",
}
_EVENT, _KEY = "release_digest", "delivery"
_ID = re.compile("[CGD][A-Z0-9]{3,}")
_USER = re.compile("[UW][A-Z0-9]{3,}")
# What stands before the id of a person whose direct messages are meant.
_DIRECT = "@"
_STAMP = re.compile(r"\d+(?:\.\d+)?")
# The largest page that Slack recommends (reference of conversations.history).
_PAGE = 200
# Slack did not accept the message; it may be retried.
_AGAIN = {"ratelimited", "rate_limited", "message_limit_exceeded"}
# Slack failed, and may have accepted the message.
_UNSURE = {"fatal_error", "internal_error", "service_unavailable", "request_timeout"}
# The time-out for Slack's clock, which is read before each post, in seconds.
_CLOCK_SECONDS = 5
_REDIRECTS, _TOO_MANY, _SERVER_ERROR = range(300, 400), 429, 500


class SlackClient:
    """A client of Slack's Web API at ``base_url``; each request takes at most ``timeout`` seconds.

    ``table`` is the configuration table. ``is_listening`` adds buttons to messages; ``ca_file`` holds certificate
    authorities to trust in addition to the system's.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        *,
        table: str = "slack",
        timeout: float = 15,
        is_listening: bool = False,
        ca_file: Path | None = None,
    ) -> None:
        self._table = table
        self._is_listening = is_listening
        self._client = BoundedWebClient(token, base_url, timeout=timeout, ca_file=ca_file)

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        """Return the frozen message of a digest, the same for every channel."""
        del channel
        return _frozen(render_digest(digest, with_buttons=self._is_listening))

    def freeze_announcement(self, channel: str, announcement: Announcement) -> Frozen:
        """Return the frozen message of an announcement, the same for every channel."""
        del channel
        return _frozen(render_announcement(announcement, is_answered=self._is_listening))

    def clock(self, channel: str) -> datetime | None:
        """Return Slack's time, which every response has, even an error; None without a response."""
        del channel
        try:
            with ending_by(time.monotonic() + _CLOCK_SECONDS):
                return _date(self._client.auth_test())
        except SlackApiError as error:
            return _date(error.response)
        except Exception:  # noqa: BLE001 - the post that follows reports the error
            return None

    def post(
        self, channel: str, message: str, key: str, deadline: float = math.inf, *, thread: str | None = None
    ) -> Posted:
        """Post a frozen message, and return the ids of channel and message. Raises ChatError.

        The metadata has the delivery's key, to find the message again.
        """
        frozen = json.loads(message)
        reply = {} if thread is None else {"thread_ts": thread}
        with ending_by(deadline):
            return self._send(
                channel.removeprefix(_DIRECT),
                text=frozen["text"],
                blocks=frozen["blocks"],
                metadata=Metadata(_EVENT, {_KEY: key}),
                unfurl_links=False,
                unfurl_media=False,
                **reply,
            )

    def health(self) -> ChatHealth:
        """Return the bot's identity, its missing scopes and its channels. Raises ChatError."""
        [known] = self._pages(self._table, self._client.auth_test)
        granted = _header(known, "x-oauth-scopes")
        scopes = set(SCOPES) if granted is None else {scope.strip() for scope in granted.split(",")}
        channels = {str(each.get(key)) for each in self._channels(self._table) for key in ("id", "name")}
        return ChatHealth(
            bot=f"{known.get('user')} in {known.get('team')}",
            clock=_date(known),
            missing=tuple(scope for scope in SCOPES if scope not in scopes),
            hint="give the app the scopes of config/slack-manifest.yaml and reinstall it",
            channels=frozenset(channels),
        )

    def direct_message(self, user: str, text: str, buttons: Sequence[CommandButton] = ()) -> None:
        """Write to one person, by the user's id. Raises ChatError."""
        blocks = {"blocks": lines_with_buttons(text, buttons)} if buttons and self._is_listening else {}
        self._send(user, text="\n".join(escaped(line) for line in text.splitlines()), **blocks)

    def identify(self, channel: str) -> str:
        """Return a channel's id; direct messages stay ``@USER``. Raises ChatError."""
        return channel if channel.startswith(_DIRECT) else self._id_of(channel)

    def delete(self, channel: str, posted: Posted) -> None:
        """Delete one of the bot's own messages. Raises ChatError."""
        for _ in self._pages(channel, lambda: self._client.chat_delete(channel=posted.channel, ts=posted.message)):
            return

    def find(self, channel: str, key: str, since: datetime | None, *, thread: str | None = None) -> Search:
        """Search the channel's history for a delivery's key, newest first, back to a time by Slack's clock.

        The first page is always searched completely, and so is all of a ``thread``, whose replies the history does not
        have and which Slack lists oldest first. Needs the scopes channels:history and
        groups:history, and channels:read and groups:read if the channel is configured by its name, im:history and
        im:write for the direct messages of a person.
        Raises ChatUnavailable; ChatRefused if Slack does not allow the search.
        """
        found = self._id_of(channel)
        asked: dict[str, Any] = {"channel": found, "include_all_metadata": True, "limit": _PAGE}
        pages = self._pages(
            channel,
            lambda: (
                self._client.conversations_history(**asked)
                if thread is None
                else self._client.conversations_replies(ts=thread, **asked)
            ),
        )
        at: datetime | None = None
        for page in pages:
            at = at or _date(page)
            messages = page.get("messages") or ()
            for message in messages:
                if _key_of(message) == key:
                    return Search(Posted(found, str(message.get("ts") or "")), at)
            if thread is None and since is not None and messages and _sent_at(messages[-1]) < since.timestamp():
                break
        return Search(None, at or self.clock(channel))

    def check_app_token(self, token: str, where: str) -> None:
        """Check a token for Socket Mode by requesting a URL, without connecting. Raises ChatError."""
        for _ in self._pages(where, lambda: self._client.apps_connections_open(app_token=token)):
            return

    def _send(self, channel: str, **message: Any) -> Posted:
        try:
            response = self._client.chat_postMessage(channel=channel, **message)
            posted = Posted(str(response.get("channel") or channel), str(response.get("ts") or ""))
        except SlackApiError as error:
            raise self._refusal(channel, error.response) from error
        except URLError as error:
            raise self._unreachable(channel, error.reason) from error
        except Exception as error:  # any other error may have happened after Slack accepted the message
            raise _unanswered(channel, error) from error
        if not posted.message:
            raise _doubtful(channel, "Slack's response has no message id")
        return posted

    def _id_of(self, channel: str) -> str:
        """Return a channel's id: reading history needs the id, while posting accepts a name, or a person's id."""
        if _ID.fullmatch(channel):
            return channel
        if _USER.fullmatch(user := channel.removeprefix(_DIRECT)):
            [opened] = self._pages(channel, lambda: self._client.conversations_open(users=user))
            return str(opened["channel"]["id"])
        for each in self._channels(channel):
            if each.get("name") == channel.removeprefix("#"):
                return str(each.get("id"))
        raise ChatRefused(channel, "the bot is not in a channel of this name", _HINTS["not_in_channel"])

    def _channels(self, where: str) -> Iterator[dict[str, Any]]:
        """Return the channels that the bot is in."""
        kinds = "public_channel,private_channel"
        for page in self._pages(where, lambda: self._client.users_conversations(types=kinds, limit=_PAGE)):
            yield from page.get("channels") or ()

    def _pages(self, channel: str, ask: Callable[[], SlackResponse]) -> Iterator[SlackResponse]:
        """Ask for every page: what is only read may be asked for again, so no trouble leaves a doubt."""
        try:
            yield from ask()
        except SlackApiError as error:
            refusal = self._refusal(channel, error.response)
            raise _unread(refusal) if isinstance(refusal, ChatDoubtful) else refusal from error
        except URLError as error:
            raise self._unreachable(channel, error.reason) from error
        except ChatError:
            raise
        except Exception as error:
            raise _unread(_unanswered(channel, error)) from error

    def _refusal(self, channel: str, response: object) -> ChatError:
        """Return the error of an unsuccessful response, from Slack or from something else."""
        if not isinstance(response, SlackResponse) or not isinstance(response.data, dict):
            return _doubtful(channel, "unexpected (non-Slack) response")
        code = str(response.data.get("error", ""))
        if response.status_code == _TOO_MANY or code in _AGAIN:
            return _limited(channel, response)
        if response.status_code in _REDIRECTS:
            what = f"Slack's URL redirects ({response.status_code}), and redirects are not followed"
            return ChatDoubtful(channel, what, f"check base_url in [{self._table}]")
        if not re.fullmatch("[a-z_]+", code):
            # slack-sdk puts a response that is not JSON in the place of Slack's error code.
            return _doubtful(channel, f"unexpected (non-Slack) response {response.status_code}")
        if response.status_code >= _SERVER_ERROR or code in _UNSURE:
            return _doubtful(channel, f"Slack answered {response.status_code} {code}")
        return ChatRefused(
            channel,
            f"Slack rejected the request ({code})",
            _HINTS.get(code, "see the errors of chat.postMessage in Slack's documentation"),
        )

    def _unreachable(self, channel: str, reason: object) -> ChatUnavailable:
        """Return the error of a request that Slack never received completely."""
        if isinstance(reason, ssl.SSLCertVerificationError):
            what = f"cannot reach Slack: its TLS certificate is not trusted ({reason.verify_message})"
            hint = f"set ca_file in [{self._table}] to the certificate of the authority (CA) that signed it"
            return ChatUnavailable(channel, what, hint)
        return ChatUnavailable(channel, f"cannot reach Slack ({reason})")


def _frozen(message: SlackMessage) -> Frozen:
    replies = tuple(Reply(_as_json(each), each.named) for each in message.replies)
    return Frozen(_as_json(message), message.unnamed, replies)


def _as_json(message: SlackMessage | SlackReply) -> str:
    return json.dumps({"text": message.text, "blocks": message.blocks}, ensure_ascii=False)


def _header(response: SlackResponse, name: str) -> str | None:
    return next((str(value) for key, value in response.headers.items() if key.lower() == name), None)


def _date(response: object) -> datetime | None:
    """Return the Date header of a response."""
    return _moment(_header(response, "date")) if isinstance(response, SlackResponse) else None


def _sent_at(message: object) -> float:
    """Return when a message of the history was sent, in seconds since 1970; infinity if it has no timestamp."""
    stamp = str(message.get("ts")) if isinstance(message, dict) else ""
    return float(stamp) if _STAMP.fullmatch(stamp) else math.inf


def _moment(date: str | None) -> datetime | None:
    """Return the date of an HTTP header in UTC, or None if it is missing or invalid."""
    try:
        return parsedate_to_datetime(date or "").astimezone(UTC)
    except ValueError:
        return None


def _key_of(message: object) -> str | None:
    """Return the delivery's key in a message of the history, or None."""
    metadata = message.get("metadata") if isinstance(message, dict) else None
    if not isinstance(metadata, dict) or metadata.get("event_type") != _EVENT:
        return None
    payload = metadata.get("event_payload")
    return str(payload.get(_KEY)) if isinstance(payload, dict) and _KEY in payload else None


def _unread(error: ChatError) -> ChatUnavailable:
    return ChatUnavailable(error.where, error.what)


def _limited(channel: str, response: SlackResponse) -> ChatUnavailable:
    wait = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), "")
    after = float(wait) if str(wait).isdecimal() else None
    return ChatUnavailable(channel, "Slack rate limit exceeded", retry_after=after)


def _unanswered(channel: str, error: Exception) -> ChatDoubtful:
    if isinstance(error, TimeoutError):
        return _doubtful(channel, "Slack did not answer in time")
    return _doubtful(channel, f"the connection to Slack ended without a readable response ({type(error).__name__})")


def _doubtful(channel: str, what: str) -> ChatDoubtful:
    return ChatDoubtful(channel, what)
