"""Checks of a valid configuration for likely mistakes, for ``config check`` and ``doctor``."""

from collections.abc import Iterator
from difflib import get_close_matches

from bot.app import SINCE_LAST_HINT, App
from bot.config.channels import is_ambiguous, names_chat, parse_channel
from bot.domain.errors import UsageError
from bot.services.doctor import Check, Severity, failed


def configuration_checks(app: App) -> Iterator[Check]:
    """Yield the likely mistakes in the file and in the environment variables, without any request."""
    try:
        _ = app.database_url
    except UsageError as error:
        yield failed(error)
    yield from watches_nothing(app)
    yield from _unset(app)
    yield from impossible_channels(app)
    yield from overlapping_periods(app)
    yield from doubtful_addresses(app)
    yield from doubtful_pages(app)
    yield from hooks_without_address(app)


def overlapping_periods(app: App) -> Iterator[Check]:
    """Yield a warning for each digest whose periods overlap or leave gaps."""
    for name, what in app.period_faults():
        yield Check(f'digest "{name}"', Severity.WARNING, what, SINCE_LAST_HINT)


def watches_nothing(app: App) -> Iterator[Check]:
    """Yield a warning if nothing is watched."""
    if not app.watched.repositories and not app.watched.organisations:
        what = "nothing is watched: no [[repositories]] and no [[organisations]] table"
        hint = "add a table, or run: release-bot watch add FORGE:PATH"
        yield Check(str(app.settings.file), Severity.WARNING, what, hint)


def doubtful_addresses(app: App) -> Iterator[Check]:
    """Yield a warning for each GitHub URL that may be its web pages': GitHub Enterprise has its API at /api/v3."""
    for name, forge in app.settings.forges.items():
        if forge.site.may_lack_path(forge.address):
            where = f"{app.settings.file}: forges.{name}.base_url"
            what = f'"{forge.address}" may be the URL of its web pages: GitHub Enterprise has its API at /api/v3'
            right = f'"{forge.address}/api/v3"'
            yield Check(where, Severity.WARNING, what, f"for GitHub Enterprise write {right}")


def doubtful_pages(app: App) -> Iterator[Check]:
    """Yield a warning if anybody may look at the pages from other machines, or if nobody may."""
    web = app.settings.web
    if web.address is not None and (warning := web.warning_at(web.address)):
        yield Check(f"{app.settings.file}: web.address", Severity.WARNING, *warning)
    if web.token_env is not None and web.token_env not in app.set_variables():
        what = f"${web.token_env} is not set: the pages are not served"
        yield Check(f"{app.settings.file}: web.token_env", Severity.WARNING, what, how_to_set(app, web.token_env))


def hooks_without_address(app: App) -> Iterator[Check]:
    """Yield a warning if webhooks are configured, and no address to take them at."""
    if app.settings.web.address is None:
        for name, forge in app.settings.forges.items():
            if forge.webhook_secret_env:
                where = f"{app.settings.file}: forges.{name}.webhook_secret_env"
                yield Check(where, Severity.WARNING, "webhooks are not taken: no address in [web]", "see docs/HOOKS.md")


def impossible_channels(app: App) -> Iterator[Check]:
    """Yield an error for each invalid channel name, and a warning for each that may mean a place."""
    places, chats = app.settings.places, app.settings.configured_chats
    for digest in app.settings.digests:
        for channel in app.settings.channels_of(digest):
            where = f'{app.settings.file}: digest "{digest.name}", channel "{channel}"'
            chat, name = parse_channel(channel, chats)
            wrong = None if channel in places else chats[chat].keys.channel_fault(name)
            if wrong is not None:
                yield Check(where, Severity.FAULT, *wrong)
            elif is_ambiguous(channel, places) and not names_chat(channel, chats):
                what = f"treated as a Slack channel, because [places.{channel}] is not configured"
                yield Check(where, Severity.WARNING, what, f'write "#{channel}", or add [places.{channel}]')


def _unset(app: App) -> Iterator[Check]:
    """Yield a warning for each variable of a secret that is not set."""
    there = app.set_variables()
    for key, variable, without in _named(app):
        if variable not in there:
            where = f"{app.settings.file}: {key}"
            yield Check(where, Severity.WARNING, f"${variable} is not set: {without}", how_to_set(app, variable))


def _named(app: App) -> Iterator[tuple[str, str, str]]:
    """Yield each variable that the file names: its key, its name, and what does not work without it."""
    settings = app.settings
    for name, forge in settings.forges.items():
        if forge.secret_env:
            key = "app.key_env" if forge.app else "token_env"
            yield f"forges.{name}.{key}", forge.secret_env, "requests are sent without a token"
        if forge.webhook_secret_env:
            yield f"forges.{name}.webhook_secret_env", forge.webhook_secret_env, "its webhooks are not taken"
    for chat in settings.configured_chats.values():
        for each in chat.keys.needed_secrets:
            if each.key in chat.keys.model_fields_set:
                yield f"{chat.table}.{each.key}", each.variable, each.without
    for name, place in settings.places.items():
        yield f"places.{name}.url_env", place.url_env, "nothing is posted to it"


def how_to_set(app: App, variable: str) -> str:
    """Return a hint for a variable that is not set: the nearest one that is, or to set it."""
    near = get_close_matches(variable, sorted(set(app.variables) - {variable}), n=1, cutoff=0.8)
    return f"did you mean ${near[0]}, which is set?" if near else "set the variable, or remove the key"
