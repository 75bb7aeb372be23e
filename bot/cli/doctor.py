"""``release-bot doctor``: try everything that the bot needs, and say what to do about what is missing."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from bot.app import App, config_path, now
from bot.chats.base import ConfiguredChat
from bot.cli.configuration import (
    doubtful_addresses,
    how_to_set,
    impossible_channels,
    overlapping_periods,
    watches_nothing,
)
from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.main import DONE, FAILED
from bot.config.channels import parse_channel
from bot.domain.errors import BotError, UsageError
from bot.render.status import checks_json, checks_text, future_words
from bot.render.words import plural
from bot.services.doctor import (
    Check,
    ForgeCase,
    Severity,
    check_chat,
    check_forge,
    check_organisations,
    check_schemes,
    failed,
    ok,
)
from bot.services.ports import ChatError, NoDatabase, RepositoryRecord, StoreError

if TYPE_CHECKING:
    from bot.store.stats import DatabaseHealth

_MEGABYTE = 1_000_000
# With less room than this the database may not take another month.
_LITTLE_ROOM = 100 * _MEGABYTE


@click.command()
@format_option
@click.pass_obj
def doctor(options: Options, output_format: str) -> int:
    """Try every forge, token, repository and channel, the database and the clock; exit code 1 if something is wrong."""
    app = options.app(log_level="error")
    checks = [_configuration(app, options.config), *overlapping_periods(app), *_database(app)]
    records: dict[str, RepositoryRecord] = {}
    with suppress(StoreError, UsageError), app.reading() as store:
        app = app.as_known(store)
        checks += check_schemes(app.repositories(), store)
        records = {each.repository: each for each in store.records(each.key for each in app.repositories())}
    checks += [*watches_nothing(app), *impossible_channels(app), *doubtful_addresses(app)]
    checks += [*_forges(app, records), *_chats(app), *_places(app)]
    is_fine = all(each.verdict is not Severity.FAULT for each in checks)
    if is_json(output_format):
        print_json(checks_json(checks, is_fine=is_fine))
    else:
        click.echo(checks_text(checks))
    return DONE if is_fine else FAILED


def _configuration(app: App, config: str | None) -> Check:
    counted = [
        plural(len(app.repositories()), "repository"),
        plural(len(app.settings.forges), "forge"),
        plural(len(app.settings.digests), "digest"),
    ]
    return ok(str(config_path(config)), ", ".join(counted))


def _database(app: App) -> Iterator[Check]:
    from bot.store.stats import health

    try:
        with app.reading() as store:
            future = store.future_moments(now())
        found = health(app.database_url)
    except NoDatabase as error:
        yield Check(error.where, Severity.WARNING, error.what, error.hint)
        return
    except BotError as error:
        yield failed(error)
        return
    yield from database_checks(found)
    if future:
        told, _, hint = future_words(future, app.settings.time_zone).rpartition(". ")
        yield Check(found.where, Severity.FAULT, told, hint)


def database_checks(found: "DatabaseHealth") -> Iterator[Check]:
    """Say how an open database is, and what is wrong with its file and its disk."""
    size = f", {found.size / _MEGABYTE:,.1f} MB" if found.size is not None else ""
    yield ok(found.where, f"is open and up to date (schema {found.revision}{size})")
    if found.free is not None and found.free < _LITTLE_ROOM:
        what = f"only {found.free / _MEGABYTE:,.0f} MB are left on its disk"
        yield Check(found.where, Severity.WARNING, what, "make room")
    if found.is_exposed:
        what = "every user of this machine may read it, private repositories' tags and people's ids too"
        yield Check(found.where, Severity.WARNING, what, f"run chmod 600 {found.where} as its owner")


def _forges(app: App, records: Mapping[str, RepositoryRecord]) -> Iterator[Check]:
    watched = app.repositories()
    secrets = app.set_variables()
    with app.forges(app.settings.forges) as forges:
        for name, forge in sorted(forges.items()):
            followings = [each for each in app.watched.organisations if each.forge == name]
            yield from check_organisations(forge, followings)
            own = [repository for repository in watched if repository.forge == name]
            variable = app.settings.forges[name].secret_env
            if variable and variable not in secrets:
                what = f"${variable} is not set: it is asked without a token"
                yield Check(name, Severity.WARNING, what, how_to_set(app, variable))
            is_certified = bool({plan.repository for plan in app.settings.plans} & {each.key for each in own})
            known = {each.path: records[each.key] for each in own if each.key in records}
            case = ForgeCase(name, forge, own, variable, is_certified, variable in secrets, known)
            yield from check_forge(case, now())
            if not own and not followings:
                what, hint = "nothing is watched there", f"watch a repository of it, or take [forges.{name}] out"
                yield Check(name, Severity.WARNING, what, hint)


def _chats(app: App) -> Iterator[Check]:
    """Ask each chat, and say whether it can be listened to."""
    for name, chat in app.chats.items():
        configured = app.settings.configured_chats[name]
        where, client, channels = configured.table, chat.client, _channels_in(name, app)
        if isinstance(client, UsageError):
            what = f"{client.what}: digests are not posted"
            is_meant = bool(channels) or "bot_token_env" in configured.keys.model_fields_set
            yield (
                Check(where, Severity.WARNING, what, client.hint) if is_meant else ok(where, "is not used: no digests")
            )
            continue
        yield from check_chat(where, client, channels, now())
        yield from _questions(where, chat)


def _questions(where: str, chat: ConfiguredChat) -> Iterator[Check]:
    """Say whether questions in a chat can be answered."""
    if missing := chat.missing_to_listen():
        what = f"questions in chat are not answered: {' and '.join(f'${name}' for name in missing)} is not set"
        yield Check(where, Severity.WARNING, what, "docs/SLACK.md says where it comes from")
        return
    try:
        chat.check_listening()
    except ChatError as error:
        yield Check(where, Severity.FAULT, f"{error.where}: {error.what}", error.hint or error.retry)
    else:
        yield ok(where, "questions in chat can be answered")


def _channels_in(chat: str, app: App) -> list[str]:
    """Give the channels of a chat that digests are posted to, by their names there."""
    settings = app.settings
    found = [
        parse_channel(each, settings.configured_chats) for each in settings.channels if each not in settings.places
    ]
    return [channel for name, channel in found if name == chat]


def _places(app: App) -> Iterator[Check]:
    """Say of each other place what can be known of it without posting there."""
    digests = {channel: digest.name for digest in app.settings.digests for channel in app.settings.channels_of(digest)}
    for name, place in app.places.items():
        where = f"places.{name}"
        if isinstance(place, UsageError):
            is_set = app.settings.places[name].url_env in app.set_variables()
            yield Check(where, Severity.FAULT if is_set else Severity.WARNING, place.what, place.hint)
        elif name in digests:
            tried = f"only a post tries it: release-bot digest {digests[name]} --post --channel {name}"
            yield ok(where, f"is {place.manner}; {tried}")
        else:
            yield Check(where, Severity.WARNING, f"is {place.manner}; no digest is posted there", "name it in a digest")
