"""GitLab: new tags by one page that is newest first, every tag by keyset pages; both carry the dates too."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from queue import Empty, SimpleQueue

from bot.domain.tags import TagDetails, TagRef
from bot.forges.gitlab_client import Asking, GitLabClient
from bot.forges.gitlab_evidence import gitlab_evidence
from bot.forges.gitlab_releases import read_published
from bot.forges.gitlab_tags import ListedTag, merged, read_all, read_newest
from bot.forges.limits import SpentLimit
from bot.forges.parallel import in_parallel
from bot.services.ports import EvidenceAnswer, EvidenceRequest, ForgeError, PollAnswer, PollRequest

# As many as an instance answers at a time without anybody noticing.
_AT_ONCE = 8


class GitLabForge:
    """A GitLab instance.

    ``name`` is the forge's name in errors, ``timeout`` the longest wait for an answer
    to begin or go on, in seconds. Public projects need no token.
    """

    def __init__(
        self, name: str, base_url: str, token: str | None, *, timeout: float = 15.0, now: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._now = now
        self._make = partial(GitLabClient, base_url, token, timeout=timeout, spent=SpentLimit(now))
        self._free: SimpleQueue[GitLabClient] = SimpleQueue()

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        """Answer each request: the first alone, since it tells whether anybody answers, the others several at a time.

        Those that were answered longest ago come first, so that a limit that does not
        suffice for all leaves none of them out for long.
        """
        ordered = sorted(requests, key=lambda request: request.validator or "")
        for first in ordered[:1]:
            yield self._answer(first)
        yield from in_parallel(self._answer, ordered[1:], _AT_ONCE)

    def evidence(self, request: EvidenceRequest) -> EvidenceAnswer:
        """Tell of a project's milestones, labelled issues and merge requests."""
        with self._client() as client:
            return gitlab_evidence(client, f"{self._name}:{request.path}", request, self._now())

    def close(self) -> None:
        """Give back connections."""
        while not self._free.empty():
            self._free.get().close()

    @contextmanager
    def _client(self) -> Iterator[GitLabClient]:
        """Lend a client to one thread: it counts and remembers what belongs to one question at a time."""
        try:
            client = self._free.get_nowait()
        except Empty:
            client = self._make()
        try:
            yield client
        finally:
            self._free.put(client)

    def _answer(self, request: PollRequest) -> PollAnswer:
        asking = Asking(f"{self._name}:{request.path}", request.path)
        try:
            with self._client() as client:
                refs, tags = _read(client, asking, request)
                dates = read_published(client, asking, request, tags)
        except ForgeError as error:
            return PollAnswer(request.path, requests=asking.requests, error=error)
        details = {
            tag.ref.name: TagDetails(tag.commit, dates.of(tag), tag.tagger, tag.committed)
            for tag in tags
            if dates.tells(tag)
        }
        notice = "has been renamed or moved; change its path" if asking.redirected else ""
        validator = self._now().isoformat()
        return PollAnswer(request.path, refs, details, validator, asking.requests, notice=notice)


def _read(
    client: GitLabClient, asking: Asking, request: PollRequest
) -> tuple[tuple[TagRef, ...] | None, Sequence[ListedTag]]:
    """Read every tag, None where nothing changed, and those that were listed now. Raises ForgeError."""
    if request.known and not request.full and request.known.keys() <= request.detailed:
        newest = read_newest(client, asking)
        refs = merged(request.known, newest)
        if refs is not None:
            return None if refs == request.known else tuple(refs.values()), newest.tags
    tags = read_all(client, asking)
    return tuple(tag.ref for tag in tags), tags
