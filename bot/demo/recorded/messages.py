"""What goes over the wire of a recorded forge: requests, responses, and faults sent in place of a response."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One request as it came: the path still percent-encoded, header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    """One answer; the server adds Content-Length."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def json(cls, status: int, value: Any, headers: Mapping[str, str] | None = None) -> "Response":
        """Answer with a value written as JSON."""
        body = json.dumps(value, separators=(",", ":")).encode()
        return cls(status, {"content-type": "application/json; charset=utf-8", **(headers or {})}, body)

    @classmethod
    def text(cls, status: int, text: str, content_type: str = "text/html; charset=utf-8") -> "Response":
        """Answer with text, by default such as a proxy in between would send."""
        return cls(status, {"content-type": content_type}, text.encode())


@dataclass(frozen=True)
class Drop:
    """Close the connection without an answer; with ``after`` only once the request took its effect."""

    after: bool = False


@dataclass(frozen=True)
class Truncate:
    """Announce the whole body, send its first ``keep`` bytes, and close the connection."""

    keep: int


@dataclass(frozen=True)
class Drip:
    """Send the body in pieces of ``size`` bytes with ``pause`` seconds before each."""

    pause: float
    size: int = 1


Fault = Drop | Truncate | Drip
