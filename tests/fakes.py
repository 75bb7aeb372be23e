"""Stand-ins for the ports, as small as can be; the real ones have tests of their own."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.domain.budget import Cost, Limit, Price
from bot.domain.digests import Digest
from bot.domain.errors import UsageError
from bot.domain.fitting import Fit, best_first, candidates, fit_of
from bot.domain.organisations import Listed
from bot.domain.repositories import Repository
from bot.domain.schemes import DiracScheme
from bot.domain.tags import Tag, TagDetails, TagRef
from bot.services.ports import (
    ChatDoubtful,
    ChatError,
    ChatHealth,
    EvidenceAnswer,
    EvidenceRequest,
    ForgeError,
    ForgeHealth,
    PollAnswer,
    PollRequest,
    Posted,
)


class FakeForge:
    """A forge whose answers are set by path: the refs with their details, or an error."""

    def __init__(self, **answers: dict[TagRef, TagDetails | None] | ForgeError | Exception) -> None:
        self.answers = answers
        self.asked: list[PollRequest] = []
        self.told: list[Limit] = []
        self.ahead = timedelta(0)
        self.lists: dict[str, list[Listed] | ForgeError] = {}

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        for request in requests:
            self.asked.append(request)
            answer = self.answers[request.path.rpartition("/")[2]]
            if isinstance(answer, ForgeError):
                yield PollAnswer(request.path, requests=1, error=answer)
            elif isinstance(answer, Exception):
                raise answer
            else:
                details = {ref.name: known for ref, known in answer.items() if known is not None}
                yield PollAnswer(request.path, tuple(answer), details, validator="v1", requests=1)

    def evidence(self, request: EvidenceRequest) -> EvidenceAnswer:
        return EvidenceAnswer(request.path, (), {}, ())

    def organisation(self, path: str) -> Sequence[Listed]:
        answer = self.lists[path]
        if isinstance(answer, ForgeError):
            raise answer
        return answer

    def prices(self) -> Sequence[Price]:
        return [Price("core", 60, timedelta(hours=1), quick=Cost(1), complete=Cost(1), full=Cost(2))]

    def limits(self) -> Sequence[Limit]:
        return self.told

    def clock_offset(self) -> timedelta:
        return self.ahead

    def health(self) -> ForgeHealth:
        return ForgeHealth()

    def close(self) -> None:
        """Nothing to give back."""


class FakeChat:
    """A chat that keeps what was posted; ``errors`` are raised by the posts to come, ``looks`` by the looks.

    A message is kept all the same where an error says that it may have arrived and ``takes`` is set.
    """

    def __init__(self, *errors: ChatError, looks: Sequence[ChatError] = (), takes: bool = False) -> None:
        self.errors = list(errors)
        self.looks = list(looks)
        self.takes = takes
        self.posted: list[tuple[str, str]] = []
        self.keys: dict[str, Posted] = {}
        self.told: list[tuple[str, str]] = []
        self.lacking: dict[str, UsageError] = {}

    def missing(self, channel: str) -> UsageError | None:
        return self.lacking.get(channel)

    def freeze(self, channel: str, digest: Digest) -> str:
        del channel
        return json.dumps({"headline": digest.headline})

    def post(self, channel: str, message: str, key: str) -> Posted:
        error = self.errors.pop(0) if self.errors else None
        if error is not None and not (self.takes and isinstance(error, ChatDoubtful)):
            raise error
        self.posted.append((channel, json.loads(message)["headline"]))
        self.keys[key] = Posted(channel, f"ts-{len(self.posted)}")
        if error is not None:
            raise error
        return self.keys[key]

    def find(self, channel: str, key: str, since: datetime) -> Posted | None:
        del channel, since
        if self.looks:
            raise self.looks.pop(0)
        return self.keys.get(key)

    def health(self) -> ChatHealth:
        return ChatHealth("release-bot in DIRAC", None, (), frozenset({"dirac"}))

    def tell(self, user: str, text: str) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.told.append((user, text))


class FakeWatching:
    """What can be watched: ``tags`` of each repository by FORGE:PATH, ``lists`` of each organisation by FORGE:PATH/*.

    An error in the place of either is raised. ``followed`` are the organisations that are
    watched, ``meant`` the repositories that the configuration file names elsewhere.
    """

    def __init__(self, *, followed: Sequence[str] = (), meant: Sequence[str] = ()) -> None:
        self.tags: dict[str, list[Tag] | ForgeError] = {}
        self.lists: dict[str, list[Listed]] = {}
        self.followed = followed
        self.meant = meant

    def look(self, target: str, scheme: str, prefix: str) -> Sequence[tuple[str, Fit]]:
        del prefix
        tags = self.tags[target]
        if isinstance(tags, ForgeError):
            raise tags
        forge, _, path = target.partition(":")
        read = candidates(Repository(forge, path, path, DiracScheme()))
        return best_first({name: fit_of(each, tags) for name, each in read.items() if scheme in ("", name)})

    def listed(self, target: str) -> Sequence[Listed]:
        return self.lists[target]

    def organisations(self) -> Sequence[str]:
        return self.followed

    def named(self) -> frozenset[str]:
        return frozenset(key.lower() for key in self.meant)
