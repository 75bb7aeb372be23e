"""GitHub's quick look: many repositories in one query, each by its newest tags and how many it has."""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from hashlib import sha256
from threading import Lock
from typing import Any

from bot.domain.values import dataclass
from bot.forges.concurrency import ClientPool, first_then_parallel
from bot.forges.counter import RequestCounter
from bot.forges.github.client import GitHubClient, NoGraphQL
from bot.forges.payload import text_of
from bot.services.ports import ForgeError, PollRequest, RateLimited, TokenRefused

# 50 repositories with 10 tags and 5 releases each are a point of GitHub's 5,000 an hour.
BATCH = 50
_AT_ONCE = 3
# As many of the newest tags and releases show whether something came; the total shows what came on an old commit.
_HEAD = """
fragment Head on Repository {
  nameWithOwner databaseId
  refs(refPrefix: "refs/tags/", first: 10, orderBy: {field: TAG_COMMIT_DATE, direction: DESC}) {
    totalCount
    nodes { name target { oid } }
  }
  releases(first: 5, orderBy: {field: CREATED_AT, direction: DESC}) {
    nodes { tagName publishedAt isDraft isPrerelease }
  }
}
"""


def heads_query(count: int) -> str:
    """Write the query for the heads of ``count`` repositories, ``$owner0`` and ``$name0`` and so on."""
    variables = ", ".join(f"$owner{number}: String!, $name{number}: String!" for number in range(count))
    aliases = "\n".join(
        f"  r{number}: repository(owner: $owner{number}, name: $name{number}) {{ ...Head }}" for number in range(count)
    )
    return f"query Heads({variables}) {{\n{aliases}\n}}\n{_HEAD}"


@dataclass(frozen=True, slots=True)
class Head:
    """What a quick look saw of a repository; None where it could not be seen, and only a longer look can tell why.

    ``requests`` counts those that were made for it, and for others beside it.
    """

    request: PollRequest
    fingerprint: str | None
    requests: int = 0

    @property
    def is_known(self) -> bool:
        """Return whether it shows what the last quick poll saw."""
        return self.fingerprint is not None and self.fingerprint == self.request.head


class Heads:
    """A quick look at repositories: in as few queries as GitHub answers in time and within its limits."""

    def __init__(self, name: str, clients: ClientPool[GitHubClient], requests: Sequence[PollRequest]) -> None:
        self._name = name
        self._clients = clients
        self._waiting = deque(requests)
        self._size = BATCH
        self._guard = Lock()

    def look(self) -> Iterator[Head]:
        """Look at each repository once."""
        while self._waiting:
            # What a batch that failed gave back may come when all others have been taken.
            for heads in first_then_parallel(self._answer, self._batches(), _AT_ONCE):
                yield from heads

    def _batches(self) -> Iterator[list[PollRequest]]:
        while self._waiting:
            yield [self._waiting.popleft() for _ in range(min(self._size, len(self._waiting)))]

    def _answer(self, batch: list[PollRequest]) -> list[Head]:
        """Ask for a batch; what cannot be had together is given back, to be asked for in smaller ones."""
        counter = RequestCounter(f"{self._name}:{batch[0].path}")
        try:
            found = self._ask(counter, batch)
        except (RateLimited, TokenRefused, NoGraphQL):
            # Requested one by one, each gets the same error, or uses a limit of its own.
            found = dict.fromkeys((request.path for request in batch), None)
        except ForgeError:
            found = {}
        heads = [Head(request, found[request.path]) for request in batch if request.path in found]
        left = [request for request in batch if request.path not in found]
        if len(left) == len(batch) == 1:
            heads, left = [Head(batch[0], None)], []
        self._settle(left, len(batch))
        return [Head(heads[0].request, heads[0].fingerprint, counter.requests), *heads[1:]] if heads else []

    def _settle(self, left: list[PollRequest], size: int) -> None:
        """Halve the batch where it was too large, and double it again after a success."""
        with self._guard:
            self._waiting.extend(left)
            self._size = max(1, size // 2) if left else min(BATCH, 2 * self._size)

    def _ask(self, counter: RequestCounter, batch: Sequence[PollRequest]) -> dict[str, str | None]:
        """Ask for the heads of a batch by path; those that GitHub does not know are None, those it left out missing."""
        variables: dict[str, str] = {}
        for number, request in enumerate(batch):
            owner, _, name = request.path.partition("/")
            variables |= {f"owner{number}": owner, f"name{number}": name}
        with self._clients.acquire() as client:
            answer = client.graphql_in_part(counter, heads_query(len(batch)), variables)
        found: dict[str, str | None] = {}
        for number, request in enumerate(batch):
            shown = answer.data.get(f"r{number}")
            if isinstance(shown, dict):
                found[request.path] = _fingerprint(shown, request.path)
            elif f"r{number}" in answer.missing:
                found[request.path] = None
        return found


def _fingerprint(shown: dict[str, Any], path: str) -> str | None:
    """Name what is shown; None for a repository that goes by another path now."""
    if text_of(shown, "nameWithOwner").lower() != path.lower():
        return None
    return sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]
