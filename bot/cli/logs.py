"""Logging: readable lines or JSON on stderr, with every known secret masked."""

import json
import logging
from collections.abc import Iterable, Sequence
from functools import cached_property

from bot.config.redaction import without_tokens

_MASK = "***"


class _MaskingFormatter(logging.Formatter):
    """Masks known secrets, and everything that looks like one, in every line and traceback."""

    def __init__(self, log_format: str, secrets: Sequence[str]) -> None:
        super().__init__()
        self._log_format = log_format
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        text = self._formatter.format(record)
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        return without_tokens(text)

    @cached_property
    def _formatter(self) -> logging.Formatter:
        """Return the formatter of the lines, made for the first one: most commands log none."""
        from structlog import contextvars, dev, processors, stdlib
        from structlog.typing import Processor

        shared: list[Processor] = [
            stdlib.add_log_level,
            stdlib.add_logger_name,
            processors.TimeStamper(fmt="iso", utc=True),
            # The poll or delivery that a line belongs to.
            contextvars.merge_contextvars,
            stdlib.ExtraAdder(allow={"delivery"}),
        ]
        renderer: Processor
        if self._log_format == "json":
            renderer = processors.JSONRenderer()
            shared.append(processors.format_exc_info)
        else:
            # Rich's tracebacks show local variables, and wrap a secret over two lines, where the mask misses it.
            renderer = dev.ConsoleRenderer(colors=False, pad_event_to=0, exception_formatter=dev.plain_traceback)
        final = [stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        return stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=final)


def begin_logging(level: str, log_format: str, secrets: Iterable[str]) -> None:
    """Start logging to stderr from ``level`` on, as ``text`` or ``json`` lines."""
    handler = logging.StreamHandler()
    forms = {form for secret in secrets if secret for form in (secret, json.dumps(secret)[1:-1])}
    handler.setFormatter(_MaskingFormatter(log_format, sorted(forms, key=len, reverse=True)))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Below warning these libraries log every request with its headers, every job or every migration.
    for name in ("urllib3", "slack_sdk", "github", "gitlab", "apscheduler", "alembic"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # The bot reports its errors itself, without parts of the message.
    for name in ("slack_sdk.web", "procrastinate", "psycopg"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
