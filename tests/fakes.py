"""Stand-ins for the ports, as small as can be; the real ones have tests of their own."""

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from bot.domain.digests.delivery import Frozen, Posted
from bot.domain.digests.digest import Digest
from bot.domain.errors import UsageError
from bot.domain.organisations import Listed
from bot.domain.polling.budget import Cost, Limit, Price
from bot.domain.polling.record import PollDepth
from bot.domain.proposals import Proposal, propose
from bot.domain.repositories import Repository
from bot.domain.subscriptions import Announcement
from bot.domain.tags import Tag, TagDetails, TagRef
from bot.domain.versions.dirac import DiracScheme
from bot.domain.versions.schemes import SCHEMES
from bot.domain.watch_rules import WatchRules
from bot.render.announcement import announcement_lines
from bot.render.markup import TEXT
from bot.services.ports import (
    ChatDoubtful,
    ChatError,
    ChatHealth,
    ChatUnavailable,
    CommandButton,
    EvidenceAnswer,
    EvidenceRequest,
    ForgeError,
    ForgeHealth,
    NotesAnswer,
    NotesRequest,
    PollAnswer,
    PollRequest,
    RepositoryNotFound,
    Search,
)


class FakeForge:
    """A forge whose answers are set by path: the refs with their details, or an error.

    It keeps to ``tests/forges/test_contract.py`` as the real ones do: every look is a complete one, what did not
    change is not listed again, and details are given where they are not known, or all of them by a full look.
    """

    def __init__(self, **answers: dict[TagRef, TagDetails | None] | ForgeError | Exception) -> None:
        self.answers = answers
        self.asked: list[PollRequest] = []
        self.told: list[Limit] = []
        self.ahead = timedelta(0)
        self.lists: dict[str, list[Listed] | ForgeError] = {}
        self.texts: dict[tuple[str, str], str | ForgeError] = {}
        self.asked_for_notes: list[NotesRequest] = []

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        for request in requests:
            self.asked.append(request)
            where = f"forge:{request.path}"
            answer = self.answers.get(request.path.rpartition("/")[2], RepositoryNotFound(where, "no such repository"))
            if isinstance(answer, ForgeError):
                yield PollAnswer(request.path, requests=1, error=answer)
            elif isinstance(answer, Exception):
                raise answer
            else:
                yield self._answer(request, answer)

    def _answer(self, request: PollRequest, held: dict[TagRef, TagDetails | None]) -> PollAnswer:
        look = max(request.look, PollDepth.COMPLETE)
        validator = validator_of(held)
        is_unchanged = validator == request.validator and not request.full
        if is_unchanged and request.is_detailed:
            return PollAnswer(request.path, validator=validator, requests=1, look=look)
        # What is known is read only where a list may have stayed the same, as by the real ones.
        is_new = request.full or request.validator is None
        known = {} if is_new else {name: request.known[name] for name in request.detailed & request.known.keys()}
        details = {ref.name: told for ref, told in held.items() if told is not None and known.get(ref.name) != ref}
        refs = None if is_unchanged else tuple(held)
        return PollAnswer(request.path, refs, details, validator, requests=1, look=look)

    def evidence(self, request: EvidenceRequest) -> EvidenceAnswer:
        return EvidenceAnswer(request.path, (), {}, ())

    def notes(self, request: NotesRequest) -> NotesAnswer:
        """Return what is in ``texts`` by tag and file; a release's text has no file."""
        self.asked_for_notes.append(request)
        answer = self.texts.get((request.tag, request.file))
        if isinstance(answer, ForgeError):
            return NotesAnswer(request.path, requests=1, error=answer)
        return NotesAnswer(request.path, answer, requests=1)

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


def validator_of(held: Iterable[TagRef]) -> str:
    """Return what a ``FakeForge`` calls a list of refs: another one whenever a ref is another."""
    return sha256(repr(sorted(held, key=lambda ref: ref.name)).encode()).hexdigest()


class FakeChat:
    """A chat that keeps what was posted; ``errors`` are raised by the posts to come, ``looks`` by the looks.

    A message is kept all the same where an error says that it may have arrived and ``takes`` is set. ``time`` is its
    own clock, None for one that it does not tell; a message is in its history once it was sent ``shown_after`` ago.
    ``before_posting`` is called when a post has begun. A message names at most ``most`` announced releases.
    """

    most = 1_000

    time: datetime | None = None
    shown_after = timedelta()
    before_posting: Callable[[], object] = staticmethod(lambda: None)

    def __init__(self, *errors: ChatError, looks: Sequence[ChatError] = (), takes: bool = False) -> None:
        self.errors = list(errors)
        self.looks = list(looks)
        self.takes = takes
        self.posted: list[tuple[str, str]] = []
        self.keys: dict[str, Posted] = {}
        self.threads: dict[str, str | None] = {}
        self.sent_at: dict[str, datetime | None] = {}
        self.searched: list[datetime | None] = []
        self.deleted: list[Posted] = []
        self.told: list[tuple[str, str]] = []
        self.buttons: list[CommandButton] = []
        self.lacking: dict[str, UsageError] = {}
        self.ids: dict[str, str | ChatError] = {}

    def home(self, channel: str) -> str:
        del channel
        return "chat"

    def missing(self, channel: str) -> UsageError | None:
        return self.lacking.get(channel)

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        del channel
        return Frozen(json.dumps({"headline": digest.headline}))

    def freeze_announcement(self, channel: str, announcement: Announcement) -> Frozen:
        del channel
        lines = [line for lines in announcement_lines(announcement.first(self.most), TEXT) for line in lines]
        unnamed = frozenset(item.key for item in announcement.items[self.most :])
        return Frozen(json.dumps({"headline": "\n".join(lines)}), unnamed)

    def clock(self, channel: str) -> datetime | None:
        del channel
        return self.time

    def post(
        self, channel: str, message: str, key: str, deadline: float = math.inf, *, thread: str | None = None
    ) -> Posted:
        self.before_posting()
        if time.monotonic() >= deadline:
            raise ChatUnavailable(channel, "the deadline has passed")
        error = self.errors.pop(0) if self.errors else None
        if error is not None and not (self.takes and isinstance(error, ChatDoubtful)):
            raise error
        self.posted.append((channel, json.loads(message)["headline"]))
        identity = self.ids.get(channel)
        self.keys[key] = Posted(identity if isinstance(identity, str) else channel, f"ts-{len(self.posted)}")
        self.threads[key] = thread
        self.sent_at[key] = self.time
        if error is not None:
            raise error
        return self.keys[key]

    def identify(self, channel: str) -> str:
        found = self.ids.get(channel, channel)
        if isinstance(found, ChatError):
            raise found
        return found

    def find(self, channel: str, key: str, since: datetime | None, *, thread: str | None = None) -> Search:
        self.searched.append(since)
        if self.looks:
            raise self.looks.pop(0)
        posted = self.keys.get(key)
        is_there = posted is not None and posted.channel == channel and self._shows(key, since)
        # As in Slack, replies are not in the channel's history, and a thread begins with its first message.
        is_there = is_there and (self.threads[key] == thread or (posted is not None and posted.message == thread))
        return Search(posted if is_there else None, self.time)

    def _shows(self, key: str, since: datetime | None) -> bool:
        sent_at = self.sent_at.get(key)
        if self.time is None or sent_at is None:
            return True
        return sent_at + self.shown_after <= self.time and (since is None or sent_at >= since)

    def delete(self, channel: str, posted: Posted) -> None:
        del channel
        self.deleted.append(posted)

    def health(self) -> ChatHealth:
        return ChatHealth("release-bot in DIRAC", None, (), frozenset({"dirac"}))

    def direct_message(self, user: str, text: str, buttons: Sequence[CommandButton] = ()) -> None:
        self.buttons = list(buttons)
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

    def proposal(self, target: str, rules: WatchRules) -> Proposal:
        tags = self.tags[target]
        if isinstance(tags, ForgeError):
            raise tags
        forge, _, path = target.partition(":")
        tried = [rules.tags.scheme] if rules.tags.scheme else list(SCHEMES)
        return propose(Repository(forge, path, path, DiracScheme(rules.tags.prefix)), tags, tried)

    def members(self, target: str, rules: WatchRules) -> Sequence[Listed]:
        del rules
        return self.lists[target]

    def organisations(self) -> Sequence[str]:
        return self.followed

    def named(self) -> frozenset[str]:
        return frozenset(key.lower() for key in self.meant)
