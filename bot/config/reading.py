"""From a file to a checked model, every mistake in it told in one go."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.config.checks import contradictions
from bot.config.errors import ConfigErrors, Mistake
from bot.config.files import wrong_files
from bot.config.masking import masked
from bot.config.mistakes import mistakes_of
from bot.config.models import ConfigFile
from bot.config.places import key_path
from bot.config.toml import read_toml
from bot.config.words import one_line
from bot.domain.errors import BotError


def read_file(path: Path) -> ConfigFile:
    """Read a file and check it whole. Raises ConfigErrors with every mistake, in the order of the file's tables."""
    table = read_toml(path)
    mistakes: list[Mistake] = []
    try:
        file = ConfigFile.model_validate(table)
    except ValidationError as error:
        mistakes += mistakes_of(error.errors(include_url=False))
    mistakes += contradictions(table)
    mistakes += wrong_files(table, path.parent)
    if mistakes:
        order = list(table)
        mistakes.sort(key=lambda mistake: _order(mistake, order))
        raise ConfigErrors(tuple(_line(path, table, mistake) for mistake in mistakes))
    return file


def _order(mistake: Mistake, tables: list[str]) -> tuple[int, int]:
    first, second = (*mistake.place, 0)[:2]
    return tables.index(str(first)), second if isinstance(second, int) else 0


def _line(path: Path, table: dict[str, Any], mistake: Mistake) -> BotError:
    where = f"{path}: {masked(key_path(table, mistake.place))}"
    return BotError(where, one_line(masked(mistake.what)), one_line(mistake.hint))
