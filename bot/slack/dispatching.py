"""Handing a payload to Bolt: what Bolt itself cannot read is nobody's question, and no fault of the bot.

``payloads`` knows what Bolt reads; what it does not know of, Bolt meets with a KeyError or the like before anything of
the bot is called. That is told in one line. What the bot's own functions raise is logged with its traceback.
"""

import logging
import sys
from collections.abc import Mapping, Sequence
from traceback import walk_tb
from types import TracebackType
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse

_log = logging.getLogger(__name__)

# What a payload of another shape makes a program raise that reads it.
_MISREADING = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
_BOLT = "slack_bolt"
# Nothing of Bolt's or of the bot's answers so.
MISREAD = 400


def tell_errors(app: App) -> None:
    """Let a Bolt app tell its errors as ``dispatch`` does."""
    app.error(_answer_to)


def dispatch(
    app: App,
    body: str | dict[str, Any],
    headers: Mapping[str, str | Sequence[str]],
    *,
    query: str | None = None,
    mode: str = "http",
) -> BoltResponse:
    """Let Bolt take a payload; the answer's status is MISREAD for one that Bolt cannot read."""
    try:
        return app.dispatch(BoltRequest(body=body, query=query, headers={**headers}, mode=mode))
    # Bolt reads the payload before it looks for errors, and again as it tells of one.
    except _MISREADING as error:
        # The outermost frame is this function's.
        if not _is_misreading(error, error.__traceback__ and error.__traceback__.tb_next):
            raise
        return _misread(error)


def _answer_to(error: Exception) -> BoltResponse | None:
    """Answer to an error that Bolt caught; None leaves the answer as it is, which is that something failed."""
    if _is_misreading(error, error.__traceback__):
        return _misread(error)
    _log.error("what Slack sent could not be taken", exc_info=error)
    return None


def _misread(error: Exception) -> BoltResponse:
    _log.warning("what was sent is not one of Slack's payloads: Bolt cannot read it (%s)", type(error).__name__)
    return BoltResponse(
        status=MISREAD, body={"error": "the payload cannot be read"}, headers={"x-slack-no-retry": ["1"]}
    )


def _is_misreading(error: Exception, trace: TracebackType | None) -> bool:
    """Whether an error was raised as Bolt read a payload: it came through nothing but Bolt and Python."""
    rooms = {str(frame.f_globals.get("__name__")).partition(".")[0] for frame, _ in walk_tb(trace)}
    return isinstance(error, _MISREADING) and _BOLT in rooms and rooms - {_BOLT} <= sys.stdlib_module_names
