"""A repository as it would be written into the file, before it is."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.config.building import repository_of
from bot.config.mistakes import mistakes_of
from bot.config.models import ConfigFile, WatchedRepository
from bot.domain.errors import UsageError
from bot.domain.repositories import Repository


def candidate(entry: Mapping[str, Any], written: ConfigFile) -> Repository:
    """Give the repository that an entry would be in a file. Raises UsageError for what no entry can be."""
    forge = written.forges.get(str(entry.get("forge")))
    if forge is None:
        known = ", ".join(written.forges) or "none"
        raise UsageError(f'forge "{entry.get("forge")}"', "is not configured", f"the configured ones are: {known}")
    try:
        return repository_of(WatchedRepository.model_validate(dict(entry)), forge)
    except ValidationError as error:
        [mistake, *_] = mistakes_of(error.errors(include_url=False))
        raise UsageError(".".join(str(part) for part in mistake.place), mistake.what, mistake.hint) from error
