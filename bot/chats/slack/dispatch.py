"""Dispatch of payloads to Bolt: a payload that Bolt cannot parse is logged in one line.

``payloads`` checks what Bolt reads; on other malformed payloads Bolt raises KeyError or the like. The bot's own
functions raise nothing there (``listener``).
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse

_log = logging.getLogger(__name__)

# The exceptions that a malformed payload causes in code that reads it.
_MISREADING = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
# Neither Bolt nor the bot responds with this status otherwise.
MISREAD = 400


def log_errors(app: App) -> None:
    """Make a Bolt app log its errors as ``dispatch`` does."""
    app.error(_answer_to)


def dispatch(
    app: App,
    body: str | dict[str, Any],
    headers: Mapping[str, str | Sequence[str]],
    *,
    query: str | None = None,
    mode: str = "http",
) -> BoltResponse:
    """Pass a payload to Bolt and return its response; the status is MISREAD if Bolt cannot parse it."""
    try:
        return app.dispatch(BoltRequest(body=body, query=query, headers={**headers}, mode=mode))
    # Bolt reads the payload outside of its error handling too.
    except _MISREADING as error:
        return _misread(error)


def _answer_to(error: Exception) -> BoltResponse | None:
    """Return the response to an error that Bolt caught; None keeps Bolt's response."""
    if isinstance(error, _MISREADING):
        return _misread(error)
    _log.error("cannot handle a payload from Slack", exc_info=error)
    return None


def _misread(error: Exception) -> BoltResponse:
    _log.warning("unexpected (non-Slack) payload: Bolt cannot parse it (%s)", type(error).__name__)
    return BoltResponse(
        status=MISREAD, body={"error": "the payload cannot be parsed"}, headers={"x-slack-no-retry": ["1"]}
    )
