"""Monitoring over HTTP: metrics for Prometheus, and a health check."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bot import __version__
from bot.domain.errors import BotError
from bot.render.status import status_json
from bot.services.status import Status
from bot.web.app import Mount

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_JSON = "application/json"
_PLAIN = "text/plain; charset=utf-8"
_FAILED = "503 Service Unavailable"
# How long reading the status from the database may take, in seconds.
_PATIENCE = 5.0


class Monitor:
    """The WSGI application: ``/metrics`` for Prometheus, ``/health`` for health checks.

    ``look`` reads the status from the database, which may take ``patience`` seconds; no forge is queried.
    ``overdue`` returns the jobs that hang.
    """

    def __init__(
        self,
        look: Callable[[], Status],
        zone: "ZoneInfo",
        overdue: Callable[[], Sequence[str]] = tuple,
        *,
        patience: float = _PATIENCE,
    ) -> None:
        self._look = look
        self._zone = zone
        self._overdue = overdue
        self._patience = patience
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="monitoring")
        self._guard = Lock()
        self._looking: Future[Status] | None = None

    def mount(self, address: tuple[str, int]) -> Mount:
        """Return its paths, to serve at an address."""
        return Mount("monitoring", "monitoring.address", address, {"/metrics": self, "/health": self})

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        """Answer a request."""
        status, kind, body = self._answer(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _answer(self, method: str, path: str) -> tuple[str, str, bytes]:
        if method not in ("GET", "HEAD"):
            return "405 Method Not Allowed", _PLAIN, b"method not allowed; use GET\n"
        try:
            if path == "/health":
                self._require_life()
            standing = self._looked()
        except BotError as error:
            return _FAILED, _PLAIN, f"{error}\n".encode()
        if path == "/metrics":
            return "200 OK", _TEXT, metrics(standing)
        everything = status_json(standing, __version__, self._zone)
        shown = {key: everything[key] for key in ("is_fine", "at", "complete_until", "version", "deliveries")}
        return "200 OK", _JSON, json.dumps(shown).encode()

    def _require_life(self) -> None:
        """Raise BotError if a job hangs."""
        if overdue := self._overdue():
            raise BotError("worker", "; ".join(overdue))

    def _looked(self) -> Status:
        """Return the status, read in one thread at a time, however many requests wait. Raises BotError."""
        with self._guard:
            if self._looking is None or self._looking.done():
                self._looking = self._threads.submit(self._look)
            looking = self._looking
        try:
            return looking.result(self._patience)
        except TimeoutError as error:
            raise BotError("database", f"no answer in {self._patience:g} s") from error

    def close(self) -> None:
        """Stop, without waiting."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def metrics(standing: Status) -> bytes:
    """Return the status in Prometheus's text format; times are seconds since 1970."""
    registry = CollectorRegistry()

    def gauge(name: str, help_text: str, *labels: str) -> Gauge:
        return Gauge(f"release_bot_{name}", help_text, labels, registry=registry)

    gauge("info", "The running version.", "version").labels(__version__).set(1)
    repositories = gauge("repositories", "Watched repositories.", "forge")
    failing = gauge("repositories_failing", "Repositories that were not checked recently.", "forge")
    for forge in standing.forges:
        repositories.labels(forge.name).set(forge.repositories)
        failing.labels(forge.name).set(sum(each.repository.forge == forge.name for each in standing.stale))
    tags = gauge("tags", "Existing tags, by the last poll.")
    tags.set(standing.tags)
    complete = gauge(
        "complete_until_seconds", "Timestamp that the data is complete up to; 0 until every repository was polled."
    )
    complete.set(standing.complete_until.timestamp() if standing.complete_until else 0)
    deliveries = gauge("deliveries", "Deliveries of digests, by state.", "state")
    for state, count in standing.deliveries.items():
        deliveries.labels(state).set(count)
    limit = gauge("forge_limit", "Rate limit: requests per window.", "forge", "resource")
    left = gauge("forge_limit_remaining", "Rate limit: requests remaining at the last response.", "forge", "resource")
    for forge in standing.forges:
        for budget in forge.budgets:
            if budget.reported is not None:
                limit.labels(forge.name, budget.resource).set(budget.reported.limit)
                left.labels(forge.name, budget.resource).set(budget.reported.remaining)
    return generate_latest(registry)
