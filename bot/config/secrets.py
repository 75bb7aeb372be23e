"""Secrets: the environment variables that hold them, and tokens and private keys, checked as they are read.

They may be in files: ``$NAME_FILE`` names the file if ``$NAME`` is not set, as container platforms do; or the file is
systemd's credential ``release-bot.NAME``, if there is one.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from bot.config.errors import ConfigErrors
from bot.config.models import Settings
from bot.domain.errors import BotError

_ENDING = "_FILE"
# systemd's credentials of all services share a folder on disk, so that the name begins with the service's.
_CREDENTIALS, _CREDENTIAL = "CREDENTIALS_DIRECTORY", "release-bot.{}"
# The size of GitHub's keys; a shorter RSA key is not secure.
_FEWEST_BITS = 2048
_PEM = re.compile(r"(?P<begin>-----BEGIN [A-Z ]+-----)(?P<body>[^-]*)(?P<end>-----END [A-Z ]+-----)")
_HINT = "set it to the whole PEM file from GitHub, or set ${}_FILE to the path of that file"


def secret_variables(settings: Settings) -> tuple[str, ...]:
    """Return the variables that secrets are read from."""
    return (*token_variables(settings), *key_variables(settings))


def key_variables(settings: Settings) -> tuple[str, ...]:
    """Return the variables that hold private keys."""
    names = (forge.app.key_env for forge in settings.forges.values() if forge.app)
    return tuple(dict.fromkeys(names))


def token_variables(settings: Settings) -> tuple[str, ...]:
    """Return the variables that hold a single word, such as a token."""
    names = [name for forge in settings.forges.values() for name in (forge.token_env, forge.webhook_secret_env)]
    for chat in settings.configured_chats.values():
        names += [each.variable for each in chat.keys.secrets]
    names += [place.url_env for place in settings.places.values()]
    names.append(settings.web.token_env)
    return tuple(dict.fromkeys(name for name in names if name))


def secret_files(settings: Settings, environment: Mapping[str, str]) -> dict[str, Path]:
    """Return the files that hold secrets, by the variable that each replaces; a variable that is set wins."""
    return {
        name: file
        for name in secret_variables(settings)
        if not environment.get(name, "").strip() and (file := _secret_file(name, environment)) is not None
    }


def has_secret(name: str, environment: Mapping[str, str]) -> bool:
    """Return whether a variable is set, or a file replaces it."""
    return bool(environment.get(name, "").strip()) or _secret_file(name, environment) is not None


def _secret_file(name: str, environment: Mapping[str, str]) -> Path | None:
    """Return the file that is named, which has to exist, else the credential, which may be missing."""
    if named := environment.get(name + _ENDING, "").strip():
        return Path(named)
    folder = environment.get(_CREDENTIALS, "")
    credential = Path(folder, _CREDENTIAL.format(name))
    return credential if folder and credential.exists() else None


def read_secrets(files: Mapping[str, Path]) -> dict[str, str]:
    """Read the files. Raises ConfigErrors for each that cannot be read."""
    wrong = tuple(_unreadable(files))
    if wrong:
        raise ConfigErrors(wrong)
    return {name: path.read_text(encoding="utf-8").strip() for name, path in files.items()}


def _unreadable(files: Mapping[str, Path]) -> Iterator[BotError]:
    for name, path in files.items():
        try:
            path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or "not a text file"
            what = f"{path} cannot be read ({why})"
            yield BotError(f"${name}{_ENDING}", what, "name a file that contains only the secret")


def token(environment: Mapping[str, str], variable: str | None) -> str | None:
    """Read a secret; blank counts as none. Raises ConfigErrors for characters that an HTTP header cannot carry."""
    secret = environment.get(variable, "").strip() if variable else ""
    if not secret:
        return None
    if not re.fullmatch(r"[\x21-\x7e]+", secret):
        what = "invalid characters in a token (spaces, line breaks or non-ASCII letters)"
        raise ConfigErrors((BotError(f"${variable}", what, "set it again, without quotes around it"),))
    return secret


def private_key(environment: Mapping[str, str], variable: str) -> str | None:
    """Read an RSA private key; blank counts as none, and a line break may be a space, or a backslash and n.

    Raises ConfigErrors, without showing the value, if it is not a private key.
    """
    text = environment.get(variable, "").replace("\\n", "\n").strip()
    if not text:
        return None
    found = _PEM.fullmatch(text)
    key = "\n".join((found["begin"], *found["body"].split(), found["end"])) + "\n" if found else ""
    if not _is_private_key(key):
        what = "not an RSA private key in PEM format, or protected by a passphrase"
        raise ConfigErrors((BotError(f"${variable}", what, _HINT.format(variable)),))
    return key


def lines_of(key: str) -> tuple[str, ...]:
    """Return the lines of a private key without the BEGIN and END lines."""
    return tuple(key.splitlines()[1:-1])


@lru_cache(maxsize=8)
def _is_private_key(text: str) -> bool:
    """Return whether it is one, tested once in a process: the test of its primes takes longer than most commands."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return isinstance(key, RSAPrivateKey) and key.key_size >= _FEWEST_BITS
