"""The kinds of values in the file, each with the check that it must pass."""

import re
from datetime import date
from difflib import get_close_matches
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, PlainSerializer

from bot.config.durations import read_duration
from bot.config.errors import Refused
from bot.config.masking import is_token
from bot.config.words import quoted
from bot.domain import patterns
from bot.domain.errors import UsageError
from bot.domain.period_words import SINCE_LAST, check_period, is_since_last
from bot.domain.repositories import is_path
from bot.domain.schedules import check_schedule

_VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
_HOST_AND_PORT = r"(?:\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):([0-9]{1,5})"
_LAST_PORT = 65_535
_SLACK_USER = r"^[UW][A-Z0-9]{2,}$"
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# A host, and a port that is none.
_PORT = re.compile(r"(?:\[[^\]]*\]|[^:/?\[]+):(?![0-9]{1,5}(?:[/?]|$))([^/?]+)")
_DATABASE = re.compile(r"(?:sqlite|postgres(?:ql)?)(?:\+[a-z0-9]+)?://")


def _text(text: str) -> str:
    if not text.strip():
        raise Refused("is empty", "write a text there")
    if _CONTROL_CHARACTER.search(text):
        raise Refused(f"{quoted(text)} holds a line break or another control character", "write it on one line")
    return text


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Refused(f"{quoted(name)} is no time zone", _nearest_zone(name)) from error
    return name


def _nearest_zone(name: str) -> str:
    zones = {zone.lower(): zone for zone in available_timezones()}
    near = get_close_matches(name[:60].lower(), zones, n=1, cutoff=0.8)
    return f'did you mean "{zones[near[0]]}"?' if near else 'say for example "Europe/Paris" or "UTC"'


def _pattern(text: str) -> str:
    try:
        patterns.Pattern(text)
    except patterns.PatternError as error:
        raise Refused(f"{quoted(text)} {error.what}", error.hint) from error
    return text


def _address(text: str) -> str:
    if "@" in text:
        hint = "put the token into the environment and name its variable in token_env"
        raise Refused("an address holds no user or password", hint)
    example = 'say for example "https://gitlab.cern.ch"'
    if "?" in text or "#" in text:
        raise Refused("an address ends before any ? or #", example)
    if not _is_web_address(text):
        raise Refused(f"{quoted(text)} is no web address", example)
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
    """Check the address of any forge; which of them a forge of one kind takes is another question."""
    if not text.startswith(("ssh://", "git://", "file://")):
        return _address(text)
    example = 'say for example "ssh://git@git.example.org" or "file:///srv/git"'
    if not _is_git_address(text):
        raise Refused(f"{quoted(text)} is no address of a git server", example)
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
    """Give back a database's URL. Raises Refused for one that names no database that is supported."""
    if not _DATABASE.match(url):
        hint = "say sqlite:///FILE or postgresql://USER@HOST/NAME"
        raise Refused(f"{quoted(url.partition(':')[0])} is no database that is supported", hint)
    # Up to the last "@" stand a user and a password, in which anything may be.
    if port := _PORT.match(url.partition("://")[2].rpartition("@")[2]):
        raise Refused(f"{quoted(port[1])} is no port of a database", "write the number after the host, as in HOST:5432")
    return url


def _variable(name: str) -> str:
    # What stands here may be the secret itself, so it is never shown.
    if not re.search(_VARIABLE, name) or is_token(name):
        what = "is not the name of an environment variable (what stands there is not shown: it may be a secret)"
        raise Refused(
            what, "write only the variable's name, such as GITHUB_TOKEN; the secret goes into the environment"
        )
    return name


def _slack_user(user: str) -> str:
    if not re.search(_SLACK_USER, user):
        hint = "say for example U012AB3CD (in Slack: profile, three dots, copy member ID)"
        raise Refused(f"{quoted(user)} is no Slack user id", hint)
    return user


def _path(path: str) -> str:
    if not is_path(path):
        raise Refused(f"{quoted(path)} is no path of a repository", 'say for example "DIRACGrid/DIRAC"')
    return path


def _period(text: str) -> str:
    try:
        check_period(text)
    except UsageError as error:
        raise Refused.from_usage(error) from error
    return SINCE_LAST if is_since_last(text) else text


def _schedule(text: str) -> str:
    try:
        check_schedule(text)
    except UsageError as error:
        raise Refused.from_usage(error) from error
    return text


def _duration(text: str) -> str:
    read_duration(text)
    return text


def _host_and_port(address: str) -> str:
    found = re.fullmatch(_HOST_AND_PORT, address)
    if found is None or int(found[1]) > _LAST_PORT:
        raise Refused(f"{quoted(address)} is no address to listen at", 'say for example "127.0.0.1:3000"')
    return address


Text = Annotated[str, AfterValidator(_text), Field(json_schema_extra={"minLength": 1})]
Zone = Annotated[str, AfterValidator(_zone)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Address = Annotated[str, AfterValidator(_address), Field(json_schema_extra={"format": "uri"})]
ForgeAddress = Annotated[str, AfterValidator(_forge_address), Field(json_schema_extra={"format": "uri"})]
DatabaseUrl = Annotated[str, AfterValidator(_text), AfterValidator(check_database)]
EnvironmentName = Annotated[str, AfterValidator(_variable), Field(json_schema_extra={"pattern": _VARIABLE})]
SlackUser = Annotated[str, AfterValidator(_slack_user), Field(json_schema_extra={"pattern": _SLACK_USER})]
HostAndPort = Annotated[str, AfterValidator(_host_and_port)]
RepositoryPath = Annotated[str, AfterValidator(_path)]
PeriodWords = Annotated[str, AfterValidator(_period)]
Schedule = Annotated[str, AfterValidator(_schedule)]
Duration = Annotated[str, AfterValidator(_duration)]
Day = Annotated[date, PlainSerializer(date.isoformat, when_used="json")]
