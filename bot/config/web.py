"""The table of the web page: where it is served, at which address people see it, and who may look."""

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bot.config.errors import InvalidValue
from bot.config.fields import Address, ConfigTable, EnvironmentName, HostAndPort, SocketAddress
from bot.config.notation import quoted

_HEADER = r"^[A-Za-z][A-Za-z0-9-]*$"
# Everybody sends these, or may.
_OF_EVERYBODY = {"accept", "authorization", "connection", "cookie", "host", "user-agent"}


def _without_path(url: str) -> str:
    if urlsplit(url).path.strip("/"):
        hint = "give the pages a host of their own; the proxy passes every path as it is"
        raise InvalidValue(f"public_url {quoted(url)} must not contain a path", hint)
    return url.rstrip("/")


def _header(name: str) -> str:
    if name.lower() in _OF_EVERYBODY:
        what = f"user_header must not be {quoted(name)}, which anybody sends"
        raise InvalidValue(what, 'name the header that only the proxy sets, as "X-Forwarded-User"')
    return name


class Web(ConfigTable):
    """The web page: the same answers as pages, feeds and an API, read only. Off without an address."""

    address: HostAndPort | None = Field(
        None,
        description="The address that the worker serves the pages at; none by default. Private repositories are named "
        "there like all others.",
        examples=["127.0.0.1:8080"],
    )
    public_url: Annotated[Address, AfterValidator(_without_path)] | None = Field(
        None,
        description="The URL by which people reach the pages; digests, answers in chat and the Home tab then link to "
        "them. Without a path.",
        examples=["https://releases.example.org"],
    )
    token_env: EnvironmentName | None = Field(
        None,
        description="The environment variable with the token of those who may look: as `Authorization: Bearer TOKEN`, "
        "or as the password that a browser asks for.",
        examples=["WEB_TOKEN"],
    )
    user_header: Annotated[str, Field(pattern=_HEADER), AfterValidator(_header)] | None = Field(
        None,
        description="The header by which a proxy says who has signed in; requests without it are refused. Let only the "
        "proxy reach the address, and let it remove the header from what people send.",
        examples=["X-Forwarded-User"],
    )

    @property
    def is_restricted(self) -> bool:
        """Return whether not everybody who reaches the address may look."""
        return self.token_env is not None or self.user_header is not None

    def warning_at(self, address: SocketAddress) -> tuple[str, str] | None:
        """Return what to warn of, and the fix, if anybody may look from other machines, where it is served there."""
        if self.is_restricted or _is_loopback(address.host):
            return None
        what = f"anybody who reaches {address.text} can read the pages, with the names of private repositories"
        return what, "set token_env or user_header in [web], or listen on 127.0.0.1 behind a proxy"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
