"""From a file's bytes to a checked model, every mistake told in people's words."""

import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.config.errors import ConfigErrors
from bot.config.models import ConfigFile
from bot.domain.errors import BotError

_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "date_type": "a date such as 2021-02-18",
    "date_from_datetime_inexact": "a date without a time",
}
_PATTERNS = {
    "token_env": "the name of a variable, such as GITHUB_TOKEN (the token itself belongs in the environment)",
    "bot_token_env": "the name of an environment variable, such as SLACK_BOT_TOKEN",
    "app_token_env": "the name of an environment variable, such as SLACK_APP_TOKEN",
    "maintainers": "a Slack user id, such as U012AB3CD (in Slack: profile, three dots, copy member ID)",
}


def read_file(path: Path) -> ConfigFile:
    """Read and check a file by itself. Raises ConfigErrors with every mistake."""
    table = _read_toml(path)
    try:
        return ConfigFile.model_validate(table)
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_context=True)
        raise ConfigErrors(tuple(_mistake(path, table, mistake) for mistake in mistakes)) from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError as error:
        hint = "name one with --config FILE or RELEASE_BOT_CONFIG, or begin from config/bot.toml of the project"
        raise _unreadable(path, "there is no such file", hint) from error
    except IsADirectoryError as error:
        raise _unreadable(path, "is a folder", "name the file in it") from error
    except OSError as error:
        raise _unreadable(path, f"cannot be read ({error.strerror})", "check who may read it") from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"is not UTF-8 text (byte {error.start})", "save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, f"is not TOML: {error}", "mend it there; texts stand in quotes") from error


def _unreadable(path: Path, what: str, hint: str) -> ConfigErrors:
    return ConfigErrors((BotError(str(path), what, hint),))


def _mistake(path: Path, table: dict[str, Any], mistake: Any) -> BotError:
    place: Sequence[str | int] = mistake["loc"]
    return BotError(f"{path}: {key_path(table, place)}", *_told(mistake, place))


def key_path(table: Any, place: Sequence[str | int]) -> str:
    """Write a key's place; a list's entry with its name too: ``repositories[2] (DIRACGrid/DIRAC).path``."""
    written = ""
    for part in place:
        if isinstance(part, int):
            table = table[part] if isinstance(table, list) and part < len(table) else None
            written += f"[{part}]{_called(table)}"
        else:
            table = table.get(part) if isinstance(table, dict) else None
            quoted = part if part.replace("_", "").replace("-", "").isalnum() else f'"{part}"'
            written += f".{quoted}" if written else quoted
    return written


def _called(entry: Any) -> str:
    if not isinstance(entry, dict):
        return ""
    name = entry.get("path") or entry.get("name") or entry.get("title") or entry.get("series")
    return f" ({name})" if isinstance(name, str) else ""


def _told(mistake: Any, place: Sequence[str | int]) -> tuple[str, str]:
    """Say what is wrong, and what would be right."""
    given = _shown(mistake["input"])
    named = next((part for part in reversed(place) if isinstance(part, str)), "")
    match mistake["type"]:
        case "extra_forbidden":
            told = "is no known key", _nearest(named, place[:-1])
        case "missing":
            told = "is missing", "write it"
        case "value_error":
            what, _, hint = str(mistake["ctx"]["error"]).partition("; ")
            told = what, hint
        case "literal_error":
            told = f"{given} is none of the known words", f"say {mistake['ctx']['expected']}".replace("'", '"')
        case "string_too_short":
            told = "is empty", "write something there, or leave the key out"
        case "string_pattern_mismatch":
            told = f"{given} does not fit", f"say {_PATTERNS[named]}"
        case kind:
            told = f"expected {_EXPECTED.get(kind, mistake['msg'])}, found {given}", "see docs/CONFIGURATION.md"
    return told


def _shown(given: Any) -> str:
    match given:
        case str():
            return f'"{given}"' if len(given) <= 60 else f'"{given[:60]}..."'  # noqa: PLR2004 - enough to find it by
        case bool():
            return "true" if given else "false"
        case dict():
            return "a table"
        case list():
            return "a list"
        case _:
            return f"{given}"


def _nearest(key: str, place: Sequence[str | int]) -> str:
    known = sorted(_known_keys(place))
    near = get_close_matches(key.lower(), known, n=1)
    return f"did you mean {near[0]}?" if near else f"the known ones are: {', '.join(known)}"


def _known_keys(place: Sequence[str | int]) -> set[str]:
    """List the keys of the table at a place by walking the models."""
    model: Any = ConfigFile
    for part in place:
        if isinstance(part, str) and isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(part)
            model = field.annotation if field else None
        if not isinstance(part, str) or not isinstance(model, type):
            model = _inner(model)
    model = _inner(model)
    return set(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else set()


def _inner(annotation: Any) -> Any:
    return inner_model(annotation) or annotation


def inner_model(annotation: Any) -> type[BaseModel] | None:
    """Give the table behind a key: ``Model`` itself, or that inside ``list[Model]`` or ``dict[str, Model]``."""
    for each in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None
