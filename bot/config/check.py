"""Checks across the tables of a configuration, and of the files that it names.

They run on the tables as parsed, valid or not, so that these mistakes are reported
together with those of single keys, whose invalid values are skipped here.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.config.certifications import milestone_titles
from bot.config.channels import DEFAULT_CHAT, goes_to_default, names_chat, parse_channel, stored_name
from bot.config.chats import CHAT_TABLES, Slack
from bot.config.defaults import default_name
from bot.config.errors import InvalidValue, Mistake, Place
from bot.config.meetings import read_calendar
from bot.config.notation import bare_or_quoted, quoted
from bot.config.tables import NamedRepositories, Table, entries_of, table_of, text_of, texts_of
from bot.domain.certification.milestones import KINDS
from bot.domain.errors import UsageError
from bot.domain.periods.options import is_since_meeting
from bot.domain.repositories import Repository, is_path
from bot.domain.spellings import read_series
from bot.forges.site import Site, owned_path_fault
from bot.forges.sites import SITES

_UTC = ZoneInfo("UTC")
# The index that needs no table.
PYPI = "pypi"
_SLACK_CHANNEL = re.compile("[CGD][A-Z0-9]{3,}")
# What was seen before, and the number of the entry where it was seen first.
Seen = dict[tuple[str, ...], int]


def contradictions(file: Table) -> Iterator[Mistake]:
    """Yield the mistakes that concern more than one key."""
    yield from _of_forges(file)
    yield from _of_indexes(file)
    yield from _of_repositories(file)
    yield from _of_organisations(file)
    watched = NamedRepositories(file)
    yield from _of_chats(file)
    yield from _of_places(file)
    yield from _of_digests(file, watched)
    yield from _of_certifications(file, watched)


def wrong_files(file: Table, folder: Path) -> Iterator[Mistake]:
    """Yield a mistake for each file with certificates, or with the dates of meetings, that cannot be used."""
    yield from _wrong_calendars(file, folder)
    of_slack: tuple[Place, Table] = ("slack",), table_of(file, "slack")
    named = (*_tables(file, "forges"), *_tables(file, "indexes"), *_tables(file, "chats"), *_tables(file, "places"))
    for place, table in (*named, of_slack):
        name = text_of(table, "ca_file")
        if name and (trouble := _trouble_in(folder / name)):
            hint = "use a PEM file with the certificate authority's certificate (-----BEGIN CERTIFICATE-----)"
            yield Mistake((*place, "ca_file"), f"certificate file {quoted(name)} {trouble}", hint)


def _wrong_calendars(file: Table, folder: Path) -> Iterator[Mistake]:
    for number, table in entries_of(file, "digests"):
        name = text_of(table, "meetings")
        try:
            if name:
                read_calendar(folder / name, _UTC)
        except InvalidValue as error:
            yield Mistake(("digests", number, "meetings"), error.what, error.hint)


def _tables(file: Table, kind: str) -> list[tuple[Place, Table]]:
    named = table_of(file, kind)
    return [((kind, name), table_of(named, name)) for name in named]


def _trouble_in(path: Path) -> str:
    """Return what is wrong with a certificate file, or an empty string if it can be used."""
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return "contains no PEM certificate"
    except OSError as error:
        return f"cannot be read ({error.strerror or type(error).__name__})"
    return ""


def _of_forges(file: Table) -> Iterator[Mistake]:
    for name in table_of(file, "forges"):
        if not re.fullmatch(r"[\w.-]+", name):
            hint = "use letters, digits, dots, - and _, as in FORGE:PATH"
            yield Mistake(("forges", name), f"invalid forge name {quoted(name)}", hint)


def _of_indexes(file: Table) -> Iterator[Mistake]:
    indexes = table_of(file, "indexes")
    for name in indexes:
        if name != PYPI and not text_of(table_of(indexes, name), "base_url"):
            hint = 'example: base_url = "https://pypi.example.org/simple/"'
            yield Mistake(("indexes", name), f"missing key base_url, required by every index but {PYPI}", hint)
    for number, entry in entries_of(file, "repositories"):
        name, _, project = text_of(entry, "index").partition(":")
        if project and name != PYPI and name not in indexes:
            known = ", ".join(map(bare_or_quoted, dict.fromkeys((PYPI, *indexes))))
            hint = f"add [indexes.{bare_or_quoted(name)}]; known indexes: {known}"
            yield Mistake(("repositories", number, "index"), f"unknown package index {quoted(name)}", hint)


def _of_repositories(file: Table) -> Iterator[Mistake]:
    forges, keys, names = table_of(file, "forges"), Seen(), Seen()
    for number, entry in entries_of(file, "repositories"):
        forge, path, product = (text_of(entry, key) for key in ("forge", "path", "product"))
        yield from _of_forge(("repositories", number), forge, path, forges)
        key = f"{forge}:{path}#{product}" if product else f"{forge}:{path}"
        if forge and path and (first := keys.setdefault((key.lower(),), number)) != number:
            what = f"{quoted(key)[1:-1]} is already watched in repositories[{first}]"
            yield Mistake(("repositories", number), what, "remove one")
        else:
            yield from _of_name((number, "name"), text_of(entry, "name") or default_name(path, product), names)
            for index, alias in texts_of(entry, "aliases"):
                yield from _of_name((number, "aliases", index), alias, names)


def _of_organisations(file: Table) -> Iterator[Mistake]:
    forges, seen = table_of(file, "forges"), Seen()
    for number, entry in entries_of(file, "organisations"):
        place: Place = ("organisations", number)
        forge, path = text_of(entry, "forge"), text_of(entry, "path")
        yield from _of_known_forge(place, forge, forges)
        site = _site(forges, forge)
        if site is not None and not site.has_organisations:
            what = f"{quoted(forge)} is a git server, which cannot list its repositories"
            yield Mistake((*place, "forge"), what, "add a [[repositories]] table for each repository")
        if forge and path and (first := seen.setdefault((f"{forge}:{path}".lower(),), number)) != number:
            what = f"{quoted(f'{forge}:{path}')[1:-1]} is already watched in organisations[{first}]"
            yield Mistake(place, what, "remove one")


def _of_forge(place: Place, forge: str, path: str, forges: Table) -> Iterator[Mistake]:
    yield from _of_known_forge(place, forge, forges)
    site = _site(forges, forge)
    fault = (site.path_fault(path) if site else owned_path_fault(path)) if is_path(path) else None
    if fault is not None:
        hint = f"{fault.hint}: {quoted(fault.right)}" if fault.right else fault.hint
        yield Mistake((*place, "path"), f"{quoted(path)} {fault.what}", hint)


def _site(forges: Table, forge: str) -> Site | None:
    """Return the description of a forge's kind, or None if the kind is missing or unknown."""
    return SITES.get(text_of(table_of(forges, forge), "kind"))


def _of_known_forge(place: Place, forge: str, forges: Table) -> Iterator[Mistake]:
    if forge and forge not in forges:
        known = ", ".join(map(bare_or_quoted, forges)) or "none"
        hint = f"add [forges.{bare_or_quoted(forge)}]; configured forges: {known}"
        yield Mistake((*place, "forge"), f"unknown forge {quoted(forge)}", hint)


def _of_name(place: tuple[int, str] | tuple[int, str, int], name: str, names: Seen) -> Iterator[Mistake]:
    if name and (first := names.setdefault((name.lower(),), place[0])) != place[0]:
        what = f"duplicate name {quoted(name)}, already used by repositories[{first}]"
        yield Mistake(("repositories", *place), what, "give each repository a unique name")


def _of_chats(file: Table) -> Iterator[Mistake]:
    chats = table_of(file, "chats")
    if "slack" in file and DEFAULT_CHAT in chats:
        what = "Slack is configured twice: [slack] is the short form of [chats.slack]"
        yield Mistake(("chats", DEFAULT_CHAT), what, "remove one of the two")
    elif text_of(table_of(chats, DEFAULT_CHAT), "kind") in {*CHAT_TABLES} - {DEFAULT_CHAT}:
        what = f"the name {quoted(DEFAULT_CHAT)} is kept for a Slack workspace, whose channels need no CHAT:"
        yield Mistake(("chats", DEFAULT_CHAT), what, "give the table another name")
    variables = dict.fromkeys(_secrets_of(table_of(file, "slack")).values(), "[slack]") if _has_slack(file) else {}
    for name in chats:
        yield from _of_place_name("chats", name, "example: [chats.dirac]")
        for key, variable in _secrets_of(table_of(chats, name)).items():
            if (first := variables.setdefault(variable, f"[chats.{name}]")) != f"[chats.{name}]":
                what = f"variable {quoted(variable)} is already used by {first}"
                yield Mistake(("chats", name, key), what, "use a different variable for each chat")


def _has_slack(file: Table) -> bool:
    """Return whether Slack is used: by its short form, or because a digest goes to a channel without a chat."""
    chats = table_of(file, "chats")
    channels = [channel for number, entry in entries_of(file, "digests") for _, channel in _channels_of(number, entry)]
    is_used = "slack" in file or goes_to_default(channels, chats, table_of(file, "places"))
    return is_used and DEFAULT_CHAT not in chats


def _secrets_of(chat: Table) -> dict[str, str]:
    """Return the variables with a chat's secrets by their keys: those that its ``listen`` mode needs."""
    model = CHAT_TABLES.get(text_of(chat, "kind"), Slack)
    unused = "app_token_env" if text_of(chat, "listen") == "http" else "signing_secret_env"
    keys = [key for key in model.secret_keys if key != unused]
    named = {key: text_of(chat, key) or model.model_fields[key].default for key in keys}
    return {key: str(variable) for key, variable in named.items() if variable}


def _of_places(file: Table) -> Iterator[Mistake]:
    for name in table_of(file, "places"):
        yield from _of_place_name("places", name, "example: [places.mattermost]")


def _of_place_name(table: str, name: str, example: str) -> Iterator[Mistake]:
    if not re.fullmatch(r"[a-zA-Z0-9][\w.-]*", name) or _SLACK_CHANNEL.fullmatch(name):
        hint = f"use letters, digits, dots, - and _, and not a Slack channel id; {example}"
        yield Mistake((table, name), f"invalid {table.removesuffix('s')} name {quoted(name)}", hint)


def _of_digests(file: Table, watched: NamedRepositories) -> Iterator[Mistake]:
    seen = Seen()
    chats, places = table_of(file, "chats"), table_of(file, "places")
    for number, entry in entries_of(file, "digests"):
        name, before = text_of(entry, "name"), list[str]()
        for where, channel in _channels_of(number, entry):
            stored = stored_name(*parse_channel(channel, chats))
            if stored in before:
                yield Mistake(where, f"duplicate channel {quoted(channel)}", "remove one")
            elif name and channel and (first := seen.setdefault((name, stored), number)) != number:
                what = f"digest {quoted(name)} is already posted to {quoted(channel)} by digests[{first}]"
                yield Mistake(where, what, "give each digest of a channel a unique name")
            if before:
                yield from _of_channel(where, channel, chats, places)
            before.append(stored)
        if is_since_meeting(text_of(entry, "period")) and not entry.get("meetings"):
            what, hint = 'period "since-meeting" requires meetings', 'example: meetings = ["2026-03-12"]'
            yield Mistake(("digests", number, "period"), what, hint)
        for index, word in texts_of(entry, "repositories"):
            yield from _of_word(("digests", number, "repositories", index), word, watched)


def _channels_of(number: int, digest: Table) -> list[tuple[Place, str]]:
    """Return the channels of a digest, each with its place; the place of the first one is the digest's own."""
    also = [(("digests", number, "also", index), more) for index, more in texts_of(digest, "also")]
    return [(("digests", number), text_of(digest, "channel")), *also]


def _of_channel(where: Place, channel: str, chats: Table, places: Table) -> Iterator[Mistake]:
    """Check a channel of ``also``; ``channel`` itself may be any name, for compatibility."""
    if names_chat(channel, chats) or channel in places or channel.startswith("#") or _SLACK_CHANNEL.fullmatch(channel):
        return
    name, known = bare_or_quoted(channel), ", ".join(map(bare_or_quoted, places)) or "none"
    hint = f"write {quoted(f'#{channel}')} for a Slack channel, or add [places.{name}]; configured places: {known}"
    yield Mistake(where, f"unknown channel or place {quoted(channel)}", hint)


def _of_certifications(file: Table, watched: NamedRepositories) -> Iterator[Mistake]:
    seen = Seen()
    kinds = (*KINDS, *(kind for _, kind in texts_of(file, "milestone_kinds")))
    for number, entry in entries_of(file, "certifications"):
        place: Place = ("certifications", number)
        word, series = text_of(entry, "repository"), text_of(entry, "series")
        if word == "*":
            yield Mistake(
                (*place, "repository"),
                "a certification is about one repository, not all",
                "name the repository that is certified",
            )
        elif word:
            yield from _of_error((*place, "repository"), watched.missing(word) or watched.missing_one(word))
            repository = watched.one(word)
            if repository and series:
                yield from _of_series(number, series, repository, seen)
        yield from _of_milestones(place, entry, kinds)


def _of_series(number: int, series: str, repository: Repository, seen: Seen) -> Iterator[Mistake]:
    place, read = ("certifications", number, "series"), read_series(series, repository.scheme)
    if read is None:
        hint = "examples: v7r2 (scheme dirac), 7.2 (other schemes)"
        yield Mistake(place, f"invalid series {quoted(series)}", hint)
    elif (first := seen.setdefault((repository.key, read), number)) != number:
        what = f"{repository.name} {quoted(series)} is already in certifications[{first}]"
        yield Mistake(place, what, f"move its milestones to certifications[{first}]")


def _of_milestones(place: Place, plan: Table, kinds: tuple[str, ...]) -> Iterator[Mistake]:
    steps = list(entries_of(plan, "milestones"))
    titles = milestone_titles([(text_of(step, "kind"), text_of(step, "title")) for _, step in steps])
    seen = Seen()
    for (number, step), title in zip(steps, titles, strict=True):
        kind = text_of(step, "kind")
        if kind and kind not in kinds:
            hint = f"use one of {', '.join(kinds)}, or add it to milestone_kinds"
            yield Mistake((*place, "milestones", number, "kind"), f"unknown milestone kind {quoted(kind)}", hint)
        if title and (first := seen.setdefault((title.casefold(),), number)) != number:
            what = f"duplicate title {quoted(title)}, already used by milestones[{first}]"
            yield Mistake((*place, "milestones", number, "title"), what, "give each milestone a unique title")


def _of_word(place: Place, word: str, watched: NamedRepositories) -> Iterator[Mistake]:
    yield from _of_error(place, watched.missing(word))


def _of_error(place: Place, error: UsageError | None) -> Iterator[Mistake]:
    if error is not None:
        yield Mistake(place, f"{error.where}: {error.what}", error.hint)
