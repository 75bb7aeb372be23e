"""The demo: the bot on DIRAC's recorded history, polled over HTTP on loopback."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from bot.app import App, now
from bot.config.load import load
from bot.demo.folder import CONFIG
from bot.demo.serve import VARIABLES, with_addresses
from bot.domain.digests.digest import Digest
from bot.domain.periods.options import read_as_of, read_span
from bot.queries.base import Query, Result, run
from bot.queries.claim import Claim
from bot.queries.releases import Count
from bot.queries.selection import Filters
from bot.services.digests import make_digest
from bot.services.notes import NotesReader
from bot.services.poll import PollOutcome, poll
from bot.services.poll_schedule import complete

if TYPE_CHECKING:
    from bot.store.store import Store


@dataclass(frozen=True)
class Demo:
    """The bot of the demo with its open database."""

    app: App
    store: "Store"

    def poll(self) -> tuple[list[PollOutcome], float]:
        """Poll every repository; return the outcomes in the order of the configuration, and the seconds it took."""
        began = time.monotonic()
        repositories = self.app.repositories()
        with self.app.forges(self.app.watched_forges()) as forges:
            asked = complete(repositories, self.store.tags, self.app.timing(), now())
            polling = poll(asked, forges, self.store, now, watched=[each.key for each in repositories])
            outcomes = list(self.app.completed(polling, repositories, forges, self.store))
        order = {repository.key: number for number, repository in enumerate(repositories)}
        return sorted(outcomes, key=lambda outcome: order[outcome.repository]), time.monotonic() - began

    def digest(self, as_of: str) -> Digest:
        """Make the digest of a day. Raises UsageError."""
        moment = read_as_of(as_of, self.app.settings.time_zone)
        [order, *_] = self.app.orders_named("slide", None, self.store)
        return make_digest(order, self.store, moment, moment.end)

    def read_notes(self, of: Digest) -> None:
        """Read the release notes of a digest's final releases, as a worker does when they are new."""
        by_key = {repository.key: repository for repository in self.app.repositories()}
        with self.app.forges(self.app.watched_forges()) as forges:
            reader = NotesReader(forges, self.store, now)
            for release in of.news:
                if release.kind.is_final:
                    reader.fetch(by_key[release.repository], release)

    def count(self, as_of: str) -> Result:
        """Count DIRAC's releases in the month before a day, and list them. Raises UsageError."""
        return self._ask(as_of, lambda month: Count(month, most=None))

    def claim(self, as_of: str, number: int) -> Result:
        """Find the readings of the same count that give a number. Raises UsageError."""
        return self._ask(as_of, lambda month: Claim(month, number))

    def _ask(self, as_of: str, query: Callable[[Filters], Query]) -> Result:
        moment = read_as_of(as_of, self.app.settings.time_zone)
        month = Filters(("DIRAC",), span=read_span("1m", moment))
        return run(query(month), self.app.query_context(self.store, moment))


@contextmanager
def open_demo(folder: Path, addresses: Mapping[str, str], *, is_served: bool) -> Iterator[Demo]:
    """Write the demo's configuration into a folder, and open the bot there, with forges and index at these addresses.

    ``is_served`` says that the forges stay there, so that the configuration has the addresses too.
    """
    config = folder / CONFIG
    written = files("bot.demo").joinpath("demo.toml").read_text(encoding="utf-8")
    config.write_text(with_addresses(written, addresses if is_served else {}), encoding="utf-8")
    settings = load(config, VARIABLES)
    of_forges = {name: addresses[forge.kind] for name, forge in settings.forges.items()}
    of_indexes = {name: addresses[name] for name in settings.indexes}
    app = App(settings, VARIABLES, addresses=of_forges, index_addresses=of_indexes)
    with app.store() as store:
        yield Demo(app, store)
