"""Reading what forges say: it is untrusted, and may be anything."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any

_LONGEST = 200
# Control characters, a space, ~ ^ : ? * [ and the backslash, and halves of surrogate pairs.
_NO_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\\ud800-\udfff]")
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


def one_line(text: object) -> str:
    """Make one printable line of at most 200 characters of what a forge said."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def read_date(text: object) -> datetime | None:
    """Read an ISO 8601 date as UTC in whole seconds; None for none, nonsense, or a year before 1970 or after 9000."""
    if not isinstance(text, str):
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    if read.tzinfo is None or not _FIRST_YEAR < read.year < _LAST_YEAR:
        return None
    return read.astimezone(UTC).replace(microsecond=0)


def retry_moment(header: str | None, now: datetime) -> datetime | None:
    """Read a ``Retry-After`` header, in seconds or as a date (RFC 9110, 10.2.3)."""
    if not header:
        return None
    if header.strip().isdecimal():
        return now + timedelta(seconds=min(int(header), 86_400))
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None


def reset_moment(header: str | None) -> datetime | None:
    """Read a rate limit's reset, in seconds since 1970."""
    try:
        return datetime.fromtimestamp(int(header or ""), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def fingerprint(token: str | None) -> str:
    """Name a token without giving it away: a validator that one token got is not sent with another."""
    return sha256((token or "").encode()).hexdigest()[:12]


def is_tag_name(name: str) -> bool:
    """Whether git takes a name for a ref (git-check-ref-format): what it refuses, no repository has."""
    return bool(name) and not _NO_REF.search(name)


def text_of(value: Any, key: str) -> str:
    """Take a text out of a table, empty where it is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def why_unreachable(error: BaseException) -> str:
    """Say in a few words why no answer came, without addresses: they may hold what is not for logs."""
    chain: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 10:  # noqa: PLR2004 - a chain that long is a ring
        chain.append(f"{type(seen).__name__} {seen}".lower())
        seen = seen.__cause__ or seen.__context__
    told = " ".join(chain)
    for words, what in _CAUSES:
        if any(word in told for word in words):
            return what
    return "the connection failed"


_CAUSES = (
    (("certificate", "ssl"), "the TLS certificate was not accepted, or the connection is not TLS"),
    (("timeout", "timed out"), "it did not answer in time"),
    (("refused",), "the connection was refused"),
    (("name or service not known", "nameresolution", "getaddrinfo", "no address"), "its name is not known"),
    (("incompleteread", "chunkedencoding", "broken"), "the answer broke off"),
    (("reset", "remotedisconnected", "aborted"), "the connection was cut"),
    (("too many", "redirect", "recursion"), "it sent the bot from address to address"),
)
