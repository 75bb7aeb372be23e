"""Notifications to systemd over ``$NOTIFY_SOCKET`` (sd_notify(3)): the worker is ready, alive, or stopping."""

import logging
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from math import inf
from time import monotonic

_log = logging.getLogger(__name__)

_MICROSECONDS = 1_000_000


class ServiceManager:
    """Notifies systemd of the worker's state; without ``$NOTIFY_SOCKET`` it does nothing.

    With ``WatchdogSec=`` in the unit, systemd restarts a worker that does not notify it for so long. ``clock`` returns
    monotonic seconds.
    """

    def __init__(self, variables: Mapping[str, str], clock: Callable[[], float] = monotonic) -> None:
        self._socket = variables.get("NOTIFY_SOCKET", "")
        # How often to notify the watchdog, in seconds: twice in its time.
        self.most_seconds = _watchdog_seconds(variables) / 2 if self._socket else inf
        self._clock = clock
        self._notified_at = clock()

    def notify_ready(self) -> None:
        """Notify that the worker has started; the watchdog counts from now on."""
        self._notify("READY=1")
        self._notified_at = self._clock()

    def notify_alive(self, hanging: Sequence[str]) -> None:
        """Notify the watchdog that the worker is alive, if half of its time has passed and no job is ``hanging``."""
        if self._clock() - self._notified_at < self.most_seconds:
            return
        self._notified_at = self._clock()
        if hanging:
            _log.warning("systemd is not told WATCHDOG=1: %s", "; ".join(hanging))
        else:
            self._notify("WATCHDOG=1")

    def notify_stopping(self) -> None:
        """Notify that the worker has begun to stop."""
        self._notify("STOPPING=1")

    def _notify(self, state: str) -> None:
        if not self._socket:
            return
        # "@" stands for the null byte that begins the name of an abstract socket.
        address = f"\0{self._socket[1:]}" if self._socket.startswith("@") else self._socket
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
                # systemd may be slow to read; that must not hold up the worker.
                sending.settimeout(0)
                sending.sendto(state.encode(), address)
        except OSError as error:
            _log.warning("systemd cannot be told %s: %s: %s", state, self._socket, error.strerror or error)


def _watchdog_seconds(variables: Mapping[str, str]) -> float:
    """Return after how many seconds of silence systemd restarts this process; infinity if it does not watch it."""
    meant = variables.get("WATCHDOG_PID", "")
    if meant and meant != str(os.getpid()):
        return inf
    microseconds = variables.get("WATCHDOG_USEC", "")
    return int(microseconds) / _MICROSECONDS if microseconds.isdecimal() and int(microseconds) else inf
