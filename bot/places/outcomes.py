"""Outcomes: what became of a post that Apprise says failed, found in what it logged meanwhile.

Apprise answers yes or no. Why is in its log alone: the number of an HTTP status, and, while
an exception is handled, that exception. Its words are never passed on: they may hold the address.
"""

import logging
import re
import smtplib
import ssl
import sys
from collections.abc import Iterator
from threading import get_ident
from traceback import walk_tb
from types import TracebackType
from typing import Self

from bot.services.ports import ChatDoubtful, ChatError, ChatRefused, ChatUnavailable

_STATUS = re.compile(r"\berror=(\d{3})\b")
_TOO_MANY, _NOT_KNOWN, _SERVER_ERROR, _NOT_OFFERED, _TIMED_OUT = 429, 404, 500, 501, 408
_REDIRECTED, _TOO_LONG, _LAST_STATUS = range(300, 400), (400, 413), 600
_SECRET = (401, 403, _NOT_KNOWN)
_LOST = "the connection ended without an answer"
# OpenSSL's numbers of what no authority mends: not yet valid, expired, another host, another address.
_OF_THE_SERVER = (9, 10, 62, 64)


class Overheard(logging.Handler):
    """Listens, as a context, to what Apprise logs in this thread: the statuses and the exceptions."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.statuses: list[int] = []
        self.errors: list[BaseException] = []
        self._thread = get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Take from a record what can be judged by."""
        if record.thread != self._thread:
            return
        if record.levelno >= logging.WARNING:
            self.statuses += [int(status) for status in _STATUS.findall(record.getMessage())]
        error = sys.exception()
        # What requests raises of an address that is none is a ValueError, as is a certificate that is not trusted.
        is_wrong_use = isinstance(error, ValueError) and not isinstance(error, ssl.SSLError)
        is_of_the_way = isinstance(error, OSError | smtplib.SMTPException) and not is_wrong_use
        if error is not None and is_of_the_way and error not in self.errors:
            self.errors.append(error)

    def __enter__(self) -> Self:
        logging.getLogger("apprise").addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        logging.getLogger("apprise").removeHandler(self)


def outcome(channel: str, service: str, variable: str, heard: Overheard) -> ChatError:
    """Say what became of a post that failed: the most doubtful of all that was heard decides."""
    found = [*(_of_status(channel, service, variable, status) for status in heard.statuses)]
    found += [_of_error(channel, service, variable, error) for error in heard.errors]
    for kind in (ChatDoubtful, ChatRefused, ChatUnavailable):
        for each in found:
            if isinstance(each, kind):
                return each
    return ChatDoubtful(channel, f"{service} could not be posted to, and nothing says why")


def broken(channel: str, service: str, error: Exception) -> ChatDoubtful:
    """Say that a post broke off in Apprise itself."""
    return ChatDoubtful(channel, f"posting to {service} broke off ({type(error).__name__})")


def late(channel: str, service: str) -> ChatDoubtful:
    """Say that a post did not come to an end in time."""
    return ChatDoubtful(channel, f"{service} did not answer in time")


def _of_status(channel: str, service: str, variable: str, status: int) -> ChatError:
    if status == _TOO_MANY:
        return ChatUnavailable(channel, f"{service} asks to wait")
    is_own_fault = status in range(_SERVER_ERROR, _LAST_STATUS) and status != _NOT_OFFERED
    if is_own_fault or status == _TIMED_OUT or status < _REDIRECTED.start:
        return ChatDoubtful(channel, f"{service} answered {status}")
    return ChatRefused(channel, f"{service} did not take it ({status})", _mend(variable, status))


def _mend(variable: str, status: int) -> str:
    if status in _SECRET:
        return f"a token or a path in ${variable} is not known there: put a new address there"
    if status in _TOO_LONG:
        return f"${variable} is not right, or see docs/PLACES.md for what the service takes"
    if status in _REDIRECTED:
        return f"it has moved: put its new address into ${variable}"
    return "see the service's own settings"


def _of_error(channel: str, service: str, variable: str, error: BaseException) -> ChatError:
    code = _mail_code(error)
    if code is not None:
        return _refused_mail(channel, variable, code)
    distrust = next((each for each in _chain(error) if isinstance(each, ssl.SSLCertVerificationError)), None)
    if distrust is not None:
        what = f"{service} cannot be reached: its TLS certificate is not trusted ({distrust.verify_message})"
        return ChatUnavailable(channel, what, _mend_of_trust(channel, variable, distrust))
    if _was_before_sending(error):
        return ChatUnavailable(channel, f"{service} cannot be reached")
    if any("Decod" in type(each).__name__ for each in _chain(error)):
        return ChatDoubtful(channel, f"the answer of {service} is too large, or cannot be unpacked")
    if any(isinstance(each, TimeoutError) or "Timeout" in type(each).__name__ for each in _chain(error)):
        return late(channel, service)
    return ChatDoubtful(channel, f"{_LOST} from {service}")


def _refused_mail(channel: str, variable: str, code: int) -> ChatError:
    if code >= _SERVER_ERROR:
        return ChatRefused(
            channel, f"the mail server did not take it ({code})", f"check the receiver and the login in ${variable}"
        )
    return ChatUnavailable(channel, f"the mail server asks to wait ({code})")


def _mend_of_trust(channel: str, variable: str, distrust: ssl.SSLCertVerificationError) -> str:
    if distrust.verify_code in _OF_THE_SERVER:
        return f"have the server's certificate renewed, or check the host in ${variable}"
    return f"name the file of the certificate authority (CA) that signed it: ca_file in [places.{channel}]"


def _mail_code(error: BaseException) -> int | None:
    """Give the mail server's own word, None for what is none; of several receivers, the mildest."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min(code for code, _ in error.recipients.values())
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


def _was_before_sending(error: BaseException) -> bool:
    """Whether an exception was raised before the message went out.

    That is, while urllib3 connected, or while smtplib did anything but send the mail's data.
    """
    steps = {step for each in _chain(error) for step in _steps(each)}
    is_mail = any(module == "smtplib" for module, _ in steps)
    return ("urllib3.connection", "connect") in steps or (is_mail and ("smtplib", "data") not in steps)


def _steps(error: BaseException) -> Iterator[tuple[str, str]]:
    """Give the functions that an exception came through, each with its module."""
    for frame, _ in walk_tb(error.__traceback__):
        yield str(frame.f_globals.get("__name__")), frame.f_code.co_name


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an exception and those that it was made of."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
