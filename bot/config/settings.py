"""The settings: found, read, checked, and shown."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.config.building import (
    address_of,
    default_name,
    digest_of,
    forge_of,
    organisation_of,
    place_of,
    plan_of,
    repository_of,
    slack_of,
)
from bot.config.database import at_file, beside, relative_path
from bot.config.durations import read_duration
from bot.config.errors import ConfigErrors, Refused
from bot.config.fields import check_database
from bot.config.masking import masked
from bot.config.models import ConfigFile
from bot.config.reading import read_file
from bot.config.values import Settings
from bot.domain.errors import BotError
from bot.domain.milestones import KINDS

_DEFAULT_FILES = ("config/bot.toml", "bot.toml")
_FILE_VARIABLE = "RELEASE_BOT_CONFIG"
_DATABASE_VARIABLE = "DATABASE_URL"


def find(option: str | None, environment: Mapping[str, str]) -> Path:
    """Return the path of the configuration file.

    The one asked for, else $RELEASE_BOT_CONFIG, else config/bot.toml, else bot.toml.
    """
    if named := option or environment.get(_FILE_VARIABLE):
        return Path(named)
    defaults = [Path(name) for name in _DEFAULT_FILES]
    return next((path for path in defaults if path.exists()), defaults[0])


def load(path: Path, environment: Mapping[str, str]) -> Settings:
    """Read a file and check it whole. Raises ConfigErrors with every mistake in it and in the environment."""
    wrong = tuple(_wrong_in(environment))
    try:
        file = read_file(path)
    except ConfigErrors as error:
        raise ConfigErrors((*error.errors, *wrong)) from error
    if wrong:
        raise ConfigErrors(wrong)
    return _settings(path, file, environment)


def _settings(path: Path, file: ConfigFile, environment: Mapping[str, str]) -> Settings:
    repositories = tuple(repository_of(each, file.forges[each.forge]) for each in file.repositories)
    url, relative = _database_url(environment), None
    if not url:
        url, relative = file.database.url, relative_path(file.database.url)
    database = beside(path, relative) if relative else None
    return Settings(
        file=path,
        time_zone=ZoneInfo(file.time_zone),
        database_url=at_file(url, database) if database else url,
        database_file=database,
        database_path=relative,
        poll_every=read_duration(file.poll.every),
        full_every=read_duration(file.poll.full_every),
        poll_share=file.poll.share,
        forges={name: forge_of(name, forge, path.parent) for name, forge in file.forges.items()},
        repositories=repositories,
        organisations=tuple(organisation_of(each) for each in file.organisations),
        slack=slack_of(file.slack, path.parent),
        places={name: place_of(place, path.parent) for name, place in file.places.items()},
        digests=tuple(digest_of(each, repositories) for each in file.digests),
        remind_within=read_duration(file.remind_within),
        milestone_kinds=(*KINDS, *file.milestone_kinds),
        plans=tuple(plan_of(each, repositories) for each in file.certifications),
        monitoring=address_of(file.monitoring.address) if file.monitoring.address else None,
        written=file,
        origins={repository.key: str(path) for repository in repositories},
    )


def _database_url(environment: Mapping[str, str]) -> str:
    return environment.get(_DATABASE_VARIABLE, "").strip()


def _wrong_in(environment: Mapping[str, str]) -> Iterator[BotError]:
    url = _database_url(environment)
    try:
        if url:
            check_database(url)
    except Refused as error:
        yield BotError(f"${_DATABASE_VARIABLE}", error.what, error.hint)


def token(environment: Mapping[str, str], variable: str | None) -> str | None:
    """Read a secret; blank counts as none. Raises ConfigErrors for one that no header can carry."""
    secret = environment.get(variable, "").strip() if variable else ""
    if not secret:
        return None
    if not re.fullmatch(r"[\x21-\x7e]+", secret):
        what = "holds characters that no token has (spaces, line breaks or letters beyond ASCII)"
        raise ConfigErrors((BotError(f"${variable}", what, "set it again, without quotes around it"),))
    return secret


def schema() -> dict[str, Any]:
    """Give the JSON Schema of the file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | ConfigFile.model_json_schema()


def show(settings: Settings, environment: Mapping[str, str]) -> dict[str, Any]:
    """Give what is in effect, in the file's own shape, with every default, and secrets masked."""
    shown = settings.written.model_dump(mode="json", exclude_none=True)
    shown["database"]["url"] = masked(settings.database_url)
    for name, forge in shown["forges"].items():
        forge["base_url"] = settings.forges[name].base_url
        app = settings.forges[name].app
        if app is not None:
            forge["app"]["key"] = _is_set(environment, app.key_env)
        else:
            forge["token"] = _is_set(environment, settings.forges[name].token_env)
    for entry in shown["repositories"]:
        entry.setdefault("name", default_name(entry["path"]))
    for entry, plan in zip(shown["certifications"], settings.plans, strict=True):
        for step, milestone in zip(entry["milestones"], plan.configured, strict=True):
            step["title"] = milestone.title
    for name, place in shown["places"].items():
        place["url"] = _is_set(environment, settings.places[name].url_env)
    shown["slack"]["bot_token"] = _is_set(environment, settings.slack.bot_token_env)
    shown["slack"]["app_token"] = _is_set(environment, settings.slack.app_token_env)
    shown["slack"]["signing_secret"] = _is_set(environment, settings.slack.signing_secret_env)
    return shown


def _is_set(environment: Mapping[str, str], variable: str | None) -> str:
    return "***" if variable and environment.get(variable, "").strip() else "not set"
