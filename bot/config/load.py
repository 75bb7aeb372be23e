"""Settings: find, read, check and show the configuration file; every mistake in it is reported at once."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.config.check import contradictions, wrong_files
from bot.config.defaults import default_name
from bot.config.environment import NO_FILE, EnvironmentKeys, is_configured, read_environment
from bot.config.errors import ConfigErrors, InvalidValue, Mistake
from bot.config.fields import check_database
from bot.config.find import DEFAULT_FILES, find_file
from bot.config.locations import key_path
from bot.config.models import Origin, Settings
from bot.config.notation import one_line
from bot.config.pydantic_errors import mistakes_of
from bot.config.redaction import masked
from bot.domain.errors import BotError

_DATABASE_VARIABLE = "DATABASE_URL"


def find(option: str | None, environment: Mapping[str, str]) -> Path:
    """Return the path of the configuration file.

    The given one, else $RELEASE_BOT_CONFIG, else config/bot.toml, else bot.toml; ``NO_FILE`` if there is none and
    the environment has keys of the configuration.
    """
    return find_file(option, environment) or (NO_FILE if is_configured(environment) else Path(DEFAULT_FILES[0]))


def load(path: Path, environment: Mapping[str, str]) -> Settings:
    """Read and check a file with the environment's keys. Raises ConfigErrors with every mistake in both."""
    return _load({} if path == NO_FILE else _read_toml(path), path, environment)


def load_text(text: str, path: Path, environment: Mapping[str, str]) -> Settings:
    """Check the text of a file that is to be written to ``path``, as ``load`` does. Raises ConfigErrors."""
    return _load(tomllib.loads(text), path, environment)


def _load(file: dict[str, Any], path: Path, environment: Mapping[str, str]) -> Settings:
    wrong = tuple(_wrong_in(environment))
    try:
        settings = _checked(file, Origin(path, _database_url(environment)), read_environment(environment))
    except ConfigErrors as error:
        raise ConfigErrors((*error.errors, *wrong)) from error
    if wrong:
        raise ConfigErrors(wrong)
    return settings


def _database_url(environment: Mapping[str, str]) -> str:
    return environment.get(_DATABASE_VARIABLE, "").strip()


def _wrong_in(environment: Mapping[str, str]) -> Iterator[BotError]:
    url = _database_url(environment)
    try:
        if url:
            check_database(url)
    except InvalidValue as error:
        yield BotError(f"${_DATABASE_VARIABLE}", error.what, error.hint)


def _checked(file: dict[str, Any], origin: Origin, keys: EnvironmentKeys) -> Settings:
    """Check a file's tables with the environment's keys in them.

    Raises ConfigErrors with every mistake, in the order of the tables, those in the variables themselves last.
    """
    path = origin.file
    table, misplaced = keys.merged_into(file)
    of_variables = [*keys.mistakes, *misplaced]
    mistakes: list[Mistake] = []
    try:
        settings = Settings.model_validate(table, context=origin)
    except ValidationError as error:
        mistakes += mistakes_of(error.errors(include_url=False))
    mistakes += contradictions(table)
    mistakes += wrong_files(table, path.parent)
    if mistakes or of_variables:
        order = list(table)
        mistakes.sort(key=lambda mistake: _order(mistake, order))
        lines = [
            _line(_where(path, table, mistake, keys.variable_of(mistake.place, file)), mistake) for mistake in mistakes
        ]
        raise ConfigErrors((*lines, *(_line(str(mistake.place[0]), mistake) for mistake in of_variables)))
    return settings


def _order(mistake: Mistake, tables: list[str]) -> tuple[int, int]:
    first, second = (*mistake.place, 0)[:2]
    return tables.index(str(first)), second if isinstance(second, int) else 0


def _where(path: Path, table: dict[str, Any], mistake: Mistake, variable: str) -> str:
    """Return where a mistake is: the variable that set the key, with the key's path if it is within a value."""
    key = masked(key_path(table, mistake.place))
    if not variable:
        return f"{path}: {key}"
    return variable if variable.count("__") + 1 >= len(mistake.place) else f"{variable}: {key}"


def _line(where: str, mistake: Mistake) -> BotError:
    return BotError(where, one_line(masked(mistake.what)), one_line(mistake.hint))


def _read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file. Raises ConfigErrors with one line that says why it cannot be read."""
    try:
        # Some editors begin a file with a byte order mark.
        return tomllib.loads(_bytes(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"invalid UTF-8 at byte {error.start}", "save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, f"invalid TOML: {error}", "fix it there; strings need quotes") from error
    except RecursionError as error:
        raise _unreadable(path, "too deeply nested", "no key takes a list within a list") from error
    except ValueError as error:  # Python refuses numbers of more than 4300 digits
        raise _unreadable(path, "contains a number that is too long", "shorten the number") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        hint = "give one with --config FILE or RELEASE_BOT_CONFIG, or write one: release-bot init"
        raise _unreadable(path, "no such file", hint) from error
    except IsADirectoryError as error:
        raise _unreadable(path, "not a file but a directory", "name the file in it") from error
    except PermissionError as error:
        raise _unreadable(path, "permission denied", "give the user that runs the bot read permission") from error
    except OSError as error:
        raise _unreadable(path, f"cannot be read ({error.strerror})", "give another file with --config") from error


def _unreadable(path: Path, what: str, hint: str) -> ConfigErrors:
    return ConfigErrors((BotError(str(path), what, hint),))


def show(settings: Settings, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the effective configuration in the shape of the file, with every default, and secrets masked."""
    shown: dict[str, Any] = _without_none(settings.model_dump(mode="json"))
    shown["database"]["url"] = masked(settings.database_location.url)
    for name, forge in shown["forges"].items():
        configured = settings.forges[name]
        forge["base_url"] = configured.address
        if configured.app is not None:
            forge["app"]["key"] = _is_set(environment, configured.app.key_env)
        else:
            forge["token"] = _is_set(environment, configured.token_env)
    for name, index in shown["indexes"].items():
        index["base_url"] = settings.indexes[name].address
    for entry in shown["repositories"]:
        entry.setdefault("name", default_name(entry["path"]))
    for entry, plan in zip(shown["certifications"], settings.plans, strict=True):
        for step, milestone in zip(entry["milestones"], plan.configured, strict=True):
            step["title"] = milestone.title
    for place in shown["places"].values():
        place["url"] = _is_set(environment, place["url_env"])
    _show_web(shown, settings, environment)
    _show_chats(shown, settings, environment)
    return shown


def _show_web(shown: dict[str, Any], settings: Settings, environment: Mapping[str, str]) -> None:
    if settings.web.token_env is not None:
        shown["web"]["token"] = _is_set(environment, settings.web.token_env)


def _show_chats(shown: dict[str, Any], settings: Settings, environment: Mapping[str, str]) -> None:
    chats = settings.configured_chats
    for name, chat in chats.items():
        table = shown["chats"].get(name, shown["slack"])
        for each in chat.keys.secrets:
            table[each.key.removesuffix("_env")] = _is_set(environment, each.variable)
    if "slack" not in {chat.table for chat in chats.values()}:
        del shown["slack"]


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(each) for key, each in value.items() if each is not None}
    return [_without_none(each) for each in value] if isinstance(value, list) else value


def _is_set(environment: Mapping[str, str], variable: str | None) -> str:
    return "***" if variable and environment.get(variable, "").strip() else "not set"
