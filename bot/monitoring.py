"""Monitoring: the few numbers that matter for Prometheus, and whether the bot lives, over HTTP where that is wanted."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from threading import Lock
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bot.domain.errors import BotError
from bot.render.standing import standing_json
from bot.services.standing import Standing
from bot.serving import Serving

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = logging.getLogger(__name__)

_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_JSON = "application/json"
_PLAIN = "text/plain; charset=utf-8"
_FAILED = "503 Service Unavailable"
# How long the database may take to say how things stand, in seconds: who asks waits no longer either.
_PATIENCE = 5.0
Look = Callable[[], Standing]
Overdue = Callable[[], Sequence[str]]


class Monitor:
    """The WSGI application: ``/metrics`` for Prometheus, ``/health`` for whoever asks whether the bot lives.

    ``look`` reads the standing from the database, which may take ``patience`` seconds; no forge is asked.
    ``overdue`` says which jobs hang.
    """

    def __init__(self, look: Look, zone: "ZoneInfo", overdue: Overdue, patience: float) -> None:
        self._look = look
        self._zone = zone
        self._overdue = overdue
        self._patience = patience
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="monitoring")
        self._guard = Lock()
        self._looking: Future[Standing] | None = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        """Answer a request."""
        status, kind, body = self._answer(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _answer(self, method: str, path: str) -> tuple[str, str, bytes]:
        if path not in ("/metrics", "/health"):
            return "404 Not Found", _PLAIN, b"there are /metrics and /health\n"
        if method not in ("GET", "HEAD"):
            return "405 Method Not Allowed", _PLAIN, b"ask with GET\n"
        try:
            if path == "/health":
                self._require_life()
            standing = self._looked()
        except BotError as error:
            return _FAILED, _PLAIN, f"{error}\n".encode()
        if path == "/metrics":
            return "200 OK", _TEXT, metrics(standing)
        told = standing_json(standing, version("dirac-release-bot"), self._zone)
        shown = {key: told[key] for key in ("is_fine", "at", "complete_until", "version", "deliveries")}
        return "200 OK", _JSON, json.dumps(shown).encode()

    def _require_life(self) -> None:
        """Raise BotError where a job hangs."""
        if overdue := self._overdue():
            raise BotError("worker", "; ".join(overdue))

    def _looked(self) -> Standing:
        """Look in a thread of its own: one at a time, however many ask. Raises BotError."""
        with self._guard:
            if self._looking is None or self._looking.done():
                self._looking = self._threads.submit(self._look)
            looking = self._looking
        try:
            return looking.result(self._patience)
        except TimeoutError as error:
            raise BotError("database", f"no answer in {self._patience:g} s") from error

    def close(self) -> None:
        """Look no more; nothing is waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def metrics(standing: Standing) -> bytes:
    """Write the standing in Prometheus's text format; times are seconds since 1970."""
    registry = CollectorRegistry()

    def gauge(name: str, told: str, *labels: str) -> Gauge:
        return Gauge(f"release_bot_{name}", told, labels, registry=registry)

    gauge("info", "The version that runs.", "version").labels(version("dirac-release-bot")).set(1)
    repositories = gauge("repositories", "Watched repositories.", "forge")
    failing = gauge("repositories_failing", "Repositories that could not be polled lately.", "forge")
    for forge in standing.forges:
        repositories.labels(forge.name).set(forge.repositories)
        failing.labels(forge.name).set(sum(each.repository.forge == forge.name for each in standing.stale))
    tags = gauge("tags", "Tags that are there, by their last poll.")
    tags.set(sum(each.record.tag_count for each in standing.repositories))
    complete = gauge("complete_until_seconds", "Until when the record is complete; 0 before every first poll.")
    complete.set(standing.complete_until.timestamp() if standing.complete_until else 0)
    deliveries = gauge("deliveries", "Digests on their way to their channel.", "state")
    for state, count in standing.deliveries.items():
        deliveries.labels(state).set(count)
    limit = gauge("forge_limit", "Requests that a forge allows in its window.", "forge", "resource")
    left = gauge("forge_limit_remaining", "Requests that were left at the last answer.", "forge", "resource")
    for forge in standing.forges:
        for budget in forge.budgets:
            if budget.told is not None:
                limit.labels(forge.name, budget.resource).set(budget.told.limit)
                left.labels(forge.name, budget.resource).set(budget.told.remaining)
    return generate_latest(registry)


@contextmanager
def monitored(
    address: tuple[str, int] | None,
    look: Look,
    zone: "ZoneInfo",
    overdue: Overdue = tuple,
    *,
    patience: float = _PATIENCE,
) -> Iterator[int | None]:
    """Serve for as long as the context lasts, and give the port; nothing where no address is configured.

    ``overdue`` says which jobs hang, ``patience`` is how many seconds ``look`` may take.
    Raises UsageError for an address that cannot be had.
    """
    if address is None:
        yield None
        return
    monitor = Monitor(look, zone, overdue, patience)
    serving = Serving(monitor, "monitoring.address", *address, longest_body=0)
    serving.start()
    _log.info("monitoring listens at port %d, paths /metrics and /health", serving.port)
    try:
        yield serving.port
    finally:
        serving.close()
        monitor.close()
