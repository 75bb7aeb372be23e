"""GitHub asked as an App: its installation's token, good for an hour, got by a signature and shared by all clients.

PyGithub signs and asks. Its own holder of such a token is not used: each of its clients would get one for itself,
over a connection that is not bounded, and several threads several at once.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

import github

from bot.forges.answers import read_date, read_json, text_of
from bot.forges.github_access import Advice
from bot.forges.github_limits import is_limit, limited
from bot.forges.github_wire import Allowance, Asking, Question, Wire
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
class AppCredentials:
    """What an App signs with: its id and private key (PEM); ``installation`` is None for the only one that it has."""

    id: int
    installation: int | None
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Held:
    """The token of now; it is exchanged from ``until`` on."""

    token: str = field(repr=False)
    since: datetime
    until: datetime


class AppAccess:
    """Gives the installation's token, and gets a new one before it ends.

    ``allowance`` is what the App itself is allowed, apart from its installations.
    """

    advice = Advice(
        refused="",
        forbidden="let the App read contents, issues and pull requests, and accept that where it is installed",
        unseen="check the path; a private repository has to be among those that the App is installed for",
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
        self._wire = Wire(base_url, github.Auth.AppAuth(credentials.id, credentials.key), timeout, ca_file)
        self._allowance = allowance
        self._guard = Lock()
        self._found: int | None = None
        self._held: _Held | None = None
        self._refused: tuple[datetime, TokenRefused] | None = None

    def token(self, asking: Asking) -> str:
        """Give the installation's token. Raises ForgeError where GitHub gives none."""
        with self._guard:
            if self._held is None or self._now() >= self._held.until:
                self._held = self._get(asking)
            return self._held.token

    def forget(self, token: str) -> bool:
        """Give up a token that GitHub refused; one that was just got would be followed by another like it."""
        with self._guard:
            if self._held is None or self._held.token != token:
                return True
            if self._now() - self._held.since < _SHORTEST:
                return False
            self._held = None
            return True

    def health(self, asking: Asking) -> AppHealth:
        """Ask what GitHub knows of the installation. Raises ForgeError."""
        with self._guard:
            installation = self._installation(asking)
            value = self._ask(asking, Question("GET", f"/app/installations/{installation}"))
        permissions = value.get("permissions") if isinstance(value, dict) else None
        listed = permissions.items() if isinstance(permissions, dict) else ()
        return AppHealth(
            f"{_name(text_of(value, 'app_slug'))} ({self._app.id})",
            _called(value, installation),
            {_name(name): _name(level) for name, level in listed},
        )

    def close(self) -> None:
        """Give back connections."""
        self._wire.close()

    def _get(self, asking: Asking) -> _Held:
        """Get a new token; a refusal holds for a minute, so that not every repository asks for it in vain."""
        now = self._now()
        if self._refused is not None and now < self._refused[0]:
            error = self._refused[1]
            raise TokenRefused(asking.where, error.what, error.hint)
        try:
            return self._new(asking, now)
        except TokenRefused as error:
            self._refused = now + _SHORTEST, error
            raise

    def _new(self, asking: Asking, now: datetime) -> _Held:
        path = f"/app/installations/{self._installation(asking)}/access_tokens"
        value = self._ask(asking, Question("POST", path))
        token, ends = text_of(value, "token"), read_date(value.get("expires_at") if isinstance(value, dict) else None)
        if not _TOKEN.fullmatch(token) or ends is None:
            raise ForgeUnavailable(asking.where, "GitHub's answer holds no token for the App")
        return _Held(token, now, max(ends - _MARGIN, now + _SHORTEST))

    def _installation(self, asking: Asking) -> int:
        """Give the installation that is configured, or the only one that there is."""
        if self._found is None:
            self._found = self._app.installation or self._only_one(asking)
        return self._found

    def _only_one(self, asking: Asking) -> int:
        listed = self._ask(asking, Question("GET", "/app/installations?per_page=100"))
        entries = listed if isinstance(listed, list) else [listed]
        found: list[int] = [
            entry["id"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), int)
        ]
        if not isinstance(listed, list) or len(found) < len(entries):
            raise ForgeUnavailable(asking.where, "GitHub's list of installations is no list of them")
        if not found:
            hint = "install it for the account of the repositories, in the App's settings"
            raise TokenRefused(asking.where, f"the GitHub App {self._app.id} is installed nowhere", hint)
        if len(found) > 1:
            named = [_called(entry, number) for entry, number in zip(entries, found, strict=True)]
            more = [f"{len(named) - _MOST_NAMED} more"] if len(named) > _MOST_NAMED else []
            what = f"the GitHub App {self._app.id} has {len(named)} installations"
            hint = f"say in app which one is meant, installation = ...: {', '.join(named[:_MOST_NAMED] + more)}"
            raise TokenRefused(asking.where, what, hint)
        return found[0]

    def _ask(self, asking: Asking, question: Question) -> Any:
        """Ask as the App itself. Raises ForgeError."""
        self._allowance.check(asking.where)
        own = Asking(asking.where)
        try:
            status, headers, text = self._wire.send(own, question, self._allowance)
        finally:
            asking.requests += own.requests
        value = read_json(text)
        if status in (_OK, _CREATED) and value is not None:
            return value
        # It is not shown: what stands in it may be the signature that was sent.
        message = text_of(value, "message")
        if is_limit(status, headers, message):
            error = limited(asking.where, headers, self._allowance.spent)
            self._allowance.spent.remember(error)
            raise error
        raise self._error(asking.where, status, message)

    def _error(self, where: str, status: int, message: str) -> ForgeError:
        app, installation = f"the GitHub App {self._app.id}", self._found
        if status == _UNAUTHORIZED and _CLOCK.search(message):
            what = f"GitHub refused the signature of {app}: by its clock it is from another time"
            return TokenRefused(where, what, "set the clock of this machine, for example by NTP")
        if status == _UNAUTHORIZED:
            hint = "check the id; make a new private key in the App's settings and put it where the old one is"
            return TokenRefused(where, f"GitHub refused the key of {app}", hint)
        if status == _FORBIDDEN and "suspended" in message:
            hint = "who owns the account may end that, in its settings under GitHub Apps"
            return TokenRefused(where, f"the installation {installation} of {app} is suspended", hint)
        if status == _FORBIDDEN:
            return TokenRefused(where, f"GitHub forbids it to {app}", "look at the App and its installation on GitHub")
        if status == _NOT_FOUND:
            # One that was found by itself may have been removed, and another be there.
            self._found = None
            what = (
                f"GitHub knows no installation {installation} of {app}"
                if installation
                else f"GitHub does not know {app}"
            )
            return TokenRefused(where, what, "check id and installation in app; or install the App again")
        what = "something that is not JSON" if status in (_OK, _CREATED) else str(status)
        return ForgeUnavailable(where, f"GitHub answered {what} when the App asked for a token")


def _called(entry: Any, number: int) -> str:
    """Name an installation by its account."""
    account = entry.get("account") if isinstance(entry, dict) else None
    return f"{_name(text_of(account, 'login'))} ({number})"


def _name(text: Any) -> str:
    return text if isinstance(text, str) and _NAME.fullmatch(text) else "?"
