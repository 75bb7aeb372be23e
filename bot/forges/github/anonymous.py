"""GitHub by REST alone, without a token or without GraphQL: dates one by one, newest versions first, then releases."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from bot.domain.polling.budget import Limit
from bot.domain.polling.record import PollDepth
from bot.domain.tags import TagDetails, TagRef
from bot.domain.values import dataclass
from bot.forges.counter import RequestCounter
from bot.forges.github.client import GitHubClient
from bot.forges.github.lists import read_identity
from bot.forges.github.releases import ReleasePages, recorded_of
from bot.forges.payload import is_object_id, read_date, text_of
from bot.services.ports import ForgeError, ForgeUnavailable, PollAnswer, PollRequest, RateLimited, TokenRefused

_DEEPEST_TAG = 4


@dataclass(frozen=True, slots=True)
class Reason:
    """Why dates come one by one, and what that means for who waits for them."""

    what: str
    then: str


NO_TOKEN = Reason("no token", ": dates take hours; set a token to get them at once")


@dataclass(slots=True)
class _Filling:
    """The looking up of one repository's dates: the tags still to be asked for, the newest version first.

    ``details`` begins with the new tags that point to no commit: the list of refs tells them. A date of a commit or a
    tag object stays as it is; only release objects are read again.
    """

    request: PollRequest
    answer: PollAnswer
    counter: RequestCounter
    wanted: deque[TagRef]
    details: dict[str, TagDetails]
    releases: ReleasePages
    identity: str = ""
    commits: dict[str, datetime | None] = field(default_factory=dict)
    skipped: int = 0

    @property
    def is_open(self) -> bool:
        """Return whether there is more to ask for."""
        return bool(self.wanted) or self.releases.next_page is not None

    @property
    def lacks_releases(self) -> bool:
        """Return whether a full look has not even read the newest release objects."""
        return self.request.full and not self.releases.is_begun


def fill_in(
    client: GitHubClient,
    name: str,
    listed: Sequence[tuple[PollRequest, PollAnswer]],
    now: Callable[[], datetime],
    reason: Reason = NO_TOKEN,
) -> Iterator[PollAnswer]:
    """Look up dates in turns among the repositories while enough of the limit is left, then give every answer.

    Half of the limit is kept for the polls to come; what is missing is looked up by those. The newest releases belong
    to a full look as its list does, and are read however little is left.
    """
    fillings = [_filling(name, request, answer) for request, answer in listed]
    opened = [filling for filling in fillings if filling.is_open]
    turns = deque(filling for filling in opened if not filling.request.full or _goes_on(client, filling))
    while turns and _may_spend(client.rest_limit(), now()):
        filling = turns.popleft()
        if _goes_on(client, filling):
            turns.append(filling)
    for filling in fillings:
        yield _finished(filling, reason)


def _filling(name: str, request: PollRequest, answer: PollAnswer) -> _Filling:
    counter = RequestCounter(f"{name}:{request.path}")
    if answer.error is not None or (answer.refs is None and request.is_detailed):
        return _Filling(request, answer, counter, deque(), {}, ReleasePages(request, {}, {}, None))
    present = {ref.name: ref for ref in (request.known.values() if answer.refs is None else answer.refs)}
    recorded = recorded_of(request, present)
    details = {name: each for name, each in answer.details.items() if name not in recorded}
    missing = [ref for name, ref in present.items() if name not in details and name not in recorded]
    is_wanted = bool(missing) or (request.full and bool(present))
    releases = ReleasePages(request, recorded, present, 1 if is_wanted else None)
    newest_first = sorted(missing, key=lambda ref: request.rank(ref.name), reverse=True)
    return _Filling(request, answer, counter, deque(newest_first), details, releases)


def _may_spend(limit: Limit | None, now: datetime) -> bool:
    """Return whether more is left than the polls until the limit's reset may need.

    Those need less the nearer the reset is. Were it always half, a repository that happens to be
    polled late in each hour would never get its dates.
    """
    if limit is None:
        return True
    ahead = (limit.resets_at - now) / limit.window if limit.resets_at else 1.0
    return limit.remaining > limit.limit / 2 * min(max(ahead, 0.0), 1.0)


def _goes_on(client: GitHubClient, filling: _Filling) -> bool:
    """Take the next step, and return whether another is to follow."""
    try:
        if not filling.releases.is_begun:
            _take_newest_releases(client, filling)
        elif filling.wanted:
            _look_up(client, filling)
        else:
            filling.releases.read_page(client, filling.counter)
    except ForgeError:
        # The refs are known, and that is worth recording; the dates are requested again.
        return False
    return filling.is_open


def _take_newest_releases(client: GitHubClient, filling: _Filling) -> None:
    """Read the newest releases, and the repository's id where none is known."""
    if not (filling.request.identity or filling.answer.identity):
        filling.identity = read_identity(client, filling.request, filling.counter)
    filling.releases.read_page(client, filling.counter)


def _look_up(client: GitHubClient, filling: _Filling) -> None:
    """Look up the next tag; one that GitHub cannot show is left for later, and holds up no other."""
    ref = filling.wanted[0]
    try:
        filling.details[ref.name] = _details(client, filling, ref)
    except (ForgeUnavailable, RateLimited, TokenRefused):
        raise
    except ForgeError:
        filling.skipped += 1
    filling.wanted.popleft()


def _details(client: GitHubClient, filling: _Filling, ref: TagRef) -> TagDetails:
    kind, oid, tagger = ("tag" if ref.annotated else "commit"), ref.target, None
    for _ in range(_DEEPEST_TAG):
        if kind != "tag" or not is_object_id(oid):
            break
        tag = client.get(filling.counter, f"/repos/{filling.request.path}/git/tags/{oid}").value
        tagger = tagger or _date_in(tag, "tagger")
        inner = tag.get("object") if isinstance(tag, dict) else None
        kind, oid = text_of(inner, "type"), text_of(inner, "sha")
    if kind in {"blob", "tree"}:
        return TagDetails(None, tagger=tagger)
    if kind != "commit" or not is_object_id(oid):
        raise ForgeError(filling.counter.where, f"GitHub does not say what the tag {ref.name} points to")
    if oid not in filling.commits:
        commit = client.get(filling.counter, f"/repos/{filling.request.path}/git/commits/{oid}").value
        filling.commits[oid] = _date_in(commit, "committer")
    return TagDetails(oid, tagger=tagger, committed=filling.commits[oid])


def _date_in(value: Any, key: str) -> datetime | None:
    person = value.get(key) if isinstance(value, dict) else None
    return read_date(person.get("date")) if isinstance(person, dict) else None


def _finished(filling: _Filling, reason: Reason) -> PollAnswer:
    answer = filling.answer
    if answer.error is not None:
        return answer
    left = len(filling.wanted) + filling.skipped
    notices = [answer.notice]
    if left:
        notices.append(
            f"{reason.what}: dates of {left} {'tag' if left == 1 else 'tags'} not fetched yet, newest versions first"
        )
    if filling.lacks_releases:
        notices.append(f"{reason.what}: releases not fetched yet")
    return replace(
        answer,
        details=_dated(filling),
        requests=answer.requests + filling.counter.requests,
        notice="; ".join(filter(None, notices)),
        # What a full look is for is then still due.
        look=PollDepth.COMPLETE if filling.lacks_releases else answer.look,
        head=filling.releases.head,
        identity=answer.identity or filling.identity,
        undated_because=reason.what + reason.then if left else "",
    )


def _dated(filling: _Filling) -> dict[str, TagDetails]:
    """Return the details that were looked up, and those recorded ones that release objects change."""
    releases = filling.releases
    looked_up = {name: releases.dated(name, each) for name, each in filling.details.items()}
    changed = {name: after for name, each in releases.recorded.items() if (after := releases.dated(name, each)) != each}
    return looked_up | changed
