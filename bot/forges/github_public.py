"""GitHub by REST alone, without a token or without GraphQL: dates one by one, the newest versions first."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.budget import Limit
from bot.domain.tags import TagDetails, TagRef
from bot.forges.answers import is_object_id, read_date, text_of
from bot.forges.github_client import GitHubClient
from bot.forges.github_refs import read_identity
from bot.forges.github_wire import Asking
from bot.services.ports import ForgeError, ForgeUnavailable, PollAnswer, PollRequest, RateLimited, TokenRefused

_DEEPEST_TAG = 4


@dataclass(frozen=True, slots=True)
class Reason:
    """Why dates come one by one, and what that means for who waits for them."""

    what: str
    then: str


NO_TOKEN = Reason("without a token", " they come over hours; a token gets them at once")


@dataclass(slots=True)
class _Filling:
    """The looking up of one repository's dates: the tags still to be asked for, the newest version first.

    ``details`` begins with the tags that stand on no commit: the list of refs tells them.
    """

    request: PollRequest
    answer: PollAnswer
    asking: Asking
    wanted: deque[TagRef]
    details: dict[str, TagDetails]
    published: dict[str, datetime] = field(default_factory=dict)
    flagged: set[str] = field(default_factory=set)
    identity: str = ""
    commits: dict[str, datetime | None] = field(default_factory=dict)
    skipped: int = 0


def fill_in(
    client: GitHubClient,
    name: str,
    listed: Sequence[tuple[PollRequest, PollAnswer]],
    now: Callable[[], datetime],
    reason: Reason = NO_TOKEN,
) -> Iterator[PollAnswer]:
    """Look up dates in turns among the repositories while enough of the limit is left, then give every answer.

    Half of the limit is kept for the polls to come; what is missing is looked up by those.
    """
    fillings = [_filling(name, request, answer) for request, answer in listed]
    turns = deque(filling for filling in fillings if filling.wanted)
    begun: set[str] = set()
    while turns and _may_spend(client.rest_limit(), now()):
        filling = turns.popleft()
        try:
            if filling.request.path in begun:
                _look_up(client, filling)
            else:
                begun.add(filling.request.path)
                _take_releases(client, filling)
        except ForgeError:
            # The refs are known, and that is worth recording; the dates are asked for again.
            continue
        if filling.wanted:
            turns.append(filling)
    for filling in fillings:
        yield _finished(filling, reason)


def _filling(name: str, request: PollRequest, answer: PollAnswer) -> _Filling:
    if answer.error is not None or (answer.refs is None and request.is_detailed):
        return _Filling(request, answer, Asking(f"{name}:{request.path}"), deque(), {})
    present = request.known.values() if answer.refs is None else answer.refs
    missing = [
        ref
        for ref in present
        if ref.name not in answer.details and (ref.name not in request.detailed or request.known.get(ref.name) != ref)
    ]
    newest_first = sorted(missing, key=lambda ref: request.rank(ref.name), reverse=True)
    return _Filling(request, answer, Asking(f"{name}:{request.path}"), deque(newest_first), dict(answer.details))


def _may_spend(told: Limit | None, now: datetime) -> bool:
    """Say whether more is left than the polls until the limit's reset may need.

    Those need less the nearer the reset is. Were it always half, a repository that happens to be
    polled late in each hour would never get its dates.
    """
    if told is None:
        return True
    ahead = (told.resets_at - now) / told.window if told.resets_at else 1.0
    return told.remaining > told.limit / 2 * min(max(ahead, 0.0), 1.0)


def _take_releases(client: GitHubClient, filling: _Filling) -> None:
    """Read the newest releases, and the repository's id where none is known."""
    if not (filling.request.identity or filling.answer.identity):
        filling.identity = read_identity(client, filling.request, filling.asking)
    releases = client.get(filling.asking, f"/repos/{filling.request.path}/releases?per_page=100").value
    for release in releases if isinstance(releases, list) else ():
        date = read_date(release.get("published_at")) if isinstance(release, dict) else None
        if date is not None and release.get("draft") is not True:
            name = text_of(release, "tag_name")
            filling.published[name] = date
            filling.flagged |= {name} if release.get("prerelease") is True else set()


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
        tag = client.get(filling.asking, f"/repos/{filling.request.path}/git/tags/{oid}").value
        tagger = tagger or _date_in(tag, "tagger")
        inner = tag.get("object") if isinstance(tag, dict) else None
        kind, oid = text_of(inner, "type"), text_of(inner, "sha")
    published, is_flagged = filling.published.get(ref.name), ref.name in filling.flagged
    if kind in {"blob", "tree"}:
        return TagDetails(None, published, tagger, None, is_flagged=is_flagged)
    if kind != "commit" or not is_object_id(oid):
        raise ForgeError(filling.asking.where, f"GitHub does not say what the tag {ref.name} stands on")
    if oid not in filling.commits:
        commit = client.get(filling.asking, f"/repos/{filling.request.path}/git/commits/{oid}").value
        filling.commits[oid] = _date_in(commit, "committer")
    return TagDetails(oid, published, tagger, filling.commits[oid], is_flagged=is_flagged)


def _date_in(value: Any, key: str) -> datetime | None:
    person = value.get(key) if isinstance(value, dict) else None
    return read_date(person.get("date")) if isinstance(person, dict) else None


def _finished(filling: _Filling, reason: Reason) -> PollAnswer:
    answer = filling.answer
    if answer.error is not None:
        return answer
    left = len(filling.wanted) + filling.skipped
    notice = f"{reason.what}: the dates of {left} tags are still to come, newest versions first" if left else ""
    return replace(
        answer,
        details=filling.details,
        requests=answer.requests + filling.asking.requests,
        notice="; ".join(part for part in (answer.notice, notice) if part),
        identity=answer.identity or filling.identity,
        undated_because=reason.what + reason.then if left else "",
    )
