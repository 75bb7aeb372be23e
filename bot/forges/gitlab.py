"""GitLab: new tags by one page that is newest first, every tag by keyset pages; both carry the dates too."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.budget import Cost, Limit, Price
from bot.domain.organisations import EVERY, Listed
from bot.domain.tags import TagDetails, TagRef
from bot.forges.answers import id_of
from bot.forges.clock import ForgeClock
from bot.forges.gitlab_client import RESOURCE, Asking, GitLabClient, Shared
from bot.forges.gitlab_evidence import gitlab_evidence
from bot.forges.gitlab_health import gitlab_health
from bot.forges.gitlab_organisations import list_group
from bot.forges.gitlab_releases import read_published
from bot.forges.gitlab_tags import ListedTag, merged, read_all, read_newest
from bot.forges.lending import Lender
from bot.forges.limits import SpentLimit, ToldLimits
from bot.forges.pace import Reserve, paced
from bot.forges.parallel import first_then_parallel
from bot.forges.reach import Reach
from bot.services.ports import (
    EvidenceAnswer,
    EvidenceRequest,
    ForgeError,
    ForgeHealth,
    Look,
    PollAnswer,
    PollRequest,
    RateLimited,
)

# As many as an instance answers at a time without anybody noticing.
_AT_ONCE = 8
# gitlab.com allows 2,000 (docs.gitlab.com, "Rate limits on GitLab.com"); instances tell theirs in their answers.
_REQUESTS_A_MINUTE = 1_800
_WINDOW = timedelta(minutes=1)


class GitLabForge:
    """A GitLab instance.

    ``name`` is the forge's name in errors, ``timeout`` the longest wait for an answer
    to begin or go on, in seconds, ``most_a_minute`` how many requests it is asked in any
    minute. Public projects need no token.
    """

    def __init__(  # noqa: PLR0913 - a forge takes its settings
        self,
        name: str,
        base_url: str,
        token: str | None,
        *,
        timeout: float = 15.0,
        most_a_minute: int | None = None,
        now: Callable[[], datetime],
        ca_file: Path | None = None,
        reserve: Reserve | None = None,
    ) -> None:
        self._name = name
        self._now = now
        self._told = ToldLimits(_WINDOW, now)
        self._clock = ForgeClock(now)
        pace, reach = paced(most_a_minute or _REQUESTS_A_MINUTE, RESOURCE, reserve), Reach("GitLab", now)
        shared = Shared(SpentLimit(now), pace, self._told, reach, self._clock, ca_file)
        self._clients = Lender(lambda: GitLabClient(base_url, token, timeout=timeout, shared=shared))

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        """Answer each request: the first alone, since it tells whether anybody answers, the others several at a time.

        Those that were answered longest ago come first, so that a limit that does not
        suffice for all leaves none of them out for long.
        """
        ordered = sorted(requests, key=lambda request: request.validator or "")
        yield from first_then_parallel(self._answer, ordered, _AT_ONCE)

    def evidence(self, request: EvidenceRequest) -> EvidenceAnswer:
        """Tell of a project's milestones, labelled issues and merge requests."""
        with self._clients.lend() as client:
            return gitlab_evidence(client, f"{self._name}:{request.path}", request, self._now())

    def organisation(self, path: str) -> Sequence[Listed]:
        """List the projects of a group and of the groups in it, or of a user. Raises ForgeError."""
        with self._clients.lend() as client:
            return list_group(client, f"{self._name}:{path}{EVERY}", path)

    def prices(self) -> Sequence[Price]:
        """Say what looks cost: a page of a hundred tags is a request, and so is a page of releases."""
        page = Cost(a_page=1)
        return [Price(RESOURCE, _REQUESTS_A_MINUTE, _WINDOW, quick=Cost(1), complete=page, full=Cost(2, a_page=1))]

    def limits(self) -> Sequence[Limit]:
        """Tell the limit as the last answers did."""
        return self._told.all()

    def clock_offset(self) -> timedelta:
        """Return how far its clock is ahead of ours, by the last answer."""
        return self._clock.offset

    def health(self) -> ForgeHealth:
        """Ask what the token may do and until when, by the token itself. Raises ForgeError.

        Personal, project and group tokens can be asked so (docs.gitlab.com, "Personal access
        tokens API"); of any other nothing is told.
        """
        with self._clients.lend() as client:
            return gitlab_health(client, self._name)

    def close(self) -> None:
        """Give back connections."""
        self._clients.close()

    def _answer(self, request: PollRequest) -> PollAnswer:
        asking = Asking(f"{self._name}:{request.path}", request.path)
        try:
            with self._clients.lend() as client:
                found = _read(client, asking, request)
                identity = _identity(client, asking, request, found)
                dates = read_published(client, asking, request, found.tags)
        except ForgeError as error:
            return PollAnswer(request.path, requests=asking.requests, error=error)
        return PollAnswer(
            request.path,
            found.refs,
            {
                tag.ref.name: TagDetails(tag.commit, dates.of(tag), tag.tagger, tag.committed)
                for tag in found.tags
                if dates.tells(tag)
            },
            self._now().isoformat(),
            asking.requests,
            look=found.look,
            head=found.head,
            renamed="has been renamed or moved; change its path" if asking.redirected else "",
            identity=identity,
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """Every tag, None where nothing changed; those listed now; how deep was looked; what the newest page shows."""

    refs: tuple[TagRef, ...] | None
    tags: Sequence[ListedTag]
    look: Look
    head: str | None = None


def _identity(client: GitLabClient, asking: Asking, request: PollRequest, found: _Found) -> str:
    """Ask for the project's id where the answer says anything new, or none is known. Raises ForgeError."""
    if request.identity and not request.wants_identity(found.refs):
        return ""
    try:
        _, project = client.one(asking, asking.project)
    except RateLimited:
        # Where no id is known or looked for, whatever is there is taken: the list is worth recording without one.
        if request.identity or request.may_be_known:
            raise
        return ""
    return id_of(project, "id")


def _read(client: GitLabClient, asking: Asking, request: PollRequest) -> _Found:
    """Read the newest page, and every page where that does not tell enough. Raises ForgeError."""
    head = None
    if request.look is Look.QUICK and request.is_detailed:
        newest = read_newest(client, asking)
        head = newest.fingerprint
        if head == request.head:
            return _Found(None, (), Look.QUICK, head)
        refs = merged(request.known, newest)
        if refs is not None:
            return _Found(None if refs == request.known else tuple(refs.values()), newest.tags, Look.QUICK, head)
    tags = read_all(client, asking)
    return _Found(tuple(tag.ref for tag in tags), tags, max(request.look, Look.COMPLETE), head)
