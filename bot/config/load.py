"""The settings: found, read, checked, and shown."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic.json_schema import DefsRef, GenerateJsonSchema

from bot.config.certifications import MilestoneSettings
from bot.config.errors import ConfigErrors, Refused
from bot.config.fields import check_database
from bot.config.load_file import read_file
from bot.config.models import DatabaseSettings, DigestSettings, Origin, Settings
from bot.config.redaction import masked
from bot.config.repositories import ForgeSettings, default_name
from bot.domain.errors import BotError

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
        settings = read_file(Origin(path, _database_url(environment)))
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


class _Schema(GenerateJsonSchema):
    """The schema of the file, in which a table is called by its title."""

    titles: ClassVar = {
        each.__name__: str(each.model_config["title"])
        for each in (DatabaseSettings, DigestSettings, ForgeSettings, MilestoneSettings)
    }

    def get_defs_ref(self, core_mode_ref: Any) -> DefsRef:
        """Return the key of a definition."""
        ref, mode = core_mode_ref
        for name, title in self.titles.items():
            ref = ref.replace(f".{name}:", f".{title}:")
        return super().get_defs_ref((ref, mode))


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    made = Settings.model_json_schema(schema_generator=_Schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | made


def show(settings: Settings, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what is in effect, in the file's own shape, with every default, and secrets masked."""
    shown: dict[str, Any] = _without_none(settings.model_dump(mode="json"))
    shown["database"]["url"] = masked(settings.database_location.url)
    for name, forge in shown["forges"].items():
        configured = settings.forges[name]
        forge["base_url"] = configured.address
        if configured.app is not None:
            forge["app"]["key"] = _is_set(environment, configured.app.key_env)
        else:
            forge["token"] = _is_set(environment, configured.token_env)
    for entry in shown["repositories"]:
        entry.setdefault("name", default_name(entry["path"]))
    for entry, plan in zip(shown["certifications"], settings.plans, strict=True):
        for step, milestone in zip(entry["milestones"], plan.configured, strict=True):
            step["title"] = milestone.title
    for place in shown["places"].values():
        place["url"] = _is_set(environment, place["url_env"])
    for secret in ("bot_token", "app_token", "signing_secret"):
        shown["slack"][secret] = _is_set(environment, shown["slack"][f"{secret}_env"])
    return shown


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(each) for key, each in value.items() if each is not None}
    return [_without_none(each) for each in value] if isinstance(value, list) else value


def _is_set(environment: Mapping[str, str], variable: str | None) -> str:
    return "***" if variable and environment.get(variable, "").strip() else "not set"
