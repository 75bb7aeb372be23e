"""What a GitLab says of itself and of the token."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time
from typing import Any

from bot.forges.answers import one_line, read_http_date
from bot.forges.gitlab_client import Asking, GitLabClient
from bot.services.ports import ForgeHealth, RepositoryNotFound, TokenRefused

_VERSION = "/version"
_SELF = "/personal_access_tokens/self"


def gitlab_health(client: GitLabClient, name: str) -> ForgeHealth:
    """Ask about the token; without one, only whether the forge answers. Raises ForgeError."""
    if not client.has_token:
        with suppress(TokenRefused, RepositoryNotFound):
            client.one(Asking(name, ""), _VERSION)
        return ForgeHealth()
    try:
        headers, told = client.one(Asking(name, ""), _SELF)
    except RepositoryNotFound:
        return ForgeHealth()
    known: Mapping[str, Any] = told if isinstance(told, dict) else {}
    scopes = known.get("scopes")
    return ForgeHealth(
        clock=read_http_date(headers.get("Date")),
        scopes=tuple(one_line(str(scope)) for scope in scopes) if isinstance(scopes, list) else None,
        expires_at=_last_moment(known.get("expires_at")),
    )


def _last_moment(day: object) -> datetime | None:
    """Give the midnight, UTC, at which a token of that day expires."""
    try:
        return datetime.combine(date.fromisoformat(str(day)), time(), UTC)
    except ValueError:
        return None
