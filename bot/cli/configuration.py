"""What is doubtful or wrong in a configuration that can be read: looked at by ``config check`` and ``doctor``."""

from collections.abc import Iterator
from difflib import get_close_matches

from bot.app import SINCE_LAST_HINT, App
from bot.config.channels import impossible, is_ambiguous, names_chat, parse_channel
from bot.domain.errors import UsageError
from bot.services.doctor import Check, Severity, failed


def configuration_checks(app: App) -> Iterator[Check]:
    """Give everything that the file alone, and which variables are set, let one doubt; no forge or chat is asked."""
    try:
        _ = app.database_url
    except UsageError as error:
        yield failed(error)
    yield from watches_nothing(app)
    yield from _unset(app)
    yield from impossible_channels(app)
    yield from overlapping_periods(app)
    yield from doubtful_addresses(app)


def overlapping_periods(app: App) -> Iterator[Check]:
    """Say which digests have periods that overlap or leave gaps."""
    for name, what in app.period_faults():
        yield Check(f'digest "{name}"', Severity.WARNING, what, SINCE_LAST_HINT)


def watches_nothing(app: App) -> Iterator[Check]:
    """Say that nothing is watched."""
    if not app.watched.repositories and not app.watched.organisations:
        what = "nothing is watched: there is no [[repositories]] and no [[organisations]] table"
        hint = "add one, or run release-bot watch add FORGE:PATH"
        yield Check(str(app.settings.file), Severity.WARNING, what, hint)


def doubtful_addresses(app: App) -> Iterator[Check]:
    """Say which GitHubs are addressed as their pages may be: that of an Enterprise has its API below."""
    for name, forge in app.settings.forges.items():
        if forge.site.may_lack_path(forge.address):
            where = f"{app.settings.file}: forges.{name}.base_url"
            what = f'"{forge.address}" may be the address of its pages: a GitHub Enterprise has its API at /api/v3'
            right = f'"{forge.address}/api/v3"'
            yield Check(where, Severity.WARNING, what, f"write {right} if it is one")


def impossible_channels(app: App) -> Iterator[Check]:
    """Say which digests go to a channel that no chat can have, or maybe to a place that is not configured."""
    places = app.settings.places
    for digest in app.settings.digests:
        for channel in app.settings.channels_of(digest):
            where = f'{app.settings.file}: digest "{digest.name}", channel "{channel}"'
            wrong = impossible(parse_channel(channel, app.settings.configured_chats)[1], places)
            if wrong is not None:
                yield Check(where, Severity.FAULT, *wrong)
            elif is_ambiguous(channel, places) and not names_chat(channel, app.settings.configured_chats):
                what = f"it is taken for a channel of Slack: there is no [places.{channel}]"
                yield Check(where, Severity.WARNING, what, f'write "#{channel}", or add [places.{channel}]')


def _unset(app: App) -> Iterator[Check]:
    """Say which variables are named for a secret, and not set."""
    there = app.set_variables()
    for key, variable, without in _named(app):
        if variable not in there:
            where = f"{app.settings.file}: {key}"
            yield Check(where, Severity.WARNING, f"${variable} is not set: {without}", how_to_set(app, variable))


def _named(app: App) -> Iterator[tuple[str, str, str]]:
    """Give each variable that the file names itself: its key, its name, and what is without it."""
    settings = app.settings
    for name, forge in settings.forges.items():
        if forge.secret_env:
            key = "app.key_env" if forge.app else "token_env"
            yield f"forges.{name}.{key}", forge.secret_env, "the forge is asked without a token"
    for chat in settings.configured_chats.values():
        second = "app_token_env" if chat.keys.listen == "socket" else "signing_secret_env"
        told = (("bot_token_env", "nothing is posted to Slack"), (second, "no question in Slack is answered"))
        for key, without in told:
            if key in chat.keys.model_fields_set:
                yield f"{chat.table}.{key}", getattr(chat.keys, key), without
    for name, place in settings.places.items():
        yield f"places.{name}.url_env", place.url_env, "nothing is posted there"


def how_to_set(app: App, variable: str) -> str:
    """Say what to do about a variable that is named and not set; a misspelt one is near another that is."""
    near = get_close_matches(variable, sorted(set(app.variables) - {variable}), n=1, cutoff=0.8)
    return f"did you mean ${near[0]}, which is set?" if near else "set it, or take the key out"
