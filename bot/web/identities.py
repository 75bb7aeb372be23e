"""Names of releases and milestones that never change, for programs that must know them again.

They are made of what a release is known by, and of nothing that a poll, another address of the pages, a moved tag or
a changed rule would alter.
"""

from datetime import UTC, datetime
from urllib.parse import quote

from bot.domain.releases import Key

AUTHORITY = "dirac-release-bot"
# When names were first made so (RFC 4151): it stays, or every name would be another.
ISSUED = datetime(2026, 1, 1, tzinfo=UTC)


def tag_uri(*parts: str) -> str:
    """Return a ``tag:`` URI of these parts; what separates them is not in them."""
    return f"tag:{AUTHORITY},{ISSUED:%Y}:{'/'.join(quote(part, safe=':') for part in parts)}"


def release_id(key: Key) -> str:
    """Return the name of a release."""
    return tag_uri("release", *key)
