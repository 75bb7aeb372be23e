"""HTTP over bounded connections: the adapter of requests that the clients of forges and chats use."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from pathlib import Path
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from bot.network.certificates import tls_context, trusting_context
from bot.network.exchange import Exchange, Limits, connected, current

_PIECE = 65_536

_most_read: ContextVar[int | None] = ContextVar("most_read", default=None)


@contextmanager
def reading_at_most(size: int) -> Iterator[None]:
    """Cut the bodies of answers that this thread reads meanwhile after ``size`` bytes; the rest is not transferred."""
    token = _most_read.set(size)
    try:
        yield
    finally:
        _most_read.reset(token)


class _Connecting(HTTPConnection):
    """How both kinds of connections connect, and what they tell the exchange."""

    def _new_conn(self) -> socket.socket:
        try:
            return connected(self._dns_host, self.port, self.socket_options or ())
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "connecting timed out") from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error

    def getresponse(self) -> Any:
        """Read the head of the answer; whoever asks for it has sent the whole request."""
        exchange = current()
        if exchange is not None:
            exchange.sent()
        response = super().getresponse()
        if exchange is not None:
            exchange.head_read()
        return response


class BoundedConnection(_Connecting):
    """A connection without TLS."""


class BoundedTlsConnection(_Connecting, HTTPSConnection):
    """A connection with TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = BoundedConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = BoundedTlsConnection


_POOLS = {"http": _Pool, "https": _TlsPool}


class BoundedAdapter(HTTPAdapter):
    """Sends each request, and reads its answer whole, within limits; requests' sessions have it mounted.

    ``ca_file`` holds certificate authorities that are trusted beside the system's.
    """

    def __init__(self, limits: Limits, ca_file: Path | None = None) -> None:
        self._limits = limits
        self._ca_file = ca_file
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of connections; requests calls it."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        """Make the pools of connections through a proxy; requests calls it."""
        if proxy.lower().startswith("https:"):
            kwargs["proxy_ssl_context"] = tls_context(self._ca_file)
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """Return the key of a request's connection pool; requests calls it."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            # urllib3 changes the context that it is given: one that others use has to stay as strict as it is.
            pool["ssl_context"] = trusting_context() if verify is False else tls_context(self._ca_file)
        return host, pool

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request and read its answer whole. Raises requests' errors.

        Where the caller is in an exchange already the request belongs to that.
        """
        exchange = current() or Exchange(self._limits)
        with exchange.active():
            try:
                return self._sent(request, *args, **kwargs)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                named = _named(error, exchange)
                if named is error:
                    raise
                raise named from error

    def _sent(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        response = super().send(request, *args, **kwargs | {"stream": True, "timeout": self._limits.pause})
        with response.raw as raw:
            response.raw = BytesIO(self._read(raw))
        return response

    def _read(self, raw: Any) -> bytes:
        body, most = bytearray(), _most_read.get()
        while piece := raw.read1(_PIECE, decode_content=True):
            body += piece
            if most is not None and len(body) > most:
                # The connection is closed with the rest in it.
                return bytes(body[:most])
            # What comes may be a small thing that unpacks to a large one.
            if len(body) > self._limits.largest_body:
                raise requests.exceptions.ContentDecodingError
        raw.release_conn()
        return bytes(body)


def _named(error: Exception, exchange: Exchange) -> requests.RequestException:
    """Return the error to raise: requests' own kinds, by what happened and not by where."""
    if exchange.is_too_large:
        return requests.exceptions.ContentDecodingError()
    if exchange.is_over or isinstance(error, urllib3.exceptions.TimeoutError):
        return requests.ReadTimeout()
    return error if isinstance(error, requests.RequestException) else requests.exceptions.ChunkedEncodingError()
