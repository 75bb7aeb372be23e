"""A notification service that Apprise posts to: each message at most once, in one piece.

Apprise answers yes or no. What is no clear yes leaves the delivery in doubt, and a person settles it; but for what the
bot's own connections know never to have been sent (``transport``).
"""

import json
import math
import smtplib
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import requests

from bot.chats.notify.messages import message_of
from bot.chats.notify.services import check_authorities, open_service, ways_of
from bot.chats.notify.transport import Post, recorded
from bot.domain.digests.digest import Digest
from bot.network.exchange import ending_by
from bot.services.ports import ChatDoubtful, ChatError, ChatRefused, ChatUnavailable, Frozen, Posted, Search

if TYPE_CHECKING:
    from apprise import NotifyBase

# How long a whole post may take, in seconds: a service may be asked several times for one, to log in for instance.
_TIMEOUT = 60.0
# OpenSSL's numbers of what no authority mends: not yet valid, expired, another host, another address.
_OF_THE_SERVER = (9, 10, 62, 64)
# HTTP's numbers of a secret that is not known, of what is wrong or too long, and of an address that is another one now.
_SECRET, _WRONG, _REDIRECTED = (401, 403, 404), (400, 413), range(300, 400)


class NotificationClient:
    """One place by its Apprise address, which ``variable`` holds.

    ``language`` is markdown, text or html, None for what the service takes; a whole post takes ``timeout``
    seconds at most; ``ca_file`` holds certificate authorities to trust beside the system's. Raises UsageError where
    Apprise is not installed, does not understand the address, or cannot be told of authorities.
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
        """Return which service it is, and how a digest is written for it."""
        return f"{self.service}, in {self._ways.language} of at most {self._ways.most:,} characters"

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        """Write the message, as long as the service takes it."""
        del channel
        from apprise import NotifyFormat

        service, written_in = self._open(), NotifyFormat(self._ways.language)
        message = message_of(digest, self._ways, lambda body: service.dialect_convert(body, written_in))
        posted = {"title": message.title, "body": message.body, "language": message.language}
        return Frozen(json.dumps(posted, ensure_ascii=False), message.unnamed)

    def clock(self, channel: str) -> datetime | None:
        """Return nothing: Apprise passes on no answer."""
        del channel
        return None

    def post(self, channel: str, message: str, key: str, deadline: float = math.inf) -> Posted:
        """Post a frozen message once; the service returns no id, so the delivery's key serves as one. Raises ChatError.

        What goes by requests ends on its own; whatever else is still done at the end of the time is left behind.
        It can be kept from beginning after the deadline, not from going on.
        """
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
            raise ChatUnavailable(channel, "the time for this attempt is over")
        service = self._open()
        with recorded(service, self._timeout, self._ca_file) as attempt:
            try:
                is_taken = _send(service, frozen["title"], frozen["body"], frozen["language"])
            except Exception as error:  # whatever goes wrong may have done so after the message was taken
                raise ChatDoubtful(channel, f"posting to {self.service} broke off ({type(error).__name__})") from error
        if is_taken is True:
            return Posted(channel, key)
        raise self._unconfirmed(channel, attempt)

    def _unconfirmed(self, channel: str, attempt: Post) -> ChatError:
        """Return what became of a post that is not confirmed: in doubt, but where nothing of the message went out."""
        if attempt.error is None or attempt.is_sent:
            return ChatDoubtful(channel, _outcome(self.service, attempt), self._hint(attempt.status))
        if isinstance(attempt.error, smtplib.SMTPAuthenticationError):
            hint = f"check the login in ${self._variable}"
            return ChatRefused(channel, f"the mail server did not take the login ({attempt.status})", hint)
        what = f"{self.service} cannot be reached"
        distrust = next(
            (each for each in _chain(attempt.error) if isinstance(each, ssl.SSLCertVerificationError)), None
        )
        if distrust is None:
            return ChatUnavailable(channel, what)
        what = f"{what}: its TLS certificate is not trusted ({distrust.verify_message})"
        if distrust.verify_code in _OF_THE_SERVER:
            hint = f"have the server's certificate renewed, or check the host in ${self._variable}"
        else:
            hint = f"name the file of the certificate authority (CA) that signed it: ca_file in [{self._where}]"
        return ChatUnavailable(channel, what, hint)

    def _hint(self, status: int | None) -> str:
        """Return what may be wrong where a service answered so."""
        if status in _SECRET:
            return f"a token or a path in ${self._variable} may not be known there"
        if status in _WRONG:
            return f"${self._variable} may not be right, or see docs/PLACES.md for what the service takes"
        if status in _REDIRECTED:
            return f"it may have moved: put its new address into ${self._variable}"
        return ""

    def find(self, channel: str, key: str, since: datetime | None) -> Search:
        """Refuse: Apprise can only post."""
        del key, since
        raise ChatRefused(channel, f"{self.service} cannot be asked for it", "somebody has to look")

    def delete(self, channel: str, posted: Posted) -> None:
        """Refuse: Apprise can only post."""
        del posted
        raise ChatRefused(channel, f"{self.service} cannot delete it", "somebody has to do that")

    def _open(self) -> "NotifyBase":
        return open_service(self._where, self._variable, self._address)


def _send(service: "NotifyBase", title: str, body: str, language: str) -> bool:
    """Send in one piece, without a second try, converted only into the service's own dialect.

    The service has to be a new one: what one has learned of an earlier post would make it wait.
    """
    from apprise import NotifyFormat, OverflowMode

    written_in = NotifyFormat(language)
    if isinstance(service.notify_format, NotifyFormat):
        # It declares one language only, as it does where it knows nothing of the service's.
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
    """Return what came of the last step of a post that was not confirmed."""
    error = attempt.error
    if attempt.status is not None:
        who = "the mail server" if error is not None else service
        return f"{who} answered {attempt.status}"
    if error is None:
        return f"{service} did not confirm it"
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return f"the answer of {service} is too large, or cannot be unpacked"
    if any(isinstance(each, TimeoutError | requests.Timeout) for each in _chain(error)):
        return f"{service} did not answer in time"
    return f"the connection ended without an answer from {service}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those that it was made of."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
