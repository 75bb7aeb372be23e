"""What is doubtful or wrong in a configuration that can be read: looked at by ``config check`` and ``doctor``."""

from collections.abc import Iterator
from difflib import get_close_matches

from bot.app import SINCE_LAST_HINT, App
from bot.config.addresses import may_lack_path
from bot.config.channels import impossible, is_ambiguous
from bot.domain.errors import UsageError
from bot.services.examining import Finding, Verdict, fault


def doubts(app: App) -> Iterator[Finding]:
    """Give everything that the file alone, and which variables are set, let one doubt; no forge or chat is asked."""
    try:
        _ = app.database_url
    except UsageError as error:
        yield fault(error)
    yield from watches_nothing(app)
    yield from _unset(app)
    yield from impossible_channels(app)
    yield from overlapping_periods(app)
    yield from doubtful_addresses(app)


def overlapping_periods(app: App) -> Iterator[Finding]:
    """Say which digests have periods that overlap or leave gaps."""
    for name, what in app.period_faults():
        yield Finding(f'digest "{name}"', Verdict.WARNING, what, SINCE_LAST_HINT)


def watches_nothing(app: App) -> Iterator[Finding]:
    """Say that nothing is watched."""
    if not app.settings.repositories and not app.settings.organisations:
        what = "nothing is watched: there is no [[repositories]] and no [[organisations]] table"
        hint = "add one, or run release-bot watch add FORGE:PATH"
        yield Finding(str(app.settings.file), Verdict.WARNING, what, hint)


def doubtful_addresses(app: App) -> Iterator[Finding]:
    """Say which GitHubs are addressed as their pages may be: that of an Enterprise has its API below."""
    for name, forge in app.settings.forges.items():
        if may_lack_path(forge.kind, forge.base_url):
            where = f"{app.settings.file}: forges.{name}.base_url"
            what = f'"{forge.base_url}" may be the address of its pages: a GitHub Enterprise has its API at /api/v3'
            right = f'"{forge.base_url}/api/v3"'
            yield Finding(where, Verdict.WARNING, what, f"write {right} if it is one")


def impossible_channels(app: App) -> Iterator[Finding]:
    """Say which digests go to a channel that no chat can have, or maybe to a place that is not configured."""
    places = app.settings.places
    for digest in app.settings.digests:
        for channel in digest.channels:
            where = f'{app.settings.file}: digest "{digest.name}", channel "{channel}"'
            wrong = impossible(channel, places)
            if wrong is not None:
                yield Finding(where, Verdict.FAULT, *wrong)
            elif is_ambiguous(channel, places):
                what = f"it is taken for a channel of Slack: there is no [places.{channel}]"
                yield Finding(where, Verdict.WARNING, what, f'write "#{channel}", or add [places.{channel}]')


def _unset(app: App) -> Iterator[Finding]:
    """Say which variables are named for a secret, and not set."""
    there = app.set_variables()
    for key, variable, without in _named(app):
        if variable not in there:
            where = f"{app.settings.file}: {key}"
            yield Finding(where, Verdict.WARNING, f"${variable} is not set: {without}", how_to_set(app, variable))


def _named(app: App) -> Iterator[tuple[str, str, str]]:
    """Give each variable that the file names itself: its key, its name, and what is without it."""
    settings = app.settings
    for name, forge in settings.forges.items():
        if forge.secret_env:
            key = "app.key_env" if forge.app else "token_env"
            yield f"forges.{name}.{key}", forge.secret_env, "the forge is asked without a token"
    slack, second = settings.slack, "app_token_env" if settings.slack.listen == "socket" else "signing_secret_env"
    for key, without in (("bot_token_env", "nothing is posted to Slack"), (second, "no question in Slack is answered")):
        if key in settings.written.slack.model_fields_set:
            yield f"slack.{key}", getattr(slack, key), without
    for name, place in settings.places.items():
        yield f"places.{name}.url_env", place.url_env, "nothing is posted there"


def how_to_set(app: App, variable: str) -> str:
    """Say what to do about a variable that is named and not set; a misspelt one is near another that is."""
    near = get_close_matches(variable, sorted(set(app.variables) - {variable}), n=1, cutoff=0.8)
    return f"did you mean ${near[0]}, which is set?" if near else "set it, or take the key out"
