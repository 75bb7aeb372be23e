"""Authentication with GitHub: a fixed token, or an App's installation token, renewed each hour with a signature.

PyGithub signs. Its own holder of installation tokens is not used: each client would get a token of its own, over an
unbounded connection, and several threads several at once.
"""

import re
from collections.abc import Callable
from dataclasses import field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import github

from bot.domain.values import dataclass
from bot.forges.counter import RequestCounter
from bot.forges.github.http import Allowance, ApiRequest, Transport, is_limit, limited
from bot.forges.payload import read_date, read_json, text_of
from bot.forges.site import AppCredentials
from bot.services.ports import AppHealth, ForgeError, ForgeUnavailable, TokenRefused

_OK, _CREATED, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 200, 201, 401, 403, 404
# A token is exchanged so long before its end, as far as a clock may be off, but none is got more often than once in
# _SHORTEST, whatever end it has; and what GitHub refused is not asked for again before that.
_MARGIN, _SHORTEST = timedelta(minutes=5), timedelta(minutes=1)
# What GitHub says of a signature from another time: "'Expiration time' claim ('exp') is too far in the future".
_CLOCK = re.compile(r"'(?:Expiration time|Issued at)' claim")
_TOKEN = re.compile(r"[\x21-\x7e]+")
# Names of accounts, Apps and permissions; what is none is not shown, a signature that comes back least of all.
_NAME = re.compile(r"[\w-]{1,100}")
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Advice:
    """The hints where GitHub rejects the token, forbids the token something, or does not show a repository."""

    refused: str
    forbidden: str
    unseen: str


class Access(Protocol):
    """Provides the token of each request; shared by all clients of one GitHub, in many threads."""

    @property
    def advice(self) -> Advice:
        """Return the hints for what GitHub refuses."""
        ...

    def token(self, counter: RequestCounter) -> str:
        """Return the current token; requests made to get it are counted. Raises ForgeError."""
        ...

    def forget(self, token: str) -> bool:
        """Record that GitHub rejected a token, and return whether there may be another."""
        ...


class FixedToken:
    """A personal, fine-grained or other token from the environment."""

    advice = Advice(
        refused="expired or wrong: set a new one in the environment",
        forbidden="check the token's permissions",
        unseen="check the path; a private repository needs a token with access",
    )

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self, counter: RequestCounter) -> str:  # noqa: ARG002 - it takes no request
        """Return the token."""
        return self._token

    def forget(self, token: str) -> bool:  # noqa: ARG002 - as every token
        """Return False: no other token exists."""
        return False


@dataclass(frozen=True, slots=True)
class _Held:
    """The current token; it is replaced from ``until`` on."""

    token: str = field(repr=False)
    since: datetime
    until: datetime


class AppAccess:
    """Provides the installation's token, and gets a new one before it expires.

    ``allowance`` is what the App itself is allowed, apart from its installations.
    """

    advice = Advice(
        refused="",
        forbidden="grant the App read access to contents, issues and pull requests, and accept it in the installation",
        unseen="check the path; install the App for a private repository",
    )

    def __init__(
        self,
        base_url: str,
        credentials: AppCredentials,
        *,
        timeout: float,
        allowance: Allowance,
        now: Callable[[], datetime],
        ca_file: Path | None = None,
    ) -> None:
        self._app = credentials
        self._now = now
        self._transport = Transport(base_url, github.Auth.AppAuth(credentials.id, credentials.key), timeout, ca_file)
        self._allowance = allowance
        self._guard = Lock()
        self._found: int | None = None
        self._held: _Held | None = None
        self._refused: tuple[datetime, TokenRefused] | None = None

    def token(self, counter: RequestCounter) -> str:
        """Return the installation's token. Raises ForgeError where GitHub gives none."""
        with self._guard:
            if self._held is None or self._now() >= self._held.until:
                self._held = self._get(counter)
            return self._held.token

    def forget(self, token: str) -> bool:
        """Drop a token that GitHub rejected, and return whether; one just got would be followed by another like it."""
        with self._guard:
            if self._held is None or self._held.token != token:
                return True
            if self._now() - self._held.since < _SHORTEST:
                return False
            self._held = None
            return True

    def health(self, counter: RequestCounter) -> AppHealth:
        """Ask what GitHub knows of the installation. Raises ForgeError."""
        with self._guard:
            installation = self._installation(counter)
            value = self._ask(counter, ApiRequest("GET", f"/app/installations/{installation}"))
        permissions = value.get("permissions") if isinstance(value, dict) else None
        listed = permissions.items() if isinstance(permissions, dict) else ()
        return AppHealth(
            f"{_name(text_of(value, 'app_slug'))} ({self._app.id})",
            _called(value, installation),
            {_name(name): _name(level) for name, level in listed},
        )

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _get(self, counter: RequestCounter) -> _Held:
        """Get a new token; a refusal holds for a minute, so that not every repository asks for it in vain."""
        now = self._now()
        if self._refused is not None and now < self._refused[0]:
            error = self._refused[1]
            raise TokenRefused(counter.where, error.what, error.hint)
        try:
            return self._new(counter, now)
        except TokenRefused as error:
            self._refused = now + _SHORTEST, error
            raise

    def _new(self, counter: RequestCounter, now: datetime) -> _Held:
        path = f"/app/installations/{self._installation(counter)}/access_tokens"
        value = self._ask(counter, ApiRequest("POST", path))
        token, ends = text_of(value, "token"), read_date(value.get("expires_at") if isinstance(value, dict) else None)
        if not _TOKEN.fullmatch(token) or ends is None:
            raise ForgeUnavailable(counter.where, "GitHub's response has no token for the App")
        return _Held(token, now, max(ends - _MARGIN, now + _SHORTEST))

    def _installation(self, counter: RequestCounter) -> int:
        """Return the configured installation, or the only one. Raises ForgeError."""
        if self._found is None:
            self._found = self._app.installation or self._only_one(counter)
        return self._found

    def _only_one(self, counter: RequestCounter) -> int:
        listed = self._ask(counter, ApiRequest("GET", "/app/installations?per_page=100"))
        entries = listed if isinstance(listed, list) else [listed]
        found: list[int] = [
            entry["id"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), int)
        ]
        if not isinstance(listed, list) or len(found) < len(entries):
            raise ForgeUnavailable(counter.where, "GitHub's list of installations is invalid")
        if not found:
            hint = "install the App for the owner of the repositories, in its settings"
            raise TokenRefused(counter.where, f"the GitHub App {self._app.id} has no installation", hint)
        if len(found) > 1:
            named = [_called(entry, number) for entry, number in zip(entries, found, strict=True)]
            more = [f"{len(named) - _MOST_NAMED} more"] if len(named) > _MOST_NAMED else []
            what = f"the GitHub App {self._app.id} has {len(named)} installations"
            hint = f"set installation in app to one of: {', '.join(named[:_MOST_NAMED] + more)}"
            raise TokenRefused(counter.where, what, hint)
        return found[0]

    def _ask(self, counter: RequestCounter, request: ApiRequest) -> Any:
        """Ask as the App itself. Raises ForgeError."""
        self._allowance.check(counter.where)
        own = RequestCounter(counter.where)
        try:
            status, headers, text = self._transport.send(own, request, self._allowance)
        finally:
            counter.requests += own.requests
        value = read_json(text)
        if status in (_OK, _CREATED) and value is not None:
            return value
        # It is not shown: what is in it may be the signature that was sent.
        message = text_of(value, "message")
        if is_limit(status, headers, message):
            error = limited(counter.where, headers, self._allowance.pause)
            self._allowance.pause.start(error)
            raise error
        raise self._error(counter.where, status, message)

    def _error(self, where: str, status: int, message: str) -> ForgeError:
        app, installation = f"the GitHub App {self._app.id}", self._found
        if status == _UNAUTHORIZED and _CLOCK.search(message):
            what = f"GitHub rejected the signature of {app}: the time in it is wrong"
            return TokenRefused(where, what, "set this machine's clock, for example with NTP")
        if status == _UNAUTHORIZED:
            hint = "check the id; create a new private key in the App's settings and replace the old one"
            return TokenRefused(where, f"GitHub rejected the key of {app}", hint)
        if status == _FORBIDDEN and "suspended" in message:
            hint = "ask the account's owner to unsuspend it, in the settings under GitHub Apps"
            return TokenRefused(where, f"the installation {installation} of {app} is suspended", hint)
        if status == _FORBIDDEN:
            return TokenRefused(where, f"GitHub denied access to {app}", "check the App and its installation on GitHub")
        if status == _NOT_FOUND:
            # One that was found on its own may have been removed, and another be there.
            self._found = None
            what = f"GitHub has no installation {installation} of {app}" if installation else f"{app} does not exist"
            return TokenRefused(where, what, "check id and installation in app, or install the App again")
        what = "invalid JSON" if status in (_OK, _CREATED) else f"HTTP {status}"
        return ForgeUnavailable(where, f"GitHub returned {what} when the App requested a token")


def _called(entry: Any, number: int) -> str:
    """Name an installation by its account."""
    account = entry.get("account") if isinstance(entry, dict) else None
    return f"{_name(text_of(account, 'login'))} ({number})"


def _name(text: Any) -> str:
    return text if isinstance(text, str) and _NAME.fullmatch(text) else "?"
