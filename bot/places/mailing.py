"""Bounds on what a mail server answers, and one's own authorities for it: Apprise has no word for either.

Apprise makes its connections by the names ``smtplib.SMTP`` and ``smtplib.SMTP_SSL``. Both are given other classes here,
which go over the bounded sockets in a thread that posts, and elsewhere are just what Python has. No documented way
leads there, so tests/places/test_bounds.py notices when Apprise or smtplib no longer goes by it.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from bot.network.certificates import tls_context, trusting_context
from bot.network.exchange import Exchange, Limits, connected, current

_authorities: ContextVar[Path | None] = ContextVar("authorities", default=None)


class _Mail(smtplib.SMTP):
    """A connection to a mail server, bounded where its thread is in an exchange."""

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        return connected(host, port) if current() else super()._get_socket(host, port, timeout)  # type: ignore[misc]

    def starttls(self, *args: Any, context: ssl.SSLContext | None = None, **kwargs: Any) -> Any:
        """Go on with TLS."""
        return super().starttls(*args, context=_bounded_context(context), **kwargs)  # type: ignore[call-overload]


class _MailOverTls(smtplib.SMTP_SSL, _Mail):
    """The same with TLS from the first byte; smtplib asks the other class for the socket under it."""

    def __init__(self, *args: Any, context: ssl.SSLContext | None = None, **kwargs: Any) -> None:
        super().__init__(*args, context=_bounded_context(context), **kwargs)  # type: ignore[call-overload]


def _bounded_context(asked: ssl.SSLContext | None) -> ssl.SSLContext | None:
    """Give what TLS is spoken with in an exchange; who asked for no check has none."""
    if current() is None:
        return asked
    is_unchecked = asked is not None and asked.verify_mode == ssl.CERT_NONE
    return trusting_context() if is_unchecked else tls_context(_authorities.get())


@contextmanager
def bounded_mail(limits: Limits, ca_file: Path | None) -> Iterator[None]:
    """Bound all that this thread says to mail servers meanwhile, as one exchange."""
    smtplib.SMTP, smtplib.SMTP_SSL = _Mail, _MailOverTls  # type: ignore[misc]
    token = _authorities.set(ca_file)
    try:
        with Exchange(limits).active():
            yield
    finally:
        _authorities.reset(token)
