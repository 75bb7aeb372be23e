"""Logging: readable lines or JSON on stderr, with every known secret masked."""

import json
import logging
from collections.abc import Iterable, Sequence

import structlog
from structlog.typing import Processor

from bot.config.redaction import without_tokens

_MASK = "***"


class _MaskingFormatter(structlog.stdlib.ProcessorFormatter):
    """Masks known secrets, and everything that looks like one, in every line and traceback."""

    secrets: Sequence[str] = ()

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self.secrets:
            text = text.replace(secret, _MASK)
        return without_tokens(text)


def begin_logging(level: str, log_format: str, secrets: Iterable[str]) -> None:
    """Start logging to stderr from ``level`` on, as ``text`` or ``json`` lines."""
    times = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        times,
        # The poll or delivery that a line belongs to.
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.ExtraAdder(allow={"delivery"}),
    ]
    renderer: Processor
    if log_format == "json":
        renderer = structlog.processors.JSONRenderer()
        shared.append(structlog.processors.format_exc_info)
    else:
        # Rich's tracebacks show local variables, and wrap a secret over two lines, where the mask misses it.
        renderer = structlog.dev.ConsoleRenderer(
            colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
        )
    handler = logging.StreamHandler()
    final = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    formatter = _MaskingFormatter(foreign_pre_chain=shared, processors=final)
    forms = {form for secret in secrets if secret for form in (secret, json.dumps(secret)[1:-1])}
    formatter.secrets = sorted(forms, key=len, reverse=True)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Below warning these libraries log every request with its headers, every job or every migration.
    for name in ("urllib3", "slack_sdk", "github", "gitlab", "apscheduler", "alembic"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # The bot reports its errors itself, without parts of the message.
    logging.getLogger("slack_sdk.web").setLevel(logging.CRITICAL)
