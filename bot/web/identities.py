"""Names of releases, digests, feeds and milestones that never change, for programs that must know them again.

They are made of what a thing is known by, and of nothing that a poll, another address of the pages, a moved tag or a
changed rule would alter. They are UUIDs (RFC 9562, version 5), which need no domain: the pages may stand anywhere, and
two bots name one release alike.
"""

from datetime import UTC, datetime
from urllib.parse import quote
from uuid import UUID, uuid5

from bot.domain.releases import Key

PRODUCT = "dirac-release-bot"
# What has no date of its own is as old as these names.
ISSUED = datetime(2026, 1, 1, tzinfo=UTC)
# Both never change, or every name would be another.
_NAMESPACE = UUID("f7f5d493-955e-4d40-b998-146e5cee2cf0")


def uid(*parts: str) -> str:
    """Return the UUID of a thing that is known by these parts; what separates them is not in them."""
    return str(uuid5(_NAMESPACE, "/".join(quote(part, safe=":") for part in parts)))


def urn(*parts: str) -> str:
    """Return the URN (``urn:uuid:``) of a thing that is known by these parts."""
    return f"urn:uuid:{uid(*parts)}"


def release_urn(key: Key) -> str:
    """Return the URN of a release."""
    return urn("release", *key)
