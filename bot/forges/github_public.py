"""GitHub without a token: dates one by one within the public limit, the newest versions first."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.tags import TagDetails, TagRef
from bot.forges.answers import read_date, text_of
from bot.forges.github_client import Asking, GitHubClient
from bot.services.ports import ForgeError, PollAnswer, PollRequest, RepositoryNotFound

_DEEPEST_TAG = 4


@dataclass(slots=True)
class _Filling:
    """The looking up of one repository's dates: the tags still wanted, the newest version first."""

    request: PollRequest
    answer: PollAnswer
    asking: Asking
    wanted: deque[TagRef]
    published: dict[str, datetime] = field(default_factory=dict)
    commits: dict[str, datetime | None] = field(default_factory=dict)
    details: dict[str, TagDetails] = field(default_factory=dict)


def fill_in(client: GitHubClient, name: str, listed: Sequence[tuple[PollRequest, PollAnswer]]) -> Iterator[PollAnswer]:
    """Look up dates in turns among the repositories while half of the limit is left, then give every answer.

    The other half is kept for the polls to come; what is missing is looked up by those.
    """
    fillings = [_filling(name, request, answer) for request, answer in listed]
    turns = deque(filling for filling in fillings if filling.wanted)
    begun: set[str] = set()
    while turns and _may_spend(client):
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
        yield _finished(filling)


def _filling(name: str, request: PollRequest, answer: PollAnswer) -> _Filling:
    present = request.known.values() if answer.refs is None else answer.refs
    missing = [ref for ref in present if ref.name not in request.detailed or request.known.get(ref.name) != ref]
    if answer.error is not None:
        missing = []
    newest_first = sorted(missing, key=lambda ref: request.rank(ref.name), reverse=True)
    return _Filling(request, answer, Asking(f"{name}:{request.path}"), deque(newest_first))


def _may_spend(client: GitHubClient) -> bool:
    return client.remaining is None or client.limit is None or 2 * client.remaining > client.limit


def _take_releases(client: GitHubClient, filling: _Filling) -> None:
    releases = client.get(filling.asking, f"/repos/{filling.request.path}/releases?per_page=100").value
    for release in releases if isinstance(releases, list) else ():
        date = read_date(release.get("published_at")) if isinstance(release, dict) else None
        if date is not None and release.get("draft") is not True:
            filling.published[text_of(release, "tag_name")] = date


def _look_up(client: GitHubClient, filling: _Filling) -> None:
    ref = filling.wanted.popleft()
    kind, oid, tagger = ("tag" if ref.annotated else "commit"), ref.target, None
    for _ in range(_DEEPEST_TAG):
        if kind != "tag":
            break
        tag = client.get(filling.asking, f"/repos/{filling.request.path}/git/tags/{oid}").value
        tagger = tagger or _date_in(tag, "tagger")
        inner = tag.get("object") if isinstance(tag, dict) else None
        kind, oid = text_of(inner, "type"), text_of(inner, "sha")
    published = filling.published.get(ref.name)
    if kind != "commit":
        filling.details[ref.name] = TagDetails(None, published, tagger, None)
        return
    if oid not in filling.commits:
        filling.commits[oid] = _commit_date(client, filling, oid)
    committed = filling.commits[oid]
    filling.details[ref.name] = TagDetails(oid if committed else None, published, tagger, committed)


def _commit_date(client: GitHubClient, filling: _Filling, oid: str) -> datetime | None:
    """Ask for a commit's date, None for an object that is no commit: a tag may stand on a blob."""
    try:
        commit = client.get(filling.asking, f"/repos/{filling.request.path}/git/commits/{oid}").value
    except RepositoryNotFound:
        return None
    return _date_in(commit, "committer")


def _date_in(value: Any, key: str) -> datetime | None:
    person = value.get(key) if isinstance(value, dict) else None
    return read_date(person.get("date")) if isinstance(person, dict) else None


def _finished(filling: _Filling) -> PollAnswer:
    answer = filling.answer
    if answer.error is not None:
        return answer
    left = len(filling.wanted)
    notice = f"without a token: the dates of {left} tags are still to come, newest versions first" if left else ""
    return replace(
        answer,
        details=filling.details,
        requests=answer.requests + filling.asking.requests,
        notice=notice,
    )
