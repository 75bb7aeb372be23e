"""The settings: found, read, checked, and shown."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.config.building import forge_of, plan_of, repository_of
from bot.config.checks import contradictions
from bot.config.durations import read_duration
from bot.config.errors import ConfigErrors
from bot.config.models import ConfigFile, check_database
from bot.config.reading import read_file
from bot.config.values import DigestSettings, Settings, SlackSettings
from bot.domain.errors import BotError
from bot.domain.milestones import KINDS
from bot.domain.selection import choose_repositories

_DEFAULT_FILE = "config/bot.toml"
_FILE_VARIABLE = "RELEASE_BOT_CONFIG"
_DATABASE_VARIABLE = "DATABASE_URL"


def find(option: str | None, environment: Mapping[str, str]) -> Path:
    """Give the configuration file: the one asked for, else $RELEASE_BOT_CONFIG, else config/bot.toml."""
    return Path(option or environment.get(_FILE_VARIABLE) or _DEFAULT_FILE)


def load(path: Path, environment: Mapping[str, str]) -> Settings:
    """Read a file and check it whole. Raises ConfigErrors with every mistake in it."""
    file = read_file(path)
    errors = [BotError(f"{path}: {place}", what, hint) for place, what, hint in contradictions(file)]
    if errors:
        raise ConfigErrors(tuple(errors))
    repositories = tuple(repository_of(each, file.forges[each.forge]) for each in file.repositories)
    return Settings(
        file=path,
        time_zone=ZoneInfo(file.time_zone),
        database_url=_database_url(environment) or file.database.url,
        poll_every=read_duration(file.poll.every),
        full_every=read_duration(file.poll.full_every),
        forges={name: forge_of(name, forge) for name, forge in file.forges.items()},
        repositories=repositories,
        slack=SlackSettings(
            file.slack.base_url, file.slack.bot_token_env, file.slack.app_token_env, tuple(file.slack.maintainers)
        ),
        digests=tuple(
            DigestSettings(
                each.name,
                each.channel,
                each.schedule,
                each.period,
                tuple(chosen.key for chosen in choose_repositories(each.repositories, repositories)),
                each.when_quiet,
            )
            for each in file.digests
        ),
        remind_within=read_duration(file.remind_within),
        milestone_kinds=(*KINDS, *file.milestone_kinds),
        plans=tuple(plan_of(each, repositories) for each in file.certifications),
    )


def _database_url(environment: Mapping[str, str]) -> str:
    url = environment.get(_DATABASE_VARIABLE, "").strip()
    try:
        return check_database(url) if url else ""
    except ValueError as error:
        what, _, hint = str(error).partition("; ")
        raise ConfigErrors((BotError(f"${_DATABASE_VARIABLE}", what, hint),)) from error


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
    """Give what is in effect, in the file's own shape, with secrets masked."""
    shown = read_file(settings.file).model_dump(mode="json", exclude_none=True)
    shown["database"]["url"] = masked(settings.database_url)
    for name, forge in shown["forges"].items():
        forge["base_url"] = settings.forges[name].base_url
        forge["token"] = _is_set(environment, settings.forges[name].token_env)
    shown["slack"]["bot_token"] = _is_set(environment, settings.slack.bot_token_env)
    shown["slack"]["app_token"] = _is_set(environment, settings.slack.app_token_env)
    return shown


def masked(url: str) -> str:
    """Write an address with its password as ``***``."""
    return re.sub(r"(://[^:/@]*:)[^@]*@", r"\1***@", url)


def _is_set(environment: Mapping[str, str], variable: str | None) -> str:
    return "***" if variable and environment.get(variable, "").strip() else "not set"
