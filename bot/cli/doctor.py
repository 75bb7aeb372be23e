"""``release-bot doctor``: try everything that the bot needs, and say what to do about what is missing."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from bot.app import App, config_path, now
from bot.cli.configuration import (
    doubtful_addresses,
    how_to_set,
    impossible_channels,
    overlapping_periods,
    watches_nothing,
)
from bot.cli.context import Options, format_option, is_json, print_json
from bot.cli.main import DONE, FAILED
from bot.domain.errors import BotError, UsageError
from bot.render.findings import findings_json, findings_text
from bot.render.standing import future_words
from bot.render.words import plural
from bot.services.examining import (
    Finding,
    ForgeCase,
    Verdict,
    examine_chat,
    examine_forge,
    examine_organisations,
    examine_reading,
    fault,
    fine,
)
from bot.services.ports import ChatError, NoDatabase, RepositoryRecord, StoreError

if TYPE_CHECKING:
    from bot.store.health import DatabaseHealth

_MEGABYTE = 1_000_000
# With less room than this the database may not take another month.
_LITTLE_ROOM = 100 * _MEGABYTE


@click.command()
@format_option
@click.pass_obj
def doctor(options: Options, output_format: str) -> int:
    """Try every forge, token, repository and channel, the database and the clock; exit code 1 if something is wrong."""
    app = options.app(log_level="error")
    findings = [_configuration(app, options.config), *overlapping_periods(app), *_database(app)]
    records: dict[str, RepositoryRecord] = {}
    with suppress(StoreError, UsageError), app.reading() as store:
        app = app.as_known(store)
        findings += examine_reading(app.repositories(), store)
        records = {each.repository: each for each in store.records(each.key for each in app.repositories())}
    findings += [*watches_nothing(app), *impossible_channels(app), *doubtful_addresses(app)]
    findings += [*_forges(app, records), *_slack(app), *_places(app)]
    is_fine = all(each.verdict is not Verdict.FAULT for each in findings)
    if is_json(output_format):
        print_json(findings_json(findings, is_fine=is_fine))
    else:
        click.echo(findings_text(findings))
    return DONE if is_fine else FAILED


def _configuration(app: App, config: str | None) -> Finding:
    counted = [
        plural(len(app.settings.repositories), "repository"),
        plural(len(app.settings.forges), "forge"),
        plural(len(app.settings.digests), "digest"),
    ]
    return fine(str(config_path(config)), ", ".join(counted))


def _database(app: App) -> Iterator[Finding]:
    from bot.store.health import health

    try:
        with app.reading() as store:
            future = store.future_moments(now())
        found = health(app.database_url)
    except NoDatabase as error:
        yield Finding(error.where, Verdict.WARNING, error.what, error.hint)
        return
    except BotError as error:
        yield fault(error)
        return
    yield from database_findings(found)
    if future:
        told, _, hint = future_words(future, app.settings.time_zone).rpartition(". ")
        yield Finding(found.where, Verdict.FAULT, told, hint)


def database_findings(found: "DatabaseHealth") -> Iterator[Finding]:
    """Say how an open database is, and what is wrong with its file and its disk."""
    size = f", {found.size / _MEGABYTE:,.1f} MB" if found.size is not None else ""
    yield fine(found.where, f"is open and up to date (schema {found.revision}{size})")
    if found.free is not None and found.free < _LITTLE_ROOM:
        what = f"only {found.free / _MEGABYTE:,.0f} MB are left on its disk"
        yield Finding(found.where, Verdict.WARNING, what, "make room")
    if found.is_exposed:
        what = "every user of this machine may read it, private repositories' tags and people's ids too"
        yield Finding(found.where, Verdict.WARNING, what, f"run chmod 600 {found.where} as its owner")


def _forges(app: App, records: Mapping[str, RepositoryRecord]) -> Iterator[Finding]:
    watched = app.repositories()
    secrets = app.set_variables()
    with app.forges(app.settings.forges) as forges:
        for name, forge in sorted(forges.items()):
            followings = [each for each in app.settings.organisations if each.forge == name]
            yield from examine_organisations(forge, followings)
            own = [repository for repository in watched if repository.forge == name]
            variable = app.settings.forges[name].secret_env
            if variable and variable not in secrets:
                what = f"${variable} is not set: it is asked without a token"
                yield Finding(name, Verdict.WARNING, what, how_to_set(app, variable))
            is_certified = bool({plan.repository for plan in app.settings.plans} & {each.key for each in own})
            known = {each.path: records[each.key] for each in own if each.key in records}
            case = ForgeCase(name, forge, own, variable, is_certified, variable in secrets, known)
            yield from examine_forge(case, now())
            if not own and not followings:
                what, hint = "nothing is watched there", f"watch a repository of it, or take [forges.{name}] out"
                yield Finding(name, Verdict.WARNING, what, hint)


def _slack(app: App) -> Iterator[Finding]:
    slack = app.settings.slack
    channels = [channel for channel in _channels(app) if channel not in app.settings.places]
    if app.slack is None:
        what = f"${slack.bot_token_env} is not set: digests are not posted"
        hint = "put the bot's token (xoxb-...) there"
        is_meant = bool(channels) or "bot_token_env" in app.settings.written.slack.model_fields_set
        yield Finding("slack", Verdict.WARNING, what, hint) if is_meant else fine("slack", "is not used: no digests")
        return
    yield from examine_chat(app.slack, channels, now())
    missing = app.missing_to_listen()
    if missing:
        what = f"questions in chat are not answered: {' and '.join(f'${name}' for name in missing)} is not set"
        yield Finding("slack", Verdict.WARNING, what, "docs/SLACK.md says where it comes from")
        return
    try:
        app.examine_app_token()
    except ChatError as error:
        yield Finding("slack", Verdict.FAULT, f"${slack.app_token_env}: {error.what}", error.hint or error.retry)
    else:
        yield fine("slack", "questions in chat can be answered")


def _channels(app: App) -> list[str]:
    return [channel for digest in app.settings.digests for channel in digest.channels]


def _places(app: App) -> Iterator[Finding]:
    """Say of each other place what can be known of it without posting there."""
    digests = {channel: digest.name for digest in app.settings.digests for channel in digest.channels}
    for name, place in app.places.items():
        where = f"places.{name}"
        if isinstance(place, UsageError):
            is_set = app.settings.places[name].url_env in app.set_variables()
            yield Finding(where, Verdict.FAULT if is_set else Verdict.WARNING, place.what, place.hint)
        elif name in digests:
            tried = f"only a post tries it: release-bot digest {digests[name]} --post --channel {name}"
            yield fine(where, f"is {place.manner}; {tried}")
        else:
            yield Finding(
                where, Verdict.WARNING, f"is {place.manner}; no digest is posted there", "name it in a digest"
            )
