"""Examining: is everything there that the bot needs, and what is to be done where it is not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.errors import BotError
from bot.domain.organisations import Organisation
from bot.domain.releases import is_mostly_unread
from bot.domain.repositories import Repository
from bot.services.ports import (
    AppHealth,
    ChatError,
    Conversation,
    Forge,
    ForgeError,
    Look,
    PollAnswer,
    PollRequest,
    RepositoryRecord,
    Store,
)
from bot.services.rounds import another, is_other

# A clock that is off by more makes digests late or early for people to see.
_OFF = timedelta(minutes=2)
# How long before its end a token is worth a warning.
_SOON = timedelta(days=14)
# What a GitHub App has to be allowed: tags and releases, and the traces of a certification.
_NEEDED, _NEEDED_TO_CERTIFY = ("metadata", "contents"), ("issues", "pull_requests")
_CLOCK = "set the clock of this machine, for example by NTP"


class Verdict(StrEnum):
    """How bad it is."""

    FINE = "fine"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found somewhere, and what to do about it."""

    where: str
    verdict: Verdict
    what: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ForgeCase:
    """A forge with its watched repositories; ``token`` names the variable for its token, ``has_token`` that it is set.

    ``is_certified`` says that a certification is configured for one of them. ``records`` hold what is known of the
    repositories, by path; none where there is no database.
    """

    name: str
    forge: Forge
    repositories: Sequence[Repository]
    token: str | None
    is_certified: bool = False
    has_token: bool = False
    records: Mapping[str, RepositoryRecord] = field(default_factory=dict)


def fine(where: str, what: str) -> Finding:
    """Say that something is as it should be."""
    return Finding(where, Verdict.FINE, what)


def fault(error: BotError, where: str = "") -> Finding:
    """Say that something is wrong, and what whoever looks can do about it."""
    return Finding(where or error.where, Verdict.FAULT, error.what, error.hint or error.retry)


def examine_forge(case: ForgeCase, now: datetime) -> Iterator[Finding]:
    """Ask a forge for each repository, and what it says of the token; nothing is recorded."""
    requests = [_request(each.path, case.records.get(each.path)) for each in case.repositories]
    told = [_trouble(answer, case.records.get(answer.path)) for answer in case.forge.poll(requests)]
    errors = [error for error in told if error is not None]
    for error in errors:
        yield fault(error)
    visible = len(requests) - len(errors)
    if visible:
        yield fine(case.name, f"{visible} of {len(requests)} watched repositories can be seen")
    try:
        health = case.forge.health()
    except ForgeError as error:
        yield fault(error, case.name)
        return
    yield from _clock(case.name, health.clock, now)
    if health.app is not None:
        yield from _app(case, health.app)
    else:
        yield from _token(case, health.scopes, health.expires_at, now)
    for limit in case.forge.limits():
        yield fine(case.name, f"{limit.remaining:,} of {limit.limit:,} requests are left ({limit.resource})")


def _request(path: str, record: RepositoryRecord | None) -> PollRequest:
    """Ask for the forge's own id of a repository wherever one is recorded, whatever the tags are."""
    identity = record.identity if record is not None else ""
    return PollRequest(path, Look.QUICK, is_detailed=True, identity=identity, is_contested=bool(identity))


def _trouble(answer: PollAnswer, record: RepositoryRecord | None) -> ForgeError | None:
    if answer.error is not None:
        return answer.error
    return another(record, answer) if record is not None and is_other(record, answer) else None


def examine_reading(repositories: Sequence[Repository], store: Store) -> Iterator[Finding]:
    """Look in the database for repositories of whose tags less than half are read: their counts mean little."""
    records = store.records(repository.key for repository in repositories)
    for record in records:
        if is_mostly_unread(record.considered_count, record.unclassified_count):
            what = f"{record.unclassified_count:,} of the {record.considered_count:,} tags match no version scheme"
            hint = f"find a scheme or prefix that fits: release-bot watch check {record.repository}"
            yield Finding(record.repository, Verdict.WARNING, what, hint)


def examine_organisations(forge: Forge, organisations: Sequence[Organisation]) -> Iterator[Finding]:
    """Ask a forge for the list of each organisation; nothing is recorded."""
    for organisation in organisations:
        try:
            listed = forge.organisation(organisation.path)
        except ForgeError as error:
            yield fault(error)
        else:
            taken = sum(organisation.takes(each) for each in listed)
            yield fine(organisation.key, f"{taken} of its {len(listed)} repositories are to be watched")


def _token(
    case: ForgeCase, scopes: tuple[str, ...] | None, expires_at: datetime | None, now: datetime
) -> Iterator[Finding]:
    if not case.has_token:
        # One that is named and not set was told.
        if case.token is None:
            yield fine(case.name, "is asked without a token")
        return
    told = "" if scopes is None else f"; its scopes: {', '.join(scopes) or 'none'}"
    until = f"; it expires on {expires_at:%d %b %Y}" if expires_at else ""
    what = f"the token in ${case.token} is valid{told}{until}"
    if expires_at is not None and expires_at - now < _SOON:
        yield Finding(case.name, Verdict.WARNING, what, "make a new one in time")
    else:
        yield fine(case.name, what)


def _app(case: ForgeCase, app: AppHealth) -> Iterator[Finding]:
    """Say as which App it is asked; an App may read what is public without any permission, so a lack is a warning."""
    may = ", ".join(f"{name} {level}" for name, level in sorted(app.permissions.items())) or "none"
    what = f"is asked as the GitHub App {app.name}, installation of {app.installation}; its permissions: {may}"
    yield fine(case.name, what)
    needed = (*_NEEDED, *(_NEEDED_TO_CERTIFY if case.is_certified else ()))
    if lacking := [name for name in needed if name not in app.permissions]:
        what = f"the App may not read {', '.join(lacking)}: of private repositories it gets no such thing"
        hint = "add that to its permissions in the App's settings, and accept it where it is installed"
        yield Finding(case.name, Verdict.WARNING, what, hint)


def examine_chat(chat: Conversation, channels: Sequence[str], now: datetime) -> Iterator[Finding]:
    """Ask the chat who the bot is there, what it may do, and whether it is in the channels that it posts to."""
    try:
        health = chat.health()
    except ChatError as error:
        yield fault(error, "slack")
        return
    yield fine("slack", f"knows the bot as {health.bot}")
    yield from _clock("slack", health.clock, now)
    if health.missing:
        hint = "give the app the scopes of config/slack-manifest.yaml and install it again"
        yield Finding("slack", Verdict.FAULT, f"the app lacks scopes: {', '.join(health.missing)}", hint)
    for channel in dict.fromkeys(channels):
        if channel.removeprefix("#") in health.channels:
            yield fine(f"slack {channel}", "the bot is in it")
        else:
            hint = f"invite it there: /invite @{health.bot.partition(' ')[0]}"
            yield Finding(f"slack {channel}", Verdict.FAULT, "the bot is not in a channel of that name", hint)


def _clock(where: str, clock: datetime | None, now: datetime) -> Iterator[Finding]:
    if clock is None:
        return
    off = now - clock
    if abs(off) > _OFF:
        how = "ahead of" if off > timedelta(0) else "behind"
        minutes = abs(off) / timedelta(minutes=1)
        yield Finding(where, Verdict.WARNING, f"this machine's clock is {minutes:,.0f} min {how} its own", _CLOCK)
