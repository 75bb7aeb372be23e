"""Reading what forges say: it is untrusted, and may be anything."""

import json
import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any

_LONGEST = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Control characters, a space, ~ ^ : ? * [ and the backslash, and halves of surrogate pairs.
_NO_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\\ud800-\udfff]")
_OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# int() refuses thousands of digits, and takes those of every script.
_NUMBER = re.compile(r"[0-9]{1,15}")
_LARGEST_ID = 2**63
# A moment of the first or the last years cannot be told in every time zone.
_FIRST_YEAR, _LAST_YEAR = 2, 9000
# The offset of a time, which no clock has to have: git keeps whatever digits a commit was made with.
_OFFSET = re.compile(r"([+-])([0-9]{1,9}?):?([0-9]{2})$")


def one_line(text: object) -> str:
    """Make one printable line of at most 200 characters of what a forge said."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def read_http_date(text: str | None) -> datetime | None:
    """Read the date of an HTTP header, in UTC; None for none or nonsense."""
    try:
        read = parsedate_to_datetime(text or "")
    except (ValueError, OverflowError):
        return None
    return _in_utc(read) if read.tzinfo else None


def read_date(text: object) -> datetime | None:
    """Read an ISO 8601 date, with whatever offset, as UTC in whole seconds.

    None for none, nonsense, or a year before 2 or after 9000.
    """
    if not isinstance(text, str):
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return _read_far(text)
    return _in_utc(read.replace(microsecond=0)) if read.tzinfo else None


def read_seconds(seconds: int) -> datetime | None:
    """Read a moment in seconds since 1970, None for a year before 2 or after 9000."""
    try:
        return _in_utc(_EPOCH + timedelta(seconds=seconds))
    except OverflowError:
        return None


def _read_far(text: str) -> datetime | None:
    """Read a date whose offset is of a day and more, which Python's own reading refuses."""
    offset = _OFFSET.search(text)
    if offset is None:
        return None
    try:
        local = datetime.fromisoformat(f"{text[: offset.start()]}+00:00")
        ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return _in_utc(local.replace(microsecond=0) - (ahead if offset[1] == "+" else -ahead))
    except (ValueError, OverflowError):
        return None


def _in_utc(read: datetime) -> datetime | None:
    return read.astimezone(UTC) if _FIRST_YEAR <= read.year <= _LAST_YEAR else None


def read_number(text: str | None) -> int | None:
    """Read a header's whole number; None for none or nonsense."""
    return int(text) if text and _NUMBER.fullmatch(text.strip()) else None


def read_json(text: str | bytes) -> Any:
    """Read a body, None where it is no JSON, or nested deeper than anything that a forge has to say."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def retry_moment(header: str | None, now: datetime) -> datetime | None:
    """Read a ``Retry-After`` header, in seconds or as a date (RFC 9110, 10.2.3)."""
    seconds = read_number(header)
    if seconds is not None:
        return now + timedelta(seconds=min(seconds, 86_400))
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def reset_moment(header: str | None) -> datetime | None:
    """Read a rate limit's reset, in seconds since 1970."""
    seconds = read_number(header)
    if seconds is None:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def fingerprint(token: str | None) -> str:
    """Name a token without giving it away: a validator that one token got is not sent with another."""
    return sha256((token or "").encode()).hexdigest()[:12]


def is_tag_name(name: str) -> bool:
    """Whether git takes a name for a ref (git-check-ref-format): what it refuses, no repository has."""
    return bool(name) and not _NO_REF.search(name)


def is_object_id(text: str) -> bool:
    """Whether a text is the full id of a git object (SHA-1 or SHA-256)."""
    return _OBJECT_ID.fullmatch(text) is not None


def text_of(value: Any, key: str) -> str:
    """Take a text out of a table, empty where it is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def id_of(value: Any, key: str) -> str:
    """Take a number that identifies something out of a table, as a text; empty where it is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return str(found) if isinstance(found, int) and not isinstance(found, bool) and 0 < found < _LARGEST_ID else ""


def why_unreachable(error: BaseException) -> str:
    """Say in a few words why no answer came.

    Kinds of errors decide, not their texts: those hold addresses, which are not for
    logs, and which may hold any word.
    """
    distrust = _distrust(error)
    if distrust is not None:
        return f"its TLS certificate is not trusted ({one_line(distrust.verify_message)})"
    told = " ".join(type(each).__name__.lower() for each in _chain(error))
    return next((what for words, what in _CAUSES if any(word in told for word in words)), "the connection failed")


def hint_for(error: BaseException, where: str) -> str:
    """Say what to do where no answer came from a forge, empty where that is nothing in particular.

    ``where`` is the repository, FORGE:PATH, or the forge.
    """
    distrust = _distrust(error)
    if distrust is None:
        return "check base_url and the network" if why_unreachable(error) == _NO_NAME else ""
    if distrust.verify_code in _OF_THE_SERVER:
        return "have the server's certificate renewed, or check the host in base_url"
    name = where.partition(":")[0]
    return f"name the file of the certificate authority (CA) that signed it: ca_file in [forges.{name}]"


def _distrust(error: BaseException) -> ssl.SSLCertVerificationError | None:
    return next((each for each in _chain(error) if isinstance(each, ssl.SSLCertVerificationError)), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and those that it came of."""
    seen: BaseException | None = error
    for _ in range(10):  # a longer chain is a ring
        if seen is None:
            return
        yield seen
        reason = getattr(seen, "reason", None)
        seen = seen.__cause__ or seen.__context__ or (reason if isinstance(reason, BaseException) else None)


_NO_NAME = "its name is not known"
# OpenSSL's numbers: not yet valid, expired, another host, another address.
_OF_THE_SERVER = (9, 10, 62, 64)
_CAUSES = (
    # PyGithub's RuntimeError is its refusal of a redirection to another host.
    (("lefthome", "runtimeerror"), "it sends the bot to another address; check base_url"),
    (("toomanyredirects", "recursion"), "it sends the bot from address to address"),
    (("ssl", "certificate"), "the connection is not TLS, or of a kind that is not spoken"),
    (("timeout",), "it did not answer in time"),
    (("refused",), "the connection was refused"),
    (("nameresolution", "gaierror"), _NO_NAME),
    (("incompleteread", "chunkedencoding"), "the answer broke off"),
    (("decod",), "its answer is too large, or cannot be unpacked"),
    (("reset", "remotedisconnected", "aborted", "brokenpipe", "protocolerror"), "the connection was cut"),
)
