"""Types of values in the file: the accepted syntax of each, and the value it is read into."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, GetPydanticSchema, PlainSerializer
from pydantic_core import core_schema

from bot.config.errors import InvalidValue
from bot.config.notation import quoted
from bot.config.redaction import is_token
from bot.domain import patterns
from bot.domain.digests.schedule import check_schedule
from bot.domain.errors import UsageError
from bot.domain.periods.options import SINCE_LAST, SINCE_MEETING, check_period, is_since_last, is_since_meeting
from bot.domain.repositories import is_path
from bot.forges.sites import SITES

_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
_HOST_AND_PORT = r"(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):([0-9]{1,5})"
_LAST_PORT = 65_535
_LONGEST_FILE = 200
_SLACK_USER = r"^[UW][A-Z0-9]{2,}$"
_MATRIX_USER = r"^@[^\s:]+:\S+$"
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# A host, and a port that is none.
_PORT = re.compile(r"(?:\[[^\]]*\]|[^:/?\[]+):(?![0-9]{1,5}(?:[/?]|$))([^/?]+)")
_DATABASE = re.compile(r"(?:sqlite|postgres(?:ql)?)(?:\+[a-z0-9]+)?://")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"([0-9]{1,9})\s*([smhd])")
# Far beyond any use, and short enough that no date leaves the calendar.
_LONGEST = timedelta(days=3650)


class ConfigTable(BaseModel):
    """A table of the file: its fields are the keys; it is frozen and accepts no other keys."""

    # Built with the whole file, not one by one: those that no file is read by are never needed.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class WrittenDuration(timedelta):
    """A duration that keeps the text it was read from, to show it as written."""

    text: str


class SocketAddress(NamedTuple):
    """An address to listen on."""

    host: str
    port: int

    @property
    def text(self) -> str:
        """Return the address as written in the file."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_duration(text: str) -> WrittenDuration:
    """Read a duration, such as 90s, 10m, 1h or 1d. Raises InvalidValue."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise InvalidValue(f"invalid duration {quoted(text)}", "examples: 90s, 10m, 1h, 1d")
    duration = WrittenDuration(**{_UNITS[found[2]]: int(found[1])})
    if duration > _LONGEST:
        raise InvalidValue(f"duration {quoted(text)} is too long", f"use at most {_LONGEST.days}d")
    duration.text = text
    return duration


def _text(text: str) -> str:
    if not text.strip():
        raise InvalidValue("empty string", "enter a value")
    if _CONTROL_CHARACTER.search(text):
        raise InvalidValue(f"{quoted(text)} contains a line break or another control character", "write it on one line")
    return text


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidValue(f"invalid time zone {quoted(name)}", _nearest_zone(name)) from error


def _nearest_zone(name: str) -> str:
    zones = {zone.lower(): zone for zone in available_timezones()}
    near = get_close_matches(name[:60].lower(), zones, n=1, cutoff=0.8)
    return f'did you mean "{zones[near[0]]}"?' if near else 'examples: "Europe/Paris", "UTC"'


def _pattern(text: str) -> patterns.Pattern:
    try:
        return patterns.Pattern(text)
    except patterns.PatternError as error:
        raise InvalidValue(f"invalid regular expression {quoted(text)}: {error.what}", error.hint) from error


def _condition(text: str) -> patterns.Pattern | None:
    return _pattern(text) if text else None


def _address(text: str) -> str:
    if "@" in text:
        hint = "put the token into an environment variable and name the variable in token_env"
        raise InvalidValue("a URL must not contain a user or password", hint)
    example = 'example: "https://gitlab.cern.ch"'
    if "?" in text or "#" in text:
        raise InvalidValue("a URL must not contain ? or #", example)
    if not _is_web_address(text):
        raise InvalidValue(f"invalid URL {quoted(text)}", example)
    return text


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            bool(parts.scheme in ("http", "https") and parts.hostname and parts.port != 0)
            and text.isprintable()
            and " " not in text
        )
    except ValueError:  # a port that is no number or too large, half an IPv6 address
        return False


def _forge_address(text: str) -> str:
    """Check the URL of any forge; ForgeSettings checks which URLs fit its kind."""
    if not text.startswith(("ssh://", "git://", "file://")):
        return _address(text)
    example = 'examples: "ssh://git@git.example.org", "file:///srv/git"'
    if not _is_git_address(text):
        raise InvalidValue(f"invalid git server URL {quoted(text)}", example)
    return text


def _is_git_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        is_place = not parts.netloc and len(parts.path) > 1 if parts.scheme == "file" else bool(parts.hostname)
        # A name to log in by is no secret, and ssh needs one; a server's name that begins with - would be an option.
        names = [parts.username or "x", parts.hostname or "x"]
        is_plain = parts.password is None and all(re.fullmatch(r"[\w.:~][\w.:~-]*", name) for name in names)
        return is_place and is_plain and parts.port != 0 and bool(re.fullmatch(r"[!-~]+", text))
    except ValueError:
        return False


def check_database(url: str) -> str:
    """Return the URL of a supported database unchanged. Raises InvalidValue for any other."""
    if not _DATABASE.match(url):
        hint = "use sqlite:///FILE or postgresql://USER@HOST/NAME"
        raise InvalidValue(f"unsupported database {quoted(url.partition(':')[0])}", hint)
    # Skip the user and password up to the last "@": they may contain anything.
    if port := _PORT.match(url.partition("://")[2].rpartition("@")[2]):
        raise InvalidValue(f"invalid database port {quoted(port[1])}", "write a number after the host, as in HOST:5432")
    return url


def _variable(name: str) -> str:
    # The value may be the secret itself, so it is never shown.
    if not re.search(_VARIABLE, name) or is_token(name):
        what = "invalid name of an environment variable (not shown, because it may be a secret)"
        raise InvalidValue(
            what, "write only the variable's name, such as GITHUB_TOKEN, and put the secret into that variable"
        )
    return name


def _slack_user(user: str) -> str:
    if not re.search(_SLACK_USER, user):
        hint = "example: U012AB3CD (in Slack: profile, three dots, Copy member ID)"
        raise InvalidValue(f"invalid Slack user id {quoted(user)}", hint)
    return user


def _matrix_user(user: str) -> str:
    if not re.search(_MATRIX_USER, user):
        raise InvalidValue(f"invalid Matrix user id {quoted(user)}", "example: @jdoe:example.org")
    return user


def _product(text: str) -> str:
    if not is_path(text) or text.endswith("*"):
        raise InvalidValue(
            f"invalid product {quoted(text)}", "use a name without spaces, # and :, as api or @scope/pkg"
        )
    return text


def _path(path: str) -> str:
    if not is_path(path):
        raise InvalidValue(f"invalid repository path {quoted(path)}", 'example: "DIRACGrid/DIRAC"')
    return path


def _file_in_repository(path: str) -> str:
    # git has no other paths, and no format of release notes has such long ones.
    is_valid = is_path(path.replace(" ", "_").replace("#", "_")) and not path.startswith("-")
    if not is_valid or len(path) > _LONGEST_FILE:
        raise InvalidValue(f"invalid file {quoted(path)}", 'a path in the repository, example: "release.notes"')
    return path


def _index_project(text: str) -> str:
    if not re.fullmatch(r"[\w.-]+:[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", text):
        raise InvalidValue(f"invalid project of a package index {quoted(text)}", 'example: "pypi:DIRAC"')
    return text


def _period(text: str) -> str:
    try:
        check_period(text)
    except UsageError as error:
        raise InvalidValue.from_usage(error) from error
    names = {SINCE_LAST: is_since_last(text), SINCE_MEETING: is_since_meeting(text)}
    return next((name for name, is_meant in names.items() if is_meant), text)


def _meetings(value: object) -> object:
    """Read the days of meetings, written as text or as TOML's dates, or the name of a calendar file."""
    if not isinstance(value, list):
        return value
    return [_meeting_day(day) if isinstance(day, str) else day for day in value]


def _meeting_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidValue(f"invalid date {quoted(text)}", 'example: "2026-03-12"') from error


def _schedule(text: str) -> str:
    try:
        check_schedule(text)
    except UsageError as error:
        raise InvalidValue.from_usage(error) from error
    return text


def read_host_and_port(address: str) -> SocketAddress:
    """Read an address to listen on, such as 127.0.0.1:3000 or [::1]:3000. Raises InvalidValue."""
    found = re.fullmatch(_HOST_AND_PORT, address)
    if found is None or int(found[2]) > _LAST_PORT:
        raise InvalidValue(f"invalid listen address {quoted(address)}", 'example: "127.0.0.1:3000"')
    return SocketAddress(found[1].strip("[]"), int(found[2]))


def _text_of(value: Any) -> str:
    return value.text if value is not None else ""


def _read_by(read: Callable[[str], object]) -> GetPydanticSchema:
    """Return the type of a value that is read from a string; the JSON Schema has the string."""
    return GetPydanticSchema(
        lambda _, handler: core_schema.no_info_after_validator_function(read, handler.generate_schema(str))
    )


_AS_TEXT = PlainSerializer(_text_of)

Text = Annotated[str, AfterValidator(_text), Field(json_schema_extra={"minLength": 1})]
Zone = Annotated[ZoneInfo, _read_by(_zone), PlainSerializer(str)]
Pattern = Annotated[patterns.Pattern, _read_by(_pattern), _AS_TEXT]
# An optional pattern: an empty string means none.
Condition = Annotated[patterns.Pattern | None, _read_by(_condition), _AS_TEXT]
ForgeKind = Annotated[str, GetPydanticSchema(lambda _, __: core_schema.literal_schema(list(SITES)))]
Address = Annotated[str, AfterValidator(_address), Field(json_schema_extra={"format": "uri"})]
ForgeAddress = Annotated[str, AfterValidator(_forge_address), Field(json_schema_extra={"format": "uri"})]
DatabaseUrl = Annotated[str, AfterValidator(_text), AfterValidator(check_database)]
EnvironmentName = Annotated[str, AfterValidator(_variable), Field(json_schema_extra={"pattern": _VARIABLE})]
# Mattermost's user names are in small letters, whatever people type.
MattermostUser = Annotated[Text, AfterValidator(str.lower)]
MatrixUser = Annotated[str, AfterValidator(_matrix_user), Field(json_schema_extra={"pattern": _MATRIX_USER})]
SlackUser = Annotated[str, AfterValidator(_slack_user), Field(json_schema_extra={"pattern": _SLACK_USER})]
HostAndPort = Annotated[SocketAddress, _read_by(read_host_and_port), _AS_TEXT]
RepositoryPath = Annotated[str, AfterValidator(_path)]
FileInRepository = Annotated[str, AfterValidator(_file_in_repository)]
IndexProject = Annotated[str, AfterValidator(_index_project)]
Product = Annotated[str, AfterValidator(_product)]
PeriodWords = Annotated[str, AfterValidator(_period)]
Schedule = Annotated[str, AfterValidator(_schedule)]
Duration = Annotated[WrittenDuration, _read_by(read_duration), _AS_TEXT]
Day = Annotated[date, PlainSerializer(date.isoformat, when_used="json")]
Meetings = Annotated[list[Day] | Text, BeforeValidator(_meetings)]
