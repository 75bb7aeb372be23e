"""Why no answer came from a forge, and what to do about it."""

import ssl
from collections.abc import Iterator

from bot.forges.payload import one_line

# PyGithub's RuntimeError is its refusal of a redirection to another host.
_LEFT = ("lefthome", "runtimeerror")
# OpenSSL's numbers: not yet valid, expired, another host, another address.
_OF_THE_SERVER = (9, 10, 62, 64)
_CAUSES = (
    (_LEFT, "redirected to another address"),
    (("toomanyredirects", "recursion"), "too many redirects"),
    (("ssl", "certificate"), "TLS handshake failed"),
    (("timeout",), "timed out"),
    (("refused",), "connection refused"),
    (("incompleteread", "chunkedencoding"), "the response was cut short"),
    (("decod",), "the response is too large or cannot be decompressed"),
    (("reset", "remotedisconnected", "aborted", "brokenpipe", "protocolerror"), "connection closed"),
)


def why_unreachable(error: BaseException, host: str) -> str:
    """Return in a few words why no response came from a host.

    Kinds of errors decide, not their strings: those hold addresses, which are not for
    logs, and which may hold any word.
    """
    distrust = _distrust(error)
    if distrust is not None:
        return f"TLS certificate not trusted ({one_line(distrust.verify_message)})"
    kinds = _kinds(error)
    if _is_unresolved(error):
        return f"cannot resolve {'the name of the proxy' if 'proxy' in kinds else host}"
    return next((what for words, what in _CAUSES if any(word in kinds for word in words)), "connection failed")


def hint_for(error: BaseException, where: str, table: str = "forges") -> str:
    """Return what to do where no response came from a forge, empty where that is nothing in particular.

    ``where`` is the repository, FORGE:PATH, or the forge, which is configured in a table of ``table``.
    """
    distrust = _distrust(error)
    if distrust is None:
        return _hint_without_tls(error)
    if distrust.verify_code in _OF_THE_SERVER:
        return "renew the server's certificate, or correct the host in base_url"
    name = where.partition(":")[0]
    return f"set ca_file in [{table}.{name}] to the certificate of the authority (CA) that signed it"


def _hint_without_tls(error: BaseException) -> str:
    if _is_unresolved(error):
        return "check the network and base_url"
    return "check base_url" if any(word in _kinds(error) for word in _LEFT) else ""


def _is_unresolved(error: BaseException) -> bool:
    return any(word in _kinds(error) for word in ("nameresolution", "gaierror"))


def _kinds(error: BaseException) -> str:
    return " ".join(type(each).__name__.lower() for each in _chain(error))


def _distrust(error: BaseException) -> ssl.SSLCertVerificationError | None:
    return next((each for each in _chain(error) if isinstance(each, ssl.SSLCertVerificationError)), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes."""
    seen: BaseException | None = error
    for _ in range(10):  # a longer chain is a ring
        if seen is None:
            return
        yield seen
        reason = getattr(seen, "reason", None)
        seen = seen.__cause__ or seen.__context__ or (reason if isinstance(reason, BaseException) else None)
