"""The dates of a git server's tags: fetched in batches, as many as time allows, the newest versions first."""

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.domain.tags import TagDetails
from bot.forges.counter import RequestCounter
from bot.forges.git.client import Fetched, GitServer, Manner
from bot.forges.git.objects import PeeledTag, details_of
from bot.forges.git.process import TimedOut, late, size_of
from bot.services.ports import ForgeError, ForgeUnavailable

_BATCH = 500
# A batch that cannot be had is tried in parts of this fraction; one tag alone is let be.
_PART = 8
_MOST_LEFT = 3
# Seconds that even the last question is given.
_LEAST = 1.0


class GitDates:
    """The dates of one repository's tags.

    ``details`` are what was learnt, by tag name; ``trouble`` is what kept it from being
    more, None where nothing did. A server of mere files sends all that came before too, and
    one without filters sends trees: that much is read, and no more.
    """

    def __init__(self, server: GitServer, counter: RequestCounter, folder: Path) -> None:
        self._server = server
        self._counter = counter
        self._folder = folder
        self.details: dict[str, TagDetails] = {}
        self.trouble: ForgeError | None = None
        self._is_dumb = False
        self._is_filtered = True
        self._is_too_large = False
        self._is_over = False
        self._sent = 0

    def read(self, tags: Sequence[PeeledTag], seconds: float) -> None:
        """Read the dates of tags in the order given, for about so many seconds; never raise for a server's trouble.

        The refs are known by then, and that is worth recording; what is missing is requested at the next poll.
        """
        self.trouble = self._server.resting(self._counter)
        if self.trouble is not None:
            return
        self._read(tags, seconds)
        if self.trouble is not None and not self._is_filtered and (self._is_over or not self.details):
            self._server.let_rest(self._counter)

    def _read(self, tags: Sequence[PeeledTag], seconds: float) -> None:
        waiting, size, left = list(tags), _BATCH, 0
        deadline = time.monotonic() + seconds
        while waiting and not self._is_over and left < _MOST_LEFT and (rest := deadline - time.monotonic()) > 0:
            batch, others = waiting[:size], waiting[size:]
            trouble = self._tried(batch, rest / 2)
            if trouble is None:
                waiting, size = others, min(_BATCH, 2 * size)
                self._look_at_costs(is_last=not waiting)
                continue
            self.trouble = trouble
            if len(batch) == 1:
                waiting, left = others, left + 1
            else:
                waiting = [tag for tag in batch if tag.ref.name not in self.details] + others
                size = 1 if self._is_too_large else -(-len(batch) // _PART)

    def _tried(self, batch: Sequence[PeeledTag], seconds: float) -> ForgeError | None:
        """Read one batch; give what kept it from being whole, which is the end of it all where it stays so."""
        try:
            trouble = self._read_batch(batch, seconds)
        except TimedOut:
            return late(self._counter.where)
        except ForgeError as error:
            self._is_over = True
            return error
        self._is_over = self._is_too_large and len(batch) == 1
        return trouble

    def _look_at_costs(self, *, is_last: bool) -> None:
        """Raise an error once what was sent is out of bounds."""
        if not is_last and self._server.is_spent(self._sent):
            self.trouble, self._is_over = self._server.too_heavy(self._counter), True

    def _read_batch(self, batch: Sequence[PeeledTag], seconds: float) -> ForgeError | None:
        """Read one batch; give what kept it from being whole. Raises TimedOut, and ForgeError for what stays."""
        trouble: ForgeError | None = None
        deadline = time.monotonic() + seconds
        with TemporaryDirectory(dir=self._folder) as made:
            scratch = Path(made)
            self._server.make_scratch(scratch, batch[0].ref.target)
            # Some servers refuse filters, and a filter keeps out the trees that tags may point to.
            for manner in (Manner.FILTERED, Manner.SHALLOW, Manner.WHOLE):
                if (manner is Manner.WHOLE) != self._is_dumb:
                    continue
                missing = [tag for tag in batch if tag.ref.name not in self.details]
                rest = max(_LEAST, deadline - time.monotonic())
                fetched = self._fetched(missing, scratch, rest, manner)
                trouble = fetched.trouble
                if fetched.is_too_large:
                    return trouble
                if self._take(missing, scratch):
                    return None
                if trouble is None:
                    return ForgeUnavailable(self._counter.where, "the git server did not send every object")
        return trouble

    def _fetched(self, missing: Sequence[PeeledTag], scratch: Path, seconds: float, manner: Manner) -> Fetched:
        """Fetch what tags point to, and learn what the server can and what that costs."""
        self._is_filtered = manner is Manner.FILTERED
        oids = [tag.ref.target for tag in missing]
        fetched = self._server.fetch(self._counter, oids, scratch, seconds, manner)
        self._is_dumb, self._is_too_large = self._is_dumb or fetched.is_dumb, fetched.is_too_large
        self._is_filtered = fetched.is_filtered
        self._sent += 0 if fetched.is_filtered else size_of(scratch)
        return fetched

    def _take(self, tags: Sequence[PeeledTag], scratch: Path) -> bool:
        """Read the details of the fetched objects; return whether those are all."""
        objects = self._server.objects([oid for tag in tags for oid in (tag.ref.target, tag.peeled)], scratch)
        found = {tag.ref.name: details_of(tag, objects) for tag in tags}
        self.details |= {name: details for name, details in found.items() if details is not None}
        return all(found.values())
