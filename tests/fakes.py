"""Stand-ins for the ports, as small as can be; the real ones have tests of their own."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.domain.budget import Cost, Limit, Price
from bot.domain.digests import Digest
from bot.domain.tags import TagDetails, TagRef
from bot.services.ports import ChatError, EvidenceAnswer, EvidenceRequest, ForgeError, PollAnswer, PollRequest, Posted


class FakeForge:
    """A forge whose answers are set by path: the refs with their details, or an error."""

    def __init__(self, **answers: dict[TagRef, TagDetails | None] | ForgeError | Exception) -> None:
        self.answers = answers
        self.asked: list[PollRequest] = []
        self.told: list[Limit] = []

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

    def prices(self) -> Sequence[Price]:
        return [Price("core", 60, timedelta(hours=1), quick=Cost(1), complete=Cost(1), full=Cost(2))]

    def limits(self) -> Sequence[Limit]:
        return self.told

    def close(self) -> None:
        """Nothing to give back."""


class FakeChat:
    """A chat that keeps what was posted, or fails with the errors set, one a post."""

    def __init__(self, *errors: ChatError) -> None:
        self.errors = list(errors)
        self.posted: list[tuple[str, str]] = []

    def freeze(self, digest: Digest) -> str:
        return json.dumps({"headline": digest.headline})

    def post(self, channel: str, message: str, delivery: int) -> Posted:
        if self.errors:
            raise self.errors.pop(0)
        self.posted.append((channel, json.loads(message)["headline"]))
        return Posted(channel, f"ts-{delivery}")
