"""Bounded connections under Apprise: posts have a time-out, responses a maximum size, and outcomes are recorded.

Apprise accepts no session or adapter of requests, and has no limits. Its services call ``requests.post`` and the
like, which create a ``requests.sessions.Session`` for each call, and send mail with ``smtplib.SMTP`` and
``smtplib.SMTP_SSL``. These names are rebound here to subclasses: in a thread that posts they use bounded connections,
elsewhere they behave like the originals. This is undocumented, so tests/chats/notify/test_bounds.py fails when
Apprise, requests or smtplib no longer works this way.
"""

import re
import smtplib
import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from bot.network.certificates import tls_context, trusting_context
from bot.network.exchange import Exchange, Limits, connected, current
from bot.network.http import BoundedAdapter

if TYPE_CHECKING:
    from apprise import NotifyBase

# Far above the size of responses to a post, in bytes.
LARGEST = 10_000_000
_MESSAGE_ID = re.compile(r"^(Message-ID:\s*)<[^<>@]*@([^<>]*)>", re.IGNORECASE | re.MULTILINE)


@dataclass
class Post:
    """A post, and what happened on its connections.

    ``is_sent`` means that the service may have the message: a whole request or a mail was sent.
    ``key`` is the delivery's, by which mails are known: one that is sent again has the same id.
    ``error`` is the error of the last step, ``status`` the service's response to it; None for neither.
    """

    limits: Limits
    ca_file: Path | None
    key: str = ""
    is_sent: bool = False
    error: Exception | None = None
    status: int | None = None

    @contextmanager
    def step(self) -> Iterator[None]:
        """Record the error and the status of a step."""
        self.error = self.status = None
        try:
            yield
        except Exception as error:
            self.error, self.status = error, _smtp_code(error)
            raise


def _smtp_code(error: Exception) -> int | None:
    """Return the status code of a mail server's error, the lowest of several recipients; None for other errors."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min(code for code, _ in error.recipients.values())
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


_post: ContextVar[Post | None] = ContextVar("post", default=None)


@contextmanager
def recorded(service: "NotifyBase", total: float, ca_file: Path | None, key: str = "") -> Iterator[Post]:
    """Limit and record the traffic of this thread: to ``total`` seconds, and by the service's own time-outs.

    A mail gets an id of the delivery's ``key``. ``ca_file`` holds certificate authorities to trust in addition to the
    system's.
    """
    connecting = service.socket_connect_timeout
    is_mail = _uses(service, "smtplib")
    # Apprise uses the connect time-out for each response of a mail server too.
    pause = connecting if is_mail else service.socket_read_timeout
    post = Post(Limits(total, pause, largest_body=LARGEST, connecting=connecting), ca_file, key)
    requests.sessions.Session = _Session  # type: ignore[misc]
    smtplib.SMTP, smtplib.SMTP_SSL = _Mail, _MailOverTls  # type: ignore[misc]
    token = _post.set(post)
    try:
        if is_mail:
            with Exchange(post.limits).active():
                yield post
        else:
            yield post
    finally:
        _post.reset(token)


def is_bounded(service: "NotifyBase") -> bool:
    """Return whether a service uses HTTP or mail: the few others are not bounded here."""
    return _uses(service, "requests") or _uses(service, "smtplib")


def _uses(service: "NotifyBase", library: str) -> bool:
    return any(library in vars(sys.modules[kind.__module__]) for kind in type(service).__mro__)


class _Session(requests.Session):
    """A requests session, bounded and recorded in a thread that posts."""

    def __init__(self) -> None:
        super().__init__()
        post = _post.get()
        if post is not None:
            for scheme in ("https://", "http://"):
                self.mount(scheme, _Adapter(post))


class _Adapter(BoundedAdapter):
    """Sends the requests of a post, and records whether they were sent."""

    def __init__(self, post: Post) -> None:
        self._post = post
        super().__init__(post.limits, post.ca_file)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request and read its whole response. Raises requests' errors."""
        exchange = Exchange(self._post.limits)
        with self._post.step(), exchange.active():
            try:
                response = super().send(request, *args, **kwargs)
            finally:
                self._post.is_sent |= exchange.is_sent
        self._post.status = response.status_code
        return response


class _Mail(smtplib.SMTP):
    """A connection to a mail server, bounded and recorded in a thread that posts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        with _step():
            super().__init__(*args, **kwargs)

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        return connected(host, port) if current() else super()._get_socket(host, port, timeout)  # type: ignore[misc]

    def starttls(self, *args: Any, context: ssl.SSLContext | None = None, **kwargs: Any) -> Any:
        """Switch to TLS."""
        with _step():
            return super().starttls(*args, context=_bounded_context(context), **kwargs)  # type: ignore[call-overload]

    def login(self, *args: Any, **kwargs: Any) -> Any:
        """Log in."""
        with _step():
            return super().login(*args, **kwargs)

    def sendmail(self, from_addr: str, to_addrs: Any, msg: Any, *args: Any, **kwargs: Any) -> Any:
        """Send a mail, under the delivery's id."""
        if (post := _post.get()) is not None:
            post.is_sent = True
            # Apprise makes a new id for each mail, whatever headers it is given.
            msg = _MESSAGE_ID.sub(rf"\1<{post.key}@\2>", msg, count=1) if post.key else msg
        with _step():
            return super().sendmail(from_addr, to_addrs, msg, *args, **kwargs)


class _MailOverTls(smtplib.SMTP_SSL, _Mail):
    """A connection with TLS from the first byte; smtplib gets its socket from the other base class."""

    def __init__(self, *args: Any, context: ssl.SSLContext | None = None, **kwargs: Any) -> None:
        super().__init__(*args, context=_bounded_context(context), **kwargs)  # type: ignore[call-overload]


@contextmanager
def _step() -> Iterator[None]:
    post = _post.get()
    if post is None:
        yield
        return
    with post.step():
        yield


def _bounded_context(asked: ssl.SSLContext | None) -> ssl.SSLContext | None:
    """Return the TLS context for a post; without verification if Apprise asked for none."""
    post = _post.get()
    if post is None:
        return asked
    is_unchecked = asked is not None and asked.verify_mode == ssl.CERT_NONE
    return trusting_context() if is_unchecked else tls_context(post.ca_file)
