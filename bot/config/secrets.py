"""Secrets that stand in files: ``$NAME_FILE`` names the file where ``$NAME`` is not set, as container platforms do."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.config.errors import ConfigErrors
from bot.config.values import Settings
from bot.domain.errors import BotError

_ENDING = "_FILE"


def secret_variables(settings: Settings) -> tuple[str, ...]:
    """Name the variables that secrets are read from."""
    return (*token_variables(settings), *key_variables(settings))


def key_variables(settings: Settings) -> tuple[str, ...]:
    """Name those among them that hold private keys."""
    names = (forge.app.key_env for forge in settings.forges.values() if forge.app)
    return tuple(dict.fromkeys(names))


def token_variables(settings: Settings) -> tuple[str, ...]:
    """Name those among them that hold one word each, such as a token."""
    slack = settings.slack
    names = [forge.token_env for forge in settings.forges.values()]
    names += [slack.bot_token_env, slack.app_token_env, slack.signing_secret_env]
    names += [place.url_env for place in settings.places.values()]
    return tuple(dict.fromkeys(name for name in names if name))


def secret_files(settings: Settings, environment: Mapping[str, str]) -> dict[str, Path]:
    """Give the files that hold secrets, by the variables that they stand for; a variable that is set wins."""
    return {
        name: Path(named)
        for name in secret_variables(settings)
        if not environment.get(name, "").strip() and (named := environment.get(name + _ENDING, "").strip())
    }


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
            why = (error.strerror if isinstance(error, OSError) else None) or "it is no text"
            what = f"{path} cannot be read ({why})"
            yield BotError(f"${name}{_ENDING}", what, "name a file with the secret in it, and nothing else")
