"""The values in what forges answer: untrusted, and anything that is not what it should be is read as none."""

import json
import re
from collections.abc import Mapping
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
# A moment of the first or the last years does not exist in every time zone.
_FIRST_YEAR, _LAST_YEAR = 2, 9000
# The offset of a time, which no clock has to have: git keeps whatever digits a commit was made with.
_OFFSET = re.compile(r"([+-])([0-9]{1,9}?):?([0-9]{2})$")


def one_line(text: object) -> str:
    """Return what a forge said as one printable line of at most 200 characters."""
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
    if read.microsecond:
        read = read.replace(microsecond=0)
    return _in_utc(read) if read.tzinfo else None


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
    if not _FIRST_YEAR <= read.year <= _LAST_YEAR:
        return None
    return read if read.tzinfo is UTC else read.astimezone(UTC)


def read_number(text: str | None) -> int | None:
    """Read a header's whole number; None for none or nonsense."""
    return int(text) if text and _NUMBER.fullmatch(text.strip()) else None


def read_json(text: str | bytes) -> Any:
    """Read a JSON body; None where it is invalid, or nested too deeply."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read_object(text: str | bytes) -> Mapping[str, Any]:
    """Read a JSON object. Raises ValueError where it is none."""
    found = read_json(text)
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - it is the text that is wrong
    return found


def tables_of(value: object) -> list[dict[str, Any]]:
    """Return the objects of a JSON list; an empty list for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


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
    """Return whether a name is valid for a ref (git-check-ref-format); no repository has another."""
    return bool(name) and not _NO_REF.search(name)


def is_object_id(text: str) -> bool:
    """Return whether a string is the full id of a git object (SHA-1 or SHA-256)."""
    return _OBJECT_ID.fullmatch(text) is not None


def text_of(value: Any, key: str) -> str:
    """Return the string under a key, empty where there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def id_of(value: Any, key: str) -> str:
    """Return the numeric id under a key as a string, empty where there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return str(found) if isinstance(found, int) and not isinstance(found, bool) and 0 < found < _LARGEST_ID else ""
