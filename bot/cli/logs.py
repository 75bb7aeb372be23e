"""Logging: readable lines or JSON on stderr, with every known secret masked."""

import logging
from collections.abc import Iterable

import structlog
from structlog.typing import Processor

_MASK = "***"


class _Masking(logging.Filter):
    """Takes known secrets out of every record, whoever logs it."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        record.msg, record.args = text, ()
        return True


def begin_logging(level: str, log_format: str, secrets: Iterable[str]) -> None:
    """Log to stderr from ``level`` on, as ``text`` or ``json`` lines."""
    times = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[Processor] = [structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, times]
    renderer: Processor
    if log_format == "json":
        renderer = structlog.processors.JSONRenderer()
        shared.append(structlog.processors.format_exc_info)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    handler = logging.StreamHandler()
    handler.addFilter(_Masking(secrets))
    final = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=final))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Below warning these libraries log every request with its headers.
    for name in ("urllib3", "slack_sdk", "github", "gitlab", "apscheduler"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
