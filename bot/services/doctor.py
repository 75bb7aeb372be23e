"""Checks for ``release-bot doctor``: whether the bot has what it needs, and what to do where it has not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.clocks import rounded
from bot.domain.errors import BotError
from bot.domain.organisations import Organisation
from bot.domain.polling.record import PollDepth, RepositoryRecord
from bot.domain.releases import DOUBTFUL, needs_a_rule
from bot.domain.repositories import Repository, one_of_each_source
from bot.domain.values import dataclass
from bot.services.ports import AppHealth, ChatClient, ChatError, ChatHealth, Forge, ForgeError, PollAnswer, PollRequest
from bot.services.verify import another, is_other

if TYPE_CHECKING:
    from bot.store.tags import TagStore

# A clock that is off by more makes digests late or early for people to see.
_OFF = timedelta(minutes=2)
# How long before its end a token is worth a warning.
_SOON = timedelta(days=14)
# What a GitHub App has to be allowed: tags and releases, and the traces of a certification.
_NEEDED, _NEEDED_TO_CERTIFY = ("metadata", "contents"), ("issues", "pull_requests")
_CLOCK = "set this machine's clock, for example with NTP"


class Severity(StrEnum):
    """How bad it is."""

    FINE = "fine"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Check:
    """What was found somewhere, and what to do about it."""

    where: str
    verdict: Severity
    what: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ForgeCase:
    """A forge with its watched repositories; ``token`` names its token's variable, ``has_token`` says that it is set.

    ``is_certified`` says that a certification is configured for one of them. ``records`` are those of the
    repositories, by path; empty without a database. ``is_limited`` says that the kind of forge allows more requests
    with a token.
    """

    name: str
    forge: Forge
    repositories: Sequence[Repository]
    token: str | None
    is_certified: bool = False
    has_token: bool = False
    records: Mapping[str, RepositoryRecord] = field(default_factory=dict)
    is_limited: bool = True


def ok(where: str, what: str) -> Check:
    """Return a check that passed."""
    return Check(where, Severity.FINE, what)


def failed(error: BotError, where: str = "") -> Check:
    """Return a check that failed, with what to do about it."""
    return Check(where or error.where, Severity.FAULT, error.what, error.hint or error.retry)


def check_forge(case: ForgeCase, now: datetime) -> Iterator[Check]:
    """Check that a forge shows each repository, and check its token; nothing is recorded."""
    requests = [_request(each.path, case.records.get(each.path)) for each in case.repositories]
    found = [_trouble(answer, case.records.get(answer.path)) for answer in case.forge.poll(requests)]
    errors = [error for error in found if error is not None]
    for error in errors:
        yield failed(error)
    visible = len(requests) - len(errors)
    if visible:
        yield ok(case.name, f"{visible} of {len(requests)} repositories accessible")
    try:
        health = case.forge.health()
    except ForgeError as error:
        yield failed(error, case.name)
        return
    yield from _clock(case.name, health.clock, now)
    if health.app is not None:
        yield from _app(case, health.app)
    else:
        yield from _token(case, health.scopes, health.expires_at, now)
    for limit in case.forge.limits():
        yield ok(case.name, f"{limit.remaining:,} of {limit.limit:,} requests left ({limit.resource})")


def _request(path: str, record: RepositoryRecord | None) -> PollRequest:
    """Ask for the forge's own id of a repository wherever one is recorded, whatever the tags are."""
    identity = record.identity if record is not None else ""
    return PollRequest(path, PollDepth.QUICK, is_detailed=True, identity=identity, is_contested=bool(identity))


def _trouble(answer: PollAnswer, record: RepositoryRecord | None) -> ForgeError | None:
    if answer.error is not None:
        return answer.error
    return another(record, answer) if record is not None and is_other(record, answer) else None


def check_schemes(repositories: Sequence[Repository], tags: "TagStore") -> Iterator[Check]:
    """Warn of recorded repositories whose counts mean little: few of their tags are classified, or by a bad guess."""
    shared = {repository.source: repository for repository in one_of_each_source(repositories)}
    for record in tags.records(shared):
        repository = shared[record.repository]
        if needs_a_rule(repository, record.considered_count, record.unclassified_count):
            unread = f"{record.unclassified_count:,} of {record.considered_count:,} tags match no version scheme"
            what = f"{DOUBTFUL}; {unread}" if repository.is_doubtful else unread
            hint = f"find a scheme or prefix that fits: release-bot watch check {record.repository}"
            yield Check(record.repository, Severity.WARNING, what, hint)


def check_organisations(forge: Forge, organisations: Sequence[Organisation]) -> Iterator[Check]:
    """Check that a forge lists each organisation; nothing is recorded."""
    for organisation in organisations:
        try:
            listed = forge.organisation(organisation.path)
        except ForgeError as error:
            yield failed(error)
        else:
            taken = sum(organisation.takes(each) for each in listed)
            yield ok(organisation.key, f"{taken} of {len(listed)} repositories selected")


def _token(
    case: ForgeCase, scopes: tuple[str, ...] | None, expires_at: datetime | None, now: datetime
) -> Iterator[Check]:
    if not case.has_token:
        # A variable that is named and not set has its own check.
        if case.token is None and case.is_limited:
            yield ok(case.name, "no token configured (token_env)")
        return
    shown_scopes = "" if scopes is None else f"; scopes: {', '.join(scopes) or 'none'}"
    until = f"; expires on {expires_at:%d %b %Y}" if expires_at else ""
    what = f"token in ${case.token} is valid{shown_scopes}{until}"
    if expires_at is not None and expires_at - now < _SOON:
        yield Check(case.name, Severity.WARNING, what, "replace the token before it expires")
    else:
        yield ok(case.name, what)


def _app(case: ForgeCase, app: AppHealth) -> Iterator[Check]:
    """Check the App and its permissions; a missing one is a warning, since public data needs none."""
    may = ", ".join(f"{name} {level}" for name, level in sorted(app.permissions.items())) or "none"
    what = f"authenticated as the GitHub App {app.name}, installation of {app.installation}; permissions: {may}"
    yield ok(case.name, what)
    needed = (*_NEEDED, *(_NEEDED_TO_CERTIFY if case.is_certified else ()))
    if lacking := [name for name in needed if name not in app.permissions]:
        what = f"the App lacks permissions that private repositories need: {', '.join(lacking)}"
        hint = "add the permissions in the App's settings, and accept them in the installation"
        yield Check(case.name, Severity.WARNING, what, hint)


def check_chat(where: str, chat: ChatClient, channels: Sequence[str], now: datetime) -> Iterator[Check]:
    """Check a chat's connection, scopes and clock, and that the bot is in the channels that it posts to.

    ``where`` is where the chat is configured.
    """
    try:
        health = chat.health()
    except ChatError as error:
        yield failed(error, where)
        return
    yield ok(where, f"connected as {health.bot}")
    yield from _clock(where, health.clock, now)
    if health.missing:
        yield Check(where, Severity.FAULT, f"missing scopes: {', '.join(health.missing)}", health.hint)
    for channel in dict.fromkeys(channels):
        trouble = _trouble_in(channel, health)
        if trouble is None:
            yield ok(f"{where} {channel}", "the bot is a member")
        else:
            yield Check(f"{where} {channel}", Severity.FAULT, *trouble)


def _trouble_in(channel: str, health: ChatHealth) -> tuple[str, str] | None:
    """Return why the bot cannot post to a channel, and the fix; None if it can."""
    if health.trouble_in is not None:
        return health.trouble_in(channel)
    if channel.removeprefix("#") in health.channels:
        return None
    hint = f"invite the bot: /invite @{health.bot.partition(' ')[0]}"
    return "no such channel, or the bot is not a member", hint


def _clock(where: str, clock: datetime | None, now: datetime) -> Iterator[Check]:
    if clock is None:
        return
    off = now - clock
    if abs(off) > _OFF:
        how = "ahead of" if off > timedelta(0) else "behind"
        yield Check(where, Severity.WARNING, f"this machine's clock is {rounded(off)} {how} the server's", _CLOCK)
