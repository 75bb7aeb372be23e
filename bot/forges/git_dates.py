"""The dates of a git server's tags: fetched in batches, as many as time allows, the newest versions first."""

import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.domain.tags import TagDetails
from bot.forges.git_client import Asking, GitServer
from bot.forges.git_objects import ListedTag, details_of
from bot.forges.git_process import TimedOut
from bot.forges.git_troubles import late
from bot.services.ports import ForgeError, ForgeUnavailable

_BATCH = 500
# A batch that cannot be had is tried in parts of this fraction; one tag alone is let be.
_PART = 8
_MOST_LEFT = 3
# Seconds that even the last question is given.
_LEAST = 1.0
_AGAIN = "it is asked again at the next poll"


class GitDates:
    """The dates of one repository's tags.

    ``details`` are what was learnt, by tag name; ``trouble`` is what kept it from being
    more, None where nothing did.
    """

    def __init__(self, server: GitServer, asking: Asking, folder: Path) -> None:
        self._server = server
        self._asking = asking
        self._folder = folder
        self.details: dict[str, TagDetails] = {}
        self.trouble: ForgeError | None = None

    def read(self, tags: Sequence[ListedTag], seconds: float) -> None:
        """Read the dates of tags in the order given, for about so many seconds; never raise for a server's trouble.

        The refs are known by then, and that is worth recording; what is missing is asked for at the next poll.
        """
        waiting, size, left = list(tags), _BATCH, 0
        deadline = time.monotonic() + seconds
        while waiting and left < _MOST_LEFT and (rest := deadline - time.monotonic()) > 0:
            batch, others = waiting[:size], waiting[size:]
            try:
                trouble = self._read_batch(batch, rest / 2)
            except TimedOut:
                trouble = late(self._asking.where)
            except ForgeError as error:
                self.trouble = error
                return
            if trouble is None:
                waiting, size = others, min(_BATCH, 2 * size)
                continue
            self.trouble = trouble
            if len(batch) == 1:
                waiting, left = others, left + 1
            else:
                waiting = [tag for tag in batch if tag.ref.name not in self.details] + others
                size = -(-len(batch) // _PART)

    def _read_batch(self, batch: Sequence[ListedTag], seconds: float) -> ForgeError | None:
        """Read one batch; give what kept it from being whole. Raises TimedOut, and ForgeError for what stays."""
        trouble: ForgeError | None = None
        deadline = time.monotonic() + seconds
        with TemporaryDirectory(dir=self._folder) as made:
            scratch = Path(made)
            self._server.make_scratch(scratch, batch[0].ref.target)
            # Some servers refuse filters, and a filter keeps out the trees that tags may stand on.
            for is_filtered in (True, False):
                missing = [tag for tag in batch if tag.ref.name not in self.details]
                oids = [tag.ref.target for tag in missing]
                rest = max(_LEAST, deadline - time.monotonic())
                trouble = self._server.fetch(self._asking, oids, scratch, rest, is_filtered=is_filtered)
                if self._take(missing, scratch):
                    return None
                if trouble is None:
                    return ForgeUnavailable(self._asking.where, "the git server did not send every object", _AGAIN)
        return trouble

    def _take(self, tags: Sequence[ListedTag], scratch: Path) -> bool:
        """Take the details of what has come; tell whether that is all."""
        objects = self._server.objects([oid for tag in tags for oid in (tag.ref.target, tag.peeled)], scratch)
        found = {tag.ref.name: details_of(tag, objects) for tag in tags}
        self.details |= {name: details for name, details in found.items() if details is not None}
        return all(found.values())
