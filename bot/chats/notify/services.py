"""Notification services of Apprise, opened by their URLs, with their formats and limits."""

import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from bot.chats.notify.transport import is_bounded
from bot.domain.errors import UsageError
from bot.domain.values import dataclass

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

# Default time-outs for connecting and for each read, in seconds, unless the URL sets them.
_CONNECT, _READ = 15.0, 15.0


@dataclass(frozen=True, slots=True)
class Ways:
    """The format of a service: its language, and the maximum lengths of a message and its title in characters.

    Without a title the headline is the body's first line. If ``is_shared``, the title counts towards the length.
    """

    language: str
    most: int
    title: int
    is_shared: bool


# Apprise declares plain text of 4,000 characters for Mattermost, and defaults to plain text for Matrix and Discord.
_LANGUAGES = {"NotifyMattermost": "markdown", "NotifyDiscord": "markdown", "NotifyMatrix": "html"}
_MOST = {"NotifyMattermost": 16_383}
# Of a host's name (RFC 1035).
_LONGEST_LABEL = 63
# Its title would be in the message unescaped.
_UNTITLED = {"NotifyDiscord"}


def open_service(where: str, variable: str, address: str) -> "NotifyBase":
    """Return the service of the URL in a variable. Raises UsageError, which never shows the URL."""
    try:
        import apprise
    except ImportError as error:
        what = "apprise is not installed"
        raise UsageError(where, what, 'run: pip install "dirac-release-bot[places]"') from error
    _set_aside(logging.getLogger("apprise"))
    try:
        service = apprise.Apprise.instantiate(address, asset=_asset())
    except Exception as error:  # Apprise's URL parsers raise any exception
        raise _not_understood(where, variable) from error
    if service is None:
        raise _not_understood(where, variable)
    service.retry = 0
    if len(service) != 1:
        what = f"${variable} has several recipients, some of which may get a message that others do not"
        raise UsageError(where, what, "add a [places.NAME] table for each")
    _bound(service, address)
    return service


def name_list(service: "NotifyBase", name: str) -> None:
    """Let a mail say which list it belongs to (RFC 2919), so that its readers can sort it; others have no lists."""
    from apprise.plugins.email import NotifyEmail

    label = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if label and isinstance(service, NotifyEmail):
        host = str(service.from_addr[1]).rpartition("@")[2]
        service.headers.setdefault("List-Id", f"<{label[:_LONGEST_LABEL]}.release-bot.{host}>")


def check_authorities(where: str, service: "NotifyBase") -> None:
    """Raise UsageError if a service cannot use a CA file."""
    if not is_bounded(service):
        what = f"{service.service_name} uses neither HTTP nor mail, so ca_file has no effect"
        hint = "remove ca_file, and add the authority to the system's"
        raise UsageError(f"{where}.ca_file", what, hint)


def ways_of(service: "NotifyBase", language: str | None) -> Ways:
    """Return the format of a service; ``language`` is the configured one: markdown, text or html."""
    kind = type(service).__name__
    return Ways(
        language=language or _LANGUAGES.get(kind) or service.resolve_format(None).value,
        most=max(_MOST.get(kind, 0), service.body_maxlen),
        title=0 if kind in _UNTITLED else service.title_maxlen,
        is_shared=service.overflow_amalgamate_title,
    )


def _not_understood(where: str, variable: str) -> UsageError:
    what = f"${variable} is not a valid Apprise URL, or needs a library that is not installed"
    return UsageError(where, what, "see the examples in docs/PLACES.md and https://appriseit.com/services")


def _set_aside(log: logging.Logger) -> None:
    """Keep Apprise's log messages, which contain URLs, out of the log."""
    log.propagate = False
    if not log.handlers:
        # Without a handler, Python would print warnings.
        log.addHandler(logging.NullHandler())


def _asset() -> "AppriseAsset":
    """Return the settings of Apprise: the bot as sender, no external images, no redirects."""
    import apprise

    return apprise.AppriseAsset(
        language="en",
        app_id="release-bot",
        app_desc="Release digests",
        app_url="https://github.com/DIRACGrid",
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
    )


def _bound(service: "NotifyBase", address: str) -> None:
    named = parse_qs(urlsplit(address).query)
    service.redirects = False
    service.socket_connect_timeout = service.socket_connect_timeout if "cto" in named else _CONNECT
    service.socket_read_timeout = service.socket_read_timeout if "rto" in named else _READ
