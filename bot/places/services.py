"""The services that Apprise posts to: opened by their addresses, and what is known of them besides what it says."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from bot.domain.errors import UsageError
from bot.places.bounding import is_bounded

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

# The longest wait for a connection, and for each piece of an answer, in seconds, where the address names none.
_CONNECT, _READ = 15.0, 15.0


@dataclass(frozen=True, slots=True)
class Ways:
    """How a service takes a digest: its language, the most characters of it, and those of a title beside it.

    Without a title the headline is the body's first line. Where ``is_shared``, the title counts to the body's length.
    """

    language: str
    most: int
    title: int
    is_shared: bool


# Apprise takes Mattermost for plain text of 4,000 characters, and for Matrix and Discord begins with plain text.
_LANGUAGES = {"NotifyMattermost": "markdown", "NotifyDiscord": "markdown", "NotifyMatrix": "html"}
_MOST = {"NotifyMattermost": 16_383}
# The title would stand in the message unescaped.
_UNTITLED = {"NotifyDiscord"}


def open_service(where: str, variable: str, address: str) -> "NotifyBase":
    """Give the service at an address that a variable holds. Raises UsageError, which never shows the address."""
    try:
        import apprise
    except ImportError as error:
        what = "the library apprise is not installed"
        raise UsageError(where, what, 'install it: pip install "dirac-release-bot[places]"') from error
    _set_aside(logging.getLogger("apprise"))
    try:
        service = apprise.Apprise.instantiate(address, asset=_asset())
    except Exception as error:  # Apprise's readers of addresses raise whatever they like
        raise _not_understood(where, variable) from error
    if service is None:
        raise _not_understood(where, variable)
    service.retry = 0
    if len(service) != 1:
        what = f"${variable} names several receivers, and a part of them may get what another part does not"
        raise UsageError(where, what, "make a place of each")
    _bound(service, address)
    return service


def check_authorities(where: str, service: "NotifyBase") -> None:
    """Raise UsageError where a service cannot be told of certificate authorities."""
    if not is_bounded(service):
        what = f"{service.service_name} is spoken to neither over HTTP nor by mail, and takes no such file"
        hint = "take it out, and let the system trust the authority"
        raise UsageError(f"{where}.ca_file", what, hint)


def ways_of(service: "NotifyBase", language: str | None) -> Ways:
    """Give the ways of a service; ``language`` is the configured one: markdown, text or html."""
    kind = type(service).__name__
    return Ways(
        language=language or _LANGUAGES.get(kind) or service.resolve_format(None).value,
        most=max(_MOST.get(kind, 0), service.body_maxlen),
        title=0 if kind in _UNTITLED else service.title_maxlen,
        is_shared=service.overflow_amalgamate_title,
    )


def _not_understood(where: str, variable: str) -> UsageError:
    what = f"${variable} holds no address that Apprise understands, or one that needs a library that is not installed"
    return UsageError(where, what, "docs/PLACES.md has examples; https://appriseit.com/services has every service")


def _set_aside(log: logging.Logger) -> None:
    """Keep what Apprise logs, addresses among it, out of our log; each post listens to it by itself."""
    log.propagate = False
    log.setLevel(logging.DEBUG)
    if not log.handlers:
        # Without any, Python would print its warnings.
        log.addHandler(logging.NullHandler())


def _asset() -> "AppriseAsset":
    """Name the bot as who posts, with no picture from elsewhere, and follow no answer to another server."""
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
