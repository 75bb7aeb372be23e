"""A small HTTP/1.1 server on loopback, the base of every recorded forge."""

import contextlib
import socket
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from bot.demo.recorded.messages import Drip, Drop, Fault, Request, Response, Truncate

__all__ = ["Drip", "Drop", "Fault", "Interceptor", "LoopbackServer", "Request", "Response", "Truncate"]

Interceptor = Callable[[Request], Response | Fault | None]


class LoopbackServer(ABC):
    """A context manager that serves on a free port of 127.0.0.1, each connection in a thread of its own.

    ``requests`` is the log of what was asked. ``interceptor``, where set, is called
    first: what it returns is sent in place of the real answer, None means to answer as usual.
    ``latency`` is slept before each answer, in seconds.
    """

    def __init__(self, *, latency: float = 0.0) -> None:
        self.requests: list[Request] = []
        self.interceptor: Interceptor | None = None
        self._latency = latency
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @abstractmethod
    def answer(self, request: Request) -> Response:
        """Answer one request: this is what makes a recorded forge."""

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        """Return what is sent for a request, and how its sending fails; the request is logged."""
        self.requests.append(request)
        if self._latency:
            time.sleep(self._latency)
        decided = self.interceptor(request) if self.interceptor else None
        if isinstance(decided, Response):
            return decided, None
        if isinstance(decided, Drop) and not decided.after:
            return Response(204), decided
        return self.answer(request), decided

    def lasting(self, body: bytes) -> bytes:
        """Return a body without this server's address, to make an ETag of: the port is another in each run.

        What a bot learned in an earlier run is still true.
        """
        return body.replace(self.url.removeprefix("http://").encode(), b"")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, owner: LoopbackServer) -> None:
        self.owner = owner
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request_thread(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        super().server_close()
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that went away; show anything else, which is a defect."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def parse_request(self) -> bool:
        """Send every method the same way: the recorded forge decides what it allows."""
        parsed = super().parse_request()
        if parsed:
            setattr(self, f"do_{self.command}", self._serve)
        return parsed

    def finish(self) -> None:
        """Close both ends, also where the client has gone and what is buffered cannot be sent."""
        with contextlib.suppress(OSError):
            super().finish()
        self.rfile.close()

    def _serve(self) -> None:
        response, fault = self.server.owner.respond(self._read())
        if isinstance(fault, Drop):
            self.close_connection = True
            return
        self._send_head(response)
        if self.command != "HEAD":
            self._send_body(response.body, fault)

    def _read(self) -> Request:
        address = urlsplit(self.path)
        return Request(
            method=self.command,
            path=address.path,
            query=dict(parse_qsl(address.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
        )

    def _send_head(self, response: Response) -> None:
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status not in {204, 304}:
            self.send_header("content-length", str(len(response.body)))
        self.end_headers()

    def _send_body(self, body: bytes, fault: Truncate | Drip | None) -> None:
        match fault:
            case Truncate(keep):
                self.wfile.write(body[:keep])
                self.close_connection = True
            case Drip(pause, size):
                for start in range(0, len(body), size):
                    self.wfile.flush()
                    time.sleep(pause)
                    self.wfile.write(body[start : start + size])
            case _:
                self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Write nothing: the log of requests is kept by the server."""
