"""``release-bot doctor``: check everything that the bot needs, with a fix for each problem."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from bot.app import App, config_path, now
from bot.chats.base import ConfiguredChat, Gap
from bot.cli.configuration import (
    doubtful_addresses,
    doubtful_pages,
    hooks_without_address,
    how_to_set,
    impossible_channels,
    overlapping_periods,
    watches_nothing,
)
from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.main import DONE, FAILED
from bot.cli.output import print_lines
from bot.cli.progress import progress
from bot.config.channels import parse_channel
from bot.domain.errors import BotError, UsageError
from bot.domain.package_index import IndexListing
from bot.domain.polling.hooks import HookArrivals
from bot.domain.polling.record import RepositoryRecord
from bot.domain.repositories import one_of_each_source, source_of
from bot.render.status import (
    checks_json,
    checks_lines,
    checks_summary,
    failing_words,
    future_words,
    hooks_words,
)
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
from bot.services.ports import ChatError
from bot.store.errors import NoDatabase, StoreError

if TYPE_CHECKING:
    from bot.store.stats import DatabaseHealth

_MEGABYTE = 1_000_000
# Below this the database may not grow for another month.
_LITTLE_ROOM = 100 * _MEGABYTE


@click.command()
@format_option
@click.pass_obj
def doctor(options: Options, output_format: str) -> int:
    """Check every forge, token, repository and channel, the database and the clock; exit code 1 on an error."""
    app = options.app(log_level="error")
    with progress("checking forges, chats and the database"):
        checks = _checks(app, options.config)
    is_fine = all(each.verdict is not Severity.FAULT for each in checks)
    if is_json(output_format):
        print_json(checks_json(checks, is_fine=is_fine))
    else:
        print_lines(options.out, checks_lines(checks))
        click.echo(checks_summary(checks))
    return DONE if is_fine else FAILED


def _checks(app: App, config: str | None) -> list[Check]:
    database = list(_database(app))
    records: dict[str, RepositoryRecord] = {}
    with suppress(StoreError, UsageError), app.reading() as store:
        app = app.as_known(store)
        database += check_schemes(app.repositories(), store.tags)
        database += _webhooks(app, store.hooks.arrivals() if app.hook_forges else {})
        database += _indexes(app, store.tags.listings(each.source for each in app.repositories()))
        records = {each.repository: each for each in store.tags.records(each.source for each in app.repositories())}
    checks = [_configuration(app, config), *overlapping_periods(app), *database]
    checks += [*watches_nothing(app), *impossible_channels(app), *doubtful_addresses(app), *doubtful_pages(app)]
    checks += hooks_without_address(app)
    return [*checks, *_forges(app, records), *_chats(app), *_places(app)]


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
            future = store.clock.future_moments(now())
        found = health(app.database_url)
    except NoDatabase as error:
        yield Check(error.where, Severity.WARNING, error.what, error.hint)
        return
    except BotError as error:
        yield failed(error)
        return
    yield from database_checks(found)
    if future:
        what, _, hint = future_words(future, app.settings.time_zone).rpartition(". ")
        yield Check(found.where, Severity.FAULT, what, hint)


def _indexes(app: App, listings: Mapping[str, Mapping[str, IndexListing]]) -> Iterator[Check]:
    """Yield the package indexes that could not be read, since when, and when each is read again."""
    for repository in one_of_each_source(app.repositories()):
        held = listings.get(repository.source, {})
        for source in dict.fromkeys(reader.index for reader in repository.readers if reader.index in held):
            listing = held[source]
            if listing.error:
                waits = failing_words(listing.failing_since, listing.next_at, app.settings.time_zone)
                hint = "meanwhile its releases keep the dates that are known"
                yield Check(repository.source, Severity.WARNING, f"{source}: {listing.error}{waits}", hint)


def _webhooks(app: App, arrivals: Mapping[str, HookArrivals]) -> Iterator[Check]:
    """Yield of each forge whether its webhooks are taken, and when the last one arrived."""
    for name, forge in sorted(app.settings.forges.items()):
        variable = forge.webhook_secret_env
        if variable is None:
            continue
        if name not in app.hook_forges:
            yield Check(
                name, Severity.WARNING, f"${variable} is not set: webhooks are not taken", how_to_set(app, variable)
            )
            continue
        found = arrivals.get(name, HookArrivals())
        what = f"webhooks: {hooks_words(found, app.settings.time_zone)}"
        hint = "send a test from the settings of the webhook; see docs/HOOKS.md"
        yield Check(name, Severity.WARNING, what, hint) if found.last_at is None else ok(name, what)


def database_checks(found: "DatabaseHealth") -> Iterator[Check]:
    """Yield the state of an open database, and the problems of its file and disk."""
    size = f", {found.size / _MEGABYTE:,.1f} MB" if found.size is not None else ""
    yield ok(found.where, f"up to date (schema {found.revision}{size})")
    if found.free is not None and found.free < _LITTLE_ROOM:
        what = f"only {found.free / _MEGABYTE:,.0f} MB free on its disk"
        yield Check(found.where, Severity.WARNING, what, "free some disk space")
    if found.is_exposed:
        what = "readable by every user of this machine, including private repositories' tags and people's ids"
        yield Check(found.where, Severity.WARNING, what, f"as its owner, run: chmod 600 {found.where}")


def _forges(app: App, records: Mapping[str, RepositoryRecord]) -> Iterator[Check]:
    watched = app.repositories()
    secrets = app.set_variables()
    with app.forges(app.settings.forges) as forges:
        for name, forge in sorted(forges.items()):
            followings = [each for each in app.watched.organisations if each.forge == name]
            yield from check_organisations(forge, followings)
            own = one_of_each_source(repository for repository in watched if repository.forge == name)
            settings = app.settings.forges[name]
            variable = settings.secret_env
            if variable and variable not in secrets:
                what = f"${variable} is not set: requests are sent without a token"
                yield Check(name, Severity.WARNING, what, how_to_set(app, variable))
            is_certified = bool(
                {source_of(plan.repository) for plan in app.settings.plans} & {each.source for each in own}
            )
            known = {each.path: records[each.source] for each in own if each.source in records}
            is_limited = settings.site.limits_requests
            case = ForgeCase(name, forge, own, variable, is_certified, variable in secrets, known, is_limited)
            yield from check_forge(case, now())
            if not own and not followings:
                what, hint = "no watched repository on this forge", f"watch one, or remove [forges.{name}]"
                yield Check(name, Severity.WARNING, what, hint)


def _chats(app: App) -> Iterator[Check]:
    """Yield the checks of each chat: posting, and listening to questions."""
    for name, chat in app.chats.items():
        configured = app.settings.configured_chats[name]
        where, client, channels = configured.table, chat.client, _channels_in(name, app)
        if isinstance(client, UsageError):
            what = f"{client.what}: digests are not posted"
            is_meant = bool(channels) or configured.keys.secrets[0].key in configured.keys.model_fields_set
            yield (Check(where, Severity.WARNING, what, client.hint) if is_meant else ok(where, "not used: no digests"))
            continue
        yield from check_chat(where, client, channels, now())
        yield from _questions(where, chat, configured.keys.page)
        for gap in chat.gaps():
            yield Check(where, Severity.WARNING, gap.what, gap.hint) if gap.is_fault else ok(where, _with_hint(gap))


def _with_hint(gap: Gap) -> str:
    return f"{gap.what}; {gap.hint}" if gap.hint else gap.what


def _questions(where: str, chat: ConfiguredChat, page: str) -> Iterator[Check]:
    """Yield whether questions in a chat can be answered."""
    if missing := chat.missing_to_listen():
        what = f"questions in chat are not answered: {' and '.join(f'${name}' for name in missing)} not set"
        yield Check(where, Severity.WARNING, what, f"see docs/{page}")
        return
    try:
        chat.check_listening()
    except ChatError as error:
        yield Check(where, Severity.FAULT, f"{error.where}: {error.what}", error.hint or error.retry)
    else:
        yield ok(where, "questions in chat can be answered")


def _channels_in(chat: str, app: App) -> list[str]:
    """Return the channels of a chat that digests are posted to, by their names in that chat."""
    settings = app.settings
    found = [
        parse_channel(each, settings.configured_chats) for each in settings.channels if each not in settings.places
    ]
    return [channel for name, channel in found if name == chat]


def _places(app: App) -> Iterator[Check]:
    """Yield what is known of each notification service without posting to it."""
    digests = {channel: digest.name for digest in app.settings.digests for channel in app.settings.channels_of(digest)}
    for name, place in app.places.items():
        where = f"places.{name}"
        if isinstance(place, UsageError):
            is_set = app.settings.places[name].url_env in app.set_variables()
            yield Check(where, Severity.FAULT if is_set else Severity.WARNING, place.what, place.hint)
        elif name in digests:
            test = f"only posting tests it: release-bot digest {digests[name]} --post --channel {name}"
            yield ok(where, f"{place.manner}; {test}")
        else:
            yield Check(where, Severity.WARNING, f"{place.manner}; no digest is posted to it", "add it to a digest")
