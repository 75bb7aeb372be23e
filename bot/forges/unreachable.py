"""Why no answer came from a forge, and what to do about it."""

import ssl
from collections.abc import Iterator

from bot.forges.payload import one_line

_NO_NAME = "its name is not known"
# OpenSSL's numbers: not yet valid, expired, another host, another address.
_OF_THE_SERVER = (9, 10, 62, 64)
_CAUSES = (
    # PyGithub's RuntimeError is its refusal of a redirection to another host.
    (("lefthome", "runtimeerror"), "it sends the bot to another address; check base_url"),
    (("toomanyredirects", "recursion"), "it sends the bot from address to address"),
    (("ssl", "certificate"), "the connection is not TLS, or of a kind that is not spoken"),
    (("timeout",), "it did not answer in time"),
    (("refused",), "the connection was refused"),
    (("nameresolution", "gaierror"), _NO_NAME),
    (("incompleteread", "chunkedencoding"), "the answer broke off"),
    (("decod",), "its answer is too large, or cannot be unpacked"),
    (("reset", "remotedisconnected", "aborted", "brokenpipe", "protocolerror"), "the connection was cut"),
)


def why_unreachable(error: BaseException) -> str:
    """Say in a few words why no answer came.

    Kinds of errors decide, not their texts: those hold addresses, which are not for
    logs, and which may hold any word.
    """
    distrust = _distrust(error)
    if distrust is not None:
        return f"its TLS certificate is not trusted ({one_line(distrust.verify_message)})"
    kinds = " ".join(type(each).__name__.lower() for each in _chain(error))
    return next((what for words, what in _CAUSES if any(word in kinds for word in words)), "the connection failed")


def hint_for(error: BaseException, where: str) -> str:
    """Say what to do where no answer came from a forge, empty where that is nothing in particular.

    ``where`` is the repository, FORGE:PATH, or the forge.
    """
    distrust = _distrust(error)
    if distrust is None:
        return "check base_url and the network" if why_unreachable(error) == _NO_NAME else ""
    if distrust.verify_code in _OF_THE_SERVER:
        return "have the server's certificate renewed, or check the host in base_url"
    name = where.partition(":")[0]
    return f"name the file of the certificate authority (CA) that signed it: ca_file in [forges.{name}]"


def _distrust(error: BaseException) -> ssl.SSLCertVerificationError | None:
    return next((each for each in _chain(error) if isinstance(each, ssl.SSLCertVerificationError)), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give an error and those that it came of."""
    seen: BaseException | None = error
    for _ in range(10):  # a longer chain is a ring
        if seen is None:
            return
        yield seen
        reason = getattr(seen, "reason", None)
        seen = seen.__cause__ or seen.__context__ or (reason if isinstance(reason, BaseException) else None)
