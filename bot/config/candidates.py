"""A repository or an organisation as it would be written into the file, before it is."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.config.building import organisation_of, repository_of
from bot.config.mistakes import mistakes_of
from bot.config.models import ConfigFile, Forge, WatchedOrganisation, WatchedRepository
from bot.domain.errors import UsageError
from bot.domain.organisations import Organisation
from bot.domain.repositories import Repository

Entry = Mapping[str, Any]
_Model = TypeVar("_Model", bound=BaseModel)


def candidate(entry: Entry, written: ConfigFile) -> Repository:
    """Give the repository that an entry would be in a file. Raises UsageError for what no entry can be."""
    return repository_of(_read(WatchedRepository, entry), _forge(entry, written))


def candidate_organisation(entry: Entry, written: ConfigFile) -> Organisation:
    """Give the organisation that an entry would be in a file. Raises UsageError for what no entry can be."""
    _forge(entry, written)
    return organisation_of(_read(WatchedOrganisation, entry))


def _forge(entry: Entry, written: ConfigFile) -> Forge:
    forge = written.forges.get(str(entry.get("forge")))
    if forge is None:
        known = ", ".join(written.forges) or "none"
        raise UsageError(f'forge "{entry.get("forge")}"', "is not configured", f"the configured ones are: {known}")
    return forge


def _read(model: type[_Model], entry: Entry) -> _Model:
    try:
        return model.model_validate(dict(entry))
    except ValidationError as error:
        [mistake, *_] = mistakes_of(error.errors(include_url=False))
        raise UsageError(".".join(str(part) for part in mistake.place), mistake.what, mistake.hint) from error
