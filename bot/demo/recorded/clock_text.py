"""How forges write times."""

from datetime import UTC, datetime
from email.utils import format_datetime


def utc_seconds(at: datetime) -> str:
    """Write in UTC with a Z: GitHub's REST times and GraphQL DateTime."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local_seconds(at: datetime) -> str:
    """Write with the offset that was recorded: GitHub's GitTimestamp."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def local_milliseconds(at: datetime) -> str:
    """Write with milliseconds and the recorded offset: GitLab's times."""
    return at.isoformat(timespec="milliseconds")


def http_date(at: datetime) -> str:
    """Write as the Date header wants it."""
    return format_datetime(at.astimezone(UTC), usegmt=True)
