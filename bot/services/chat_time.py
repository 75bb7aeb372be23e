"""Chat time: what time it is by the chat's own clock, for deciding which digests are due where ours is wrong."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.domain.clocks import FARTHEST, TOLERANCE, rounded
from bot.domain.values import dataclass
from bot.services.ports import Chat

_log = logging.getLogger(__name__)

_KEPT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The chat's clock and ours at one moment of ``time.monotonic``."""

    chat: datetime
    ours: datetime
    at: float


class ChatTime:
    """Compares our clock with the chat's every ten minutes, and whenever ours has jumped.

    Where they differ by no more than clocks that keep time may, or by more than a week, or the chat does not say,
    ours is the time.
    """

    def __init__(
        self,
        chat: Chat,
        channels: Callable[[], Sequence[str]],
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chat = chat
        self._channels = channels
        self._now = now
        self._monotonic = monotonic
        self._last: _Comparison | None = None
        self._is_off = False

    def now(self, *, is_exact: bool = False) -> datetime:
        """Return the time; ``is_exact`` asks the chat anew."""
        if is_exact or self._last is None or not self._holds(self._last):
            self._compare()
        ours = self._now()
        off = timedelta(0) if self._last is None else self._last.ours - self._last.chat
        self._say(off)
        return ours - off if TOLERANCE < abs(off) <= FARTHEST else ours

    def _holds(self, last: _Comparison) -> bool:
        """Return whether a comparison is recent enough, and our clock has not jumped since."""
        seconds = self._monotonic() - last.at
        return seconds < _KEPT_SECONDS and abs(self._now() - last.ours - timedelta(seconds=seconds)) <= TOLERANCE

    def _compare(self) -> None:
        for channel in self._channels():
            clock = self._chat.clock(channel) if self._chat.missing(channel) is None else None
            if clock is not None:
                self._last = _Comparison(clock, self._now(), self._monotonic())
                return

    def _say(self, off: timedelta) -> None:
        is_off, self._is_off = self._is_off, abs(off) > TOLERANCE
        if self._is_off and not is_off:
            how = "ahead of" if off > timedelta(0) else "behind"
            which = "the chat's" if abs(off) <= FARTHEST else "this machine's"
            message = "this machine's clock is %s %s the chat's; digests follow %s. Set the clock that is wrong"
            _log.error(message, rounded(off), how, which)
