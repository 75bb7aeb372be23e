"""A site over a store, and a client of it without sockets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from werkzeug.test import Client

from bot.domain.periods.period import AsOf
from bot.domain.repositories import Repository
from bot.queries.base import QueryContext, Watched
from bot.queries.language.vocabulary import Vocabulary
from bot.services.poll_schedule import Timing
from bot.services.status import Status, read_status
from bot.store.state import state_of
from bot.store.store import Store
from bot.web.site import Site
from bot.web.visits import Source
from tests.builders import as_of
from tests.fakes import FakeForge

NOW = as_of("2021-02-22T14:00")


def a_source(store: Store, repositories: Sequence[Repository], now: AsOf = NOW, **context: object) -> Source:
    """Make a source of pages of a store; ``context`` are parts of the context of queries."""

    def context_at(moment: AsOf) -> QueryContext:
        given = QueryContext(store, Watched(repositories), moment, timedelta(hours=2))
        return replace(given, **context)  # type: ignore[arg-type]

    def status() -> Status:
        timing = Timing(timedelta(minutes=10), timedelta(hours=24), frozenset(), 0.5)
        return read_status(repositories, {each.forge: FakeForge() for each in repositories}, store, timing, now.end)

    return Source(
        now=lambda: now,
        context=context_at,
        vocabulary=lambda: Vocabulary(tuple(repositories)),
        status=status,
        state=lambda: state_of(store.database),
        version="0",
    )


def a_client(store: Store, repositories: Sequence[Repository], now: AsOf = NOW, **context: object) -> Client:
    """Make a client of a site."""
    return Client(Site(a_source(store, repositories, now, **context)))
