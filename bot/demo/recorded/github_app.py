"""A GitHub App on the recorded GitHub: its installations, and the tokens that they get for the App's signature.

Signatures are JSON Web Tokens, checked as docs.github.com has it ("Generating a JSON Web Token (JWT) for a GitHub
App"), refused in GitHub's words.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any

import jwt
from jwt.types import Options

from bot.demo.recorded.clock_text import utc_seconds
from bot.demo.recorded.github_bodies import account, node_id
from bot.demo.recorded.github_rest import error
from bot.demo.recorded.limits import bearer
from bot.demo.recorded.messages import Request, Response

_HOUR = timedelta(hours=1)
# The recorded clock is another than PyJWT's.
_BY_HAND: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
# Seconds from the moment of asking to the latest end of a signature.
_LONGEST = 600
_ROUTE = re.compile(r"/app(?P<list>/installations(?:/(?P<id>[^/]+)(?P<tokens>/access_tokens)?)?)?")
_DOCS = "/apps/apps"
_ISSUED = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
_EXPIRED = (
    "'Expiration time' claim ('exp') must be a numeric value representing "
    "the future time at which the assertion expires"
)
_TOO_FAR = "'Expiration time' claim ('exp') is too far in the future"
# The permission that is needed below a repository's address; for all that is not named here it is contents.
_NEEDED = {"": "metadata", "issues": "issues", "milestones": "issues", "pulls": "pull_requests"}
READ = {"contents": "read", "issues": "read", "metadata": "read", "pull_requests": "read"}


@dataclass
class RecordedInstallation:
    """The App in one account, with what it may there; ``suspended`` since when it may nothing."""

    id: int
    account: str
    permissions: Mapping[str, str] = field(default_factory=lambda: READ)
    suspended: datetime | None = None


class RecordedApp:
    """An App with the public half of its key (PEM), which may be replaced, and its installations, which may change."""

    def __init__(self, number: int, slug: str, public_key: str, installations: Iterable[RecordedInstallation]) -> None:
        self.number = number
        self.slug = slug
        self.public_key = public_key
        self.installations = {each.id: each for each in installations}
        # The installation and the end of each token that was given.
        self._given: dict[str, tuple[int, datetime]] = {}
        self._guard = Lock()

    def of(self, token: str | None, now: datetime) -> RecordedInstallation | None:
        """Return the installation that a token speaks for, None for one that ended or was never given."""
        number, ends = self._given.get(token or "", (0, now))
        return self.installations.get(number) if now < ends else None

    def revoke(self) -> None:
        """Take back every token."""
        self._given.clear()

    def answer(self, request: Request, base: str, now: datetime) -> Response:
        """Answer a request of the App itself."""
        found = _ROUTE.fullmatch(request.path)
        if found is None or request.method != ("POST" if found["tokens"] else "GET"):
            return error(404, "Not Found")
        refused = self._refused(bearer(request.headers) or "", int(now.timestamp()))
        if refused is not None:
            return refused
        if not found["list"]:
            return Response.json(200, self._described())
        if found["id"] is None:
            return Response.json(200, [self._installation(base, each) for each in self.installations.values()])
        return self._of_one(request, base, found, now)

    def _of_one(self, request: Request, base: str, found: re.Match[str], now: datetime) -> Response:
        installation = self.installations.get(int(found["id"])) if found["id"].isdecimal() else None
        if installation is None:
            return error(404, "Not Found", f"{_DOCS}#get-an-installation-for-the-authenticated-app")
        if found["tokens"]:
            return self._token(request, installation, now)
        return Response.json(200, self._installation(base, installation))

    def _refused(self, signature: str, now: int) -> Response | None:
        """Return the refusal of a signature that is not this App's, or not of this moment."""
        try:
            claims = jwt.decode(signature, self.public_key, algorithms=["RS256"], options=_BY_HAND)
        except jwt.InvalidTokenError:
            return error(401, "A JSON web token could not be decoded")
        issued, ends = claims.get("iat"), claims.get("exp")
        if str(claims.get("iss")) != str(self.number):
            return error(404, "Integration not found")
        if not isinstance(issued, int) or issued > now:
            return error(401, _ISSUED)
        if not isinstance(ends, int) or ends <= now:
            return error(401, _EXPIRED)
        return error(401, _TOO_FAR) if ends > now + _LONGEST else None

    def _token(self, request: Request, installation: RecordedInstallation, now: datetime) -> Response:
        docs = f"{_DOCS}#create-an-installation-access-token-for-an-app"
        if installation.suspended is not None:
            return error(403, "This installation has been suspended", docs)
        wanted = json.loads(request.body or b"{}").get("permissions") or installation.permissions
        if not wanted.items() <= installation.permissions.items():
            return error(422, "The permissions requested are not granted to this installation.", docs)
        with self._guard:
            # Of the form that GitHub gives since 2026: the App's number and a signature with dots.
            drawn = sha256(f"{installation.id} {now} {len(self._given)}".encode()).hexdigest()
            token = f"ghs_{self.number}_{drawn[:20]}.{drawn[20:40]}.{drawn[40:]}"
            self._given[token] = installation.id, now + _HOUR
        ends = utc_seconds(now + _HOUR)
        body = {"token": token, "expires_at": ends, "permissions": wanted, "repository_selection": "all"}
        return Response.json(201, body)

    def _described(self) -> dict[str, Any]:
        return {
            "id": self.number,
            "slug": self.slug,
            "node_id": node_id("A", self.slug),
            "name": self.slug,
            "permissions": READ,
            "events": [],
            "installations_count": len(self.installations),
        }

    def _installation(self, base: str, installation: RecordedInstallation) -> dict[str, Any]:
        suspended = installation.suspended
        own = f"{base}/app/installations/{installation.id}"
        return {
            "id": installation.id,
            "account": account(base, installation.account, "Organization"),
            "access_tokens_url": f"{own}/access_tokens",
            "repositories_url": f"{base}/installation/repositories",
            "app_id": self.number,
            "app_slug": self.slug,
            "target_type": "Organization",
            "permissions": dict(installation.permissions),
            "events": [],
            "repository_selection": "all",
            "suspended_at": utc_seconds(suspended) if suspended else None,
            "suspended_by": None,
        }


def needed_for(rest: str) -> str:
    """Return the permission that it takes to read what stands after the repository in the path."""
    return _NEEDED.get(rest.strip("/").partition("/")[0], "contents")
