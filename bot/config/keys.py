"""Private keys: secrets of several lines, read as PEM, checked before anything is signed with them."""

from collections.abc import Mapping

from bot.config.errors import ConfigErrors
from bot.domain.errors import BotError

# GitHub makes keys of so many bits; what is much shorter signs nothing that anybody should trust.
_FEWEST_BITS = 2048
_HINT = "put the whole file there that GitHub gave, or name it by ${}_FILE"


def private_key(environment: Mapping[str, str], variable: str) -> str | None:
    """Read an RSA private key; blank counts as none, and a line break may be written as a backslash and n.

    Raises ConfigErrors for what is none, which is not shown.
    """
    text = environment.get(variable, "").replace("\\n", "\n").strip()
    if not text:
        return None
    key = "\n".join(line.strip() for line in text.splitlines()) + "\n"
    if not _is_private_key(key):
        what = "holds no RSA private key in PEM, or one that a passphrase protects"
        raise ConfigErrors((BotError(f"${variable}", what, _HINT.format(variable)),))
    return key


def lines_of(key: str) -> tuple[str, ...]:
    """Give the lines of a key that are secret, each by itself; its first and last say only what it is."""
    return tuple(line for line in key.splitlines() if line and not line.startswith("-----"))


def _is_private_key(text: str) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPrivateKey) and key.key_size >= _FEWEST_BITS
