"""Private keys: secrets of several lines, read as PEM, checked before anything is signed with them."""

import re
from collections.abc import Mapping

from bot.config.errors import ConfigErrors
from bot.domain.errors import BotError

# GitHub makes keys of so many bits; what is much shorter signs nothing that anybody should trust.
_FEWEST_BITS = 2048
_PEM = re.compile(r"(?P<begin>-----BEGIN [A-Z ]+-----)(?P<body>[^-]*)(?P<end>-----END [A-Z ]+-----)")
_HINT = "put the whole file there that GitHub gave, or name it by ${}_FILE"


def private_key(environment: Mapping[str, str], variable: str) -> str | None:
    """Read an RSA private key; blank counts as none, and a line break may be a space, or a backslash and n.

    Raises ConfigErrors for what is none, which is not shown.
    """
    text = environment.get(variable, "").replace("\\n", "\n").strip()
    if not text:
        return None
    found = _PEM.fullmatch(text)
    key = "\n".join((found["begin"], *found["body"].split(), found["end"])) + "\n" if found else ""
    if not _is_private_key(key):
        what = "holds no RSA private key in PEM, or one that a passphrase protects"
        raise ConfigErrors((BotError(f"${variable}", what, _HINT.format(variable)),))
    return key


def lines_of(key: str) -> tuple[str, ...]:
    """Give the lines of a key that was read, but for the first and the last, which only say what it is."""
    return tuple(key.splitlines()[1:-1])


def _is_private_key(text: str) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPrivateKey) and key.key_size >= _FEWEST_BITS
