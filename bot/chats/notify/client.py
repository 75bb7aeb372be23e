"""The client of a notification service, on Apprise: posts each message at most once, in one piece.

Apprise returns only success or failure. A failure leaves the delivery unconfirmed, for a person to settle, unless the
bot's own connections (``transport``) know that nothing was sent.
"""

import json
import math
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import requests

from bot.chats.notify.announcements import announcement_message
from bot.chats.notify.messages import Message, message_of
from bot.chats.notify.services import check_authorities, name_list, open_service, ways_of
from bot.chats.notify.transport import Post, recorded
from bot.domain.digests.delivery import Frozen, Posted
from bot.domain.digests.digest import Digest
from bot.domain.subscriptions import Announcement
from bot.network.exchange import ending_by
from bot.services.ports import ChatDoubtful, ChatError, ChatRefused, ChatUnavailable, Search

if TYPE_CHECKING:
    from apprise import NotifyBase

# The time-out of a whole post, in seconds: it may take several requests, such as a login.
_TIMEOUT = 60.0
# The list that mails with announcements belong to; those with digests belong to one of the digest's name.
_ANNOUNCEMENTS = "announcements"
# OpenSSL's errors that no CA file fixes: not yet valid, expired, wrong host, wrong IP address.
_OF_THE_SERVER = (9, 10, 62, 64)
# HTTP statuses of an invalid secret, of a bad or too long request, and of a redirect.
_SECRET, _WRONG, _REDIRECTED = (401, 403, 404), (400, 413), range(300, 400)


class NotificationClient:
    """A notification service by its Apprise URL, which ``variable`` holds.

    ``language`` is markdown, text or html, None for the service's own; a post takes at most ``timeout`` seconds;
    ``ca_file`` holds certificate authorities to trust in addition to the system's. Raises UsageError if Apprise is
    not installed, does not support the URL, or cannot use a CA file for it.
    """

    def __init__(
        self,
        where: str,
        variable: str,
        address: str,
        language: str | None,
        *,
        timeout: float = _TIMEOUT,
        ca_file: Path | None = None,
    ) -> None:
        self._timeout = timeout
        self._where = where
        self._variable = variable
        self._address = address
        self._ca_file = ca_file
        service = self._open()
        if ca_file is not None:
            check_authorities(where, service)
        self._ways = ways_of(service, language)
        self.service = str(service.service_name)

    @property
    def manner(self) -> str:
        """Return the service's name, format and maximum length."""
        return f"{self.service}, {self._ways.language}, at most {self._ways.most:,} characters"

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        """Return the frozen message of a digest, within the service's maximum length."""
        del channel
        return _frozen(message_of(digest, self._ways, self._turned()), digest.name)

    def freeze_announcement(self, channel: str, announcement: Announcement) -> Frozen:
        """Return the frozen message of an announcement, within the service's maximum length."""
        del channel
        return _frozen(announcement_message(announcement, self._ways, self._turned()), _ANNOUNCEMENTS)

    def _turned(self) -> Callable[[str], str]:
        """Return what converts a body into the service's own dialect."""
        from apprise import NotifyFormat

        service, written_in = self._open(), NotifyFormat(self._ways.language)
        return lambda body: str(service.dialect_convert(body, written_in))

    def clock(self, channel: str) -> datetime | None:
        """Return None: Apprise does not return responses."""
        del channel
        return None

    def post(
        self, channel: str, message: str, key: str, deadline: float = math.inf, *, thread: str | None = None
    ) -> Posted:
        """Post a frozen message once; the delivery's key is its id, as services return none. Raises ChatError.

        Requests have their own time-outs; anything else that is still running at the time-out is abandoned.
        A post cannot start after the deadline, but it can end after it.
        """
        del thread
        came: Future[Posted] = Future()
        ends = time.monotonic() + self._timeout

        def run() -> None:
            try:
                with ending_by(ends):
                    came.set_result(self._post(channel, message, key, deadline))
            except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                came.set_exception(error)

        Thread(target=run, name=f"post {channel}", daemon=True).start()
        try:
            return came.result(self._timeout)
        except TimeoutError as error:
            raise ChatDoubtful(channel, f"{self.service} did not answer in time") from error

    def _post(self, channel: str, message: str, key: str, deadline: float) -> Posted:
        frozen = json.loads(message)
        if time.monotonic() >= deadline:
            raise ChatUnavailable(channel, "timed out before sending")
        service = self._open()
        # What was frozen by an earlier version names no list.
        name_list(service, frozen.get("list", ""))
        with recorded(service, self._timeout, self._ca_file, key) as attempt:
            try:
                is_taken = _send(service, frozen["title"], frozen["body"], frozen["language"])
            except Exception as error:  # any error may have happened after the message was accepted
                raise ChatDoubtful(
                    channel, f"posting to {self.service} failed midway ({type(error).__name__})"
                ) from error
        if is_taken is True:
            return Posted(channel, key)
        raise self._unconfirmed(channel, attempt)

    def _unconfirmed(self, channel: str, attempt: Post) -> ChatError:
        """Return the error of an unconfirmed post: doubtful, unless nothing of the message was sent."""
        if attempt.error is None or attempt.is_sent:
            return ChatDoubtful(channel, _outcome(self.service, attempt), self._hint(attempt.status))
        if isinstance(attempt.error, smtplib.SMTPAuthenticationError):
            hint = f"check the login in ${self._variable}"
            return ChatRefused(channel, f"the mail server rejected the login ({attempt.status})", hint)
        what = f"cannot reach {self.service}"
        distrust = next(
            (each for each in _chain(attempt.error) if isinstance(each, ssl.SSLCertVerificationError)), None
        )
        if distrust is None:
            return ChatUnavailable(channel, what)
        what = f"{what}: its TLS certificate is not trusted ({distrust.verify_message})"
        if distrust.verify_code in _OF_THE_SERVER:
            hint = f"renew the server's certificate, or check the host in ${self._variable}"
        else:
            hint = f"set ca_file in [{self._where}] to the certificate of the authority (CA) that signed it"
        return ChatUnavailable(channel, what, hint)

    def _hint(self, status: int | None) -> str:
        """Return a hint for an HTTP status, or an empty string."""
        if status in _SECRET:
            return f"check the token and the path in ${self._variable}"
        if status in _WRONG:
            return f"check ${self._variable}, and the service's limits in docs/PLACES.md"
        if status in _REDIRECTED:
            return f"the service may have moved: put its new URL into ${self._variable}"
        return ""

    def find(self, channel: str, key: str, since: datetime | None, *, thread: str | None = None) -> Search:
        """Raise ChatRefused: Apprise can only post."""
        del key, since, thread
        raise ChatRefused(channel, f"cannot search {self.service}", "check the channel yourself")

    def delete(self, channel: str, posted: Posted) -> None:
        """Raise ChatRefused: Apprise can only post."""
        del posted
        raise ChatRefused(channel, f"cannot delete messages of {self.service}", "delete it yourself")

    def _open(self) -> "NotifyBase":
        return open_service(self._where, self._variable, self._address)


def _frozen(message: Message, name: str) -> Frozen:
    posted = {"title": message.title, "body": message.body, "language": message.language, "list": name}
    return Frozen(json.dumps(posted, ensure_ascii=False), message.unnamed)


def _send(service: "NotifyBase", title: str, body: str, language: str) -> bool:
    """Send a message in one piece, without retries, converted only into the service's own dialect.

    The service must be a new instance: a used one would wait because of earlier posts.
    """
    from apprise import NotifyFormat, OverflowMode

    written_in = NotifyFormat(language)
    if isinstance(service.notify_format, NotifyFormat):
        # Apprise declares a single format for services whose format it does not know.
        service.notify_format = written_in
    taken_as = service.resolve_format(written_in)
    return service.notify(
        body=body,
        title=title,
        overflow=OverflowMode.UPSTREAM,
        body_format=taken_as,
        body_passthrough=taken_as is not written_in,
    )


def _outcome(service: str, attempt: Post) -> str:
    """Return the outcome of the last step of an unconfirmed post."""
    error = attempt.error
    if attempt.status is not None:
        who = "the mail server" if error is not None else service
        return f"{who} answered {attempt.status}"
    if error is None:
        return f"{service} did not confirm the message"
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return f"the response of {service} is too large or cannot be decompressed"
    if any(isinstance(each, TimeoutError | requests.Timeout) for each in _chain(error)):
        return f"{service} did not answer in time"
    return f"the connection to {service} ended without a response"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and its causes."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
