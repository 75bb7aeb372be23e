"""Bounds on what a place answers, though Apprise has no word for any: each answer has a largest size and an end.

Apprise takes neither a session nor an adapter of requests. Its services call ``requests.post`` and the like, and those
make a session of their own for each call, by the name ``requests.sessions.Session``. That one name is given another
class here: a session that mounts the bounded adapter in a thread that posts, and elsewhere is just what requests has.
No documented way leads there, so tests/places/test_bounds.py notices when Apprise or requests no longer goes by it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import requests

from bot.network.exchange import Limits
from bot.network.http import BoundedAdapter
from bot.places.mailing import bounded_mail

if TYPE_CHECKING:
    from apprise import NotifyBase

# Far above what a service answers to a post, in bytes.
LARGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class _Bounds:
    limits: Limits
    ca_file: Path | None


_bounds: ContextVar[_Bounds | None] = ContextVar("bounds", default=None)


class _Session(requests.Session):
    """A session of requests, bounded where its thread is."""

    def __init__(self) -> None:
        super().__init__()
        bounds = _bounds.get()
        if bounds is not None:
            for scheme in ("https://", "http://"):
                self.mount(scheme, BoundedAdapter(bounds.limits, bounds.ca_file))


@contextmanager
def bounded(service: "NotifyBase", total: float, ca_file: Path | None) -> Iterator[None]:
    """Bound what this thread asks and is told meanwhile: to ``total`` seconds, and to the service's own time-outs.

    ``ca_file`` holds certificate authorities to trust beside the system's.
    """
    connecting = service.socket_connect_timeout
    if _stands_on(service, "smtplib"):
        # Apprise waits as long for each of a mail server's answers as for the connection.
        with bounded_mail(Limits(total, connecting), ca_file):
            yield
        return
    requests.sessions.Session = _Session  # type: ignore[misc]
    limits = Limits(total, service.socket_read_timeout, largest_body=LARGEST, connecting=connecting)
    token = _bounds.set(_Bounds(limits, ca_file))
    try:
        yield
    finally:
        _bounds.reset(token)


def is_bounded(service: "NotifyBase") -> bool:
    """Whether a service is asked over HTTP or by mail: a few others are not, and nothing here reaches those."""
    return _stands_on(service, "requests") or _stands_on(service, "smtplib")


def _stands_on(service: "NotifyBase", library: str) -> bool:
    return any(library in vars(sys.modules[kind.__module__]) for kind in type(service).__mro__)
