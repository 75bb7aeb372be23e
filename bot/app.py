"""The composition root: builds forges, store and chat from the settings; the only reader of clock and environment."""

import getpass
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache, partial
from hashlib import pbkdf2_hmac
from pathlib import Path
from socket import gethostname
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from bot.chats.posting import Posting
from bot.config.channels import parse_channel, stored_name
from bot.config.chats import OtherPlace
from bot.config.database import require_not_passed_over
from bot.config.forges import ForgeSettings, IndexSettings
from bot.config.load import find, load
from bot.config.models import Settings
from bot.config.redaction import secrets_in
from bot.config.secrets import (
    key_variables,
    lines_of,
    private_key,
    read_secrets,
    secret_files,
    token,
    token_variables,
)
from bot.config.watchlist import make_watched
from bot.domain.errors import UsageError
from bot.domain.filters import choose_repositories
from bot.domain.periods.period import AsOf
from bot.domain.repositories import Repository, source_of
from bot.domain.watchlist import Additions
from bot.forges.site import AppCredentials, ForgeOptions, Reserve
from bot.queries.base import QueryContext, Watched
from bot.services.rebuild import outdated, refresh_releases
from bot.store.errors import StoreError

if TYPE_CHECKING:
    from bot.chats.base import ConfiguredChat
    from bot.chats.notify.client import NotificationClient
    from bot.domain.certification.certification import Plan
    from bot.domain.digests.archive import DigestId
    from bot.queries.language.vocabulary import Vocabulary
    from bot.services.deliver import DeliverySender
    from bot.services.digests import DigestOrder
    from bot.services.leases import Leases
    from bot.services.poll import PollOutcome
    from bot.services.poll_schedule import Timing
    from bot.services.ports import Chat, Forge, PackageIndex
    from bot.services.status import Status
    from bot.store.store import Store

Environment = Mapping[str, str]

_log = logging.getLogger(__name__)

# Slows down guessing a token from its fingerprint in the database: 40 ms for each guess.
_ROUNDS = 100_000


def environment() -> Environment:
    """Return the environment of this process."""
    return os.environ  # noqa: TID251 - the one place that reads it


def now() -> datetime:
    """Return the time in UTC, in whole seconds: forges have no finer ones."""
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the one place that reads the clock


def who() -> str:
    """Return the user at the terminal, for the record of changes."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def open_app(config: str | None) -> "App":
    """Read the configuration and build the application; nothing is connected yet. Raises ConfigErrors."""
    variables = environment()
    return app_of(load(find(config, variables), variables), variables)


def app_of(settings: Settings, variables: Environment) -> "App":
    """Build the application of settings, with the secrets that the environment has or names. Raises ConfigErrors."""
    files = secret_files(settings, variables)
    read = (settings.file, *files.values(), *settings.ca_files, *settings.calendar_files)
    app = App(settings, {**variables, **read_secrets(files)}, read)
    # Report an invalid key before anything runs; a running worker keeps the previous one.
    app.secrets()
    return app


@lru_cache(maxsize=64)
def _known_by(secret: str, key: str) -> str:
    """Return the fingerprint of a secret in a database; cached, as it is slow on purpose."""
    return pbkdf2_hmac("sha256", secret.encode(), key.encode(), _ROUNDS, 8).hex()


# A page is asked about at most so many repositories.
_MOST_NAMED = 20
# The hint for periods that overlap or leave gaps.
SINCE_LAST_HINT = "remove period: each digest then begins where the previous one ended"


@dataclass(frozen=True)
class App:
    """The bot as configured; each part is built when it is first used.

    ``variables`` include secrets from files; ``files`` are all files that were read. ``posting`` tracks posts in
    progress, ``additions`` are the repositories that the store adds to those of the configuration file,
    ``addresses`` replace the forges' own URLs, ``index_addresses`` those of package indexes.
    """

    settings: Settings
    variables: Environment = field(repr=False)
    files: tuple[Path, ...] = ()
    posting: Posting = field(default_factory=Posting, repr=False, compare=False)
    additions: Additions = field(default_factory=Additions)
    addresses: Mapping[str, str] = field(default_factory=dict)
    index_addresses: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def watched(self) -> Watched:
        """Return everything that is watched."""
        return make_watched(self.settings, self.additions)

    @property
    def database_url(self) -> str:
        """Return the database's URL. Raises UsageError if an earlier database would be ignored."""
        location = self.settings.database_location
        require_not_passed_over(location, Path.cwd())
        return location.url

    @contextmanager
    def store(self) -> Iterator["Store"]:
        """Open the database for writing, migrated, with all releases made by the current rules."""
        from bot.store.store import Store

        with Store.open(self.database_url) as store:
            refresh_releases(self.as_known(store).repositories(), store)
            yield store

    @contextmanager
    def reading(self) -> Iterator["Store"]:
        """Open an existing database for reading, even a read-only one. Raises StoreError."""
        with self.reading_known() as (_, store):
            yield store

    @contextmanager
    def reading_known(self) -> "Iterator[tuple[App, Store]]":
        """Open an existing database for reading, with the app that knows what it adds. Raises StoreError."""
        from bot.store.store import Store

        with Store.open_to_read(self.database_url) as store:
            known = self.as_known(store)
            repositories = known.repositories()
            if not store.database.is_read_only:
                refresh_releases(repositories, store)
            elif old := outdated(repositories, store.tags):
                what = f"the releases of {old[0].key} were made by other rules than the configuration's"
                hint = "run release-bot db upgrade as a user with write permission"
                raise StoreError(store.database.where, what, hint)
            yield known, store

    def as_known(self, store: "Store") -> "App":
        """Return the app with the repositories that the store adds to the configuration file's."""
        return replace(self, additions=store.watchlist.additions())

    def as_recorded(self) -> "App":
        """Return the app with the repositories that the database adds, if it can be read; no release is made anew."""
        from bot.store.store import Store

        with suppress(StoreError, UsageError), Store.open_to_read(self.database_url) as store:
            return self.as_known(store)
        return self

    @contextmanager
    def forges(self, names: Iterable[str], store: "Store | None" = None) -> "Iterator[dict[str, Forge]]":
        """Build the named forges; with a store they share rate limits with all processes that use it."""
        built = {
            name: self._forge(name, None if store is None else self._reserving(name, store))
            for name in dict.fromkeys(names)
        }
        try:
            yield built
        finally:
            for forge in built.values():
                forge.close()

    def accounts(self, names: Iterable[str], store: "Store") -> dict[str, str]:
        """Return by forge the account whose rate limit it uses: its host, and the token's fingerprint."""
        key = store.leases.key("accounts")
        return {name: self._account(self.settings.forges[name], key) for name in names}

    def _account(self, forge: ForgeSettings, key: str) -> str:
        """Return the name of an account, from which the token cannot easily be guessed."""
        if forge.app is not None:
            secret = f"App {forge.app.id} {forge.app.installation}"
        else:
            secret = token(self.variables, forge.token_env) or ""
        return f"{urlsplit(forge.address).netloc.rpartition('@')[2]} {_known_by(secret, key)}"

    def _reserving(self, name: str, store: "Store") -> Reserve:
        account = self.accounts([name], store)[name]

        def reserve(resource: str, count: int, most: int) -> float:
            try:
                return store.leases.reserve(f"{account} {resource}", count, most)
            except StoreError as error:
                _log.warning("cannot read the requests of other processes: %s", error)
                return 0.0

        return reserve

    def leases(self, store: "Store") -> "Leases":
        """Return the leases of this process."""
        from bot.services.leases import Holder, Leases

        return Leases(store.leases, Holder(uuid4().hex, f"{gethostname()}, process {os.getpid()}"))

    def _forge(self, name: str, reserve: Reserve | None = None) -> "Forge":
        forge = self.settings.forges[name]
        address, ca_file = self.addresses.get(name, forge.address), self.settings.beside(forge.ca_file)
        return forge.site.connect(
            ForgeOptions(
                name,
                address,
                self._as_app(forge) or token(self.variables, forge.token_env),
                now,
                forge.requests_per_minute,
                ca_file,
                reserve,
                self.variables,
            )
        )

    def _as_app(self, forge: ForgeSettings) -> AppCredentials | None:
        app = forge.app
        key = private_key(self.variables, app.key_env) if app else None
        return AppCredentials(app.id, app.installation, key) if app and key else None

    @cached_property
    def chats(self) -> "Mapping[str, ConfiguredChat]":
        """Return the configured chats by name."""
        from bot.chats.router import KINDS

        secrets = partial(token, self.variables)
        return {name: KINDS[chat.kind](chat, secrets) for name, chat in self.settings.configured_chats.items()}

    @cached_property
    def places(self) -> Mapping[str, "NotificationClient | UsageError"]:
        """Return the notification services by name; for one that cannot be posted to, the error."""
        return {name: self._place(name, place) for name, place in self.settings.places.items()}

    def _place(self, name: str, place: OtherPlace) -> "NotificationClient | UsageError":
        where, address = f"places.{name}", token(self.variables, place.url_env)
        if address is None:
            return UsageError(where, f"${place.url_env} is not set", "set it to the Apprise URL of the service")
        from bot.chats.notify.client import NotificationClient

        ca_file = self.settings.beside(place.ca_file)
        try:
            return NotificationClient(where, place.url_env, address, place.format, ca_file=ca_file)
        except UsageError as error:
            return error

    @cached_property
    def chat(self) -> "Chat":
        """Return the router to all chats and notification services."""
        from bot.chats.router import ChatRouter

        clients = {name: chat.client for name, chat in self.chats.items()}
        return ChatRouter(clients, self.places, self.posting)

    def delivery_sender(self, store: "Store") -> "DeliverySender":
        """Return the sender of deliveries."""
        from bot.services.deliver import DeliverySender

        return DeliverySender(self.chat, store.deliveries, now, self.settings.maintainers)

    def secrets(self) -> tuple[str, ...]:
        """Return every secret that this process knows, so that logs can mask them."""
        tokens = [token(self.variables, name) for name in token_variables(self.settings)]
        keys = [private_key(self.variables, name) for name in key_variables(self.settings)]
        # A log line has no line breaks, so a key would appear line by line.
        lines = [line for key in keys if key for line in lines_of(key)]
        addresses = [token(self.variables, place.url_env) for place in self.settings.places.values()]
        tokens += [part for address in addresses if address for part in secrets_in(address)]
        database = urlsplit(self.settings.database_location.url)
        passwords = [database.password, *parse_qs(database.query).get("password", [])]
        return tuple(secret for secret in (*tokens, *lines, *passwords) if secret)

    @property
    def hook_forges(self) -> frozenset[str]:
        """Return the names of the forges that webhooks are taken of: those with a secret for them."""
        named = {name: forge.webhook_secret_env for name, forge in self.settings.forges.items()}
        return frozenset(name for name, variable in named.items() if token(self.variables, variable) is not None)

    def set_variables(self) -> frozenset[str]:
        """Return the variables of secrets that are set."""
        settings, variables = self.settings, self.variables
        tokens = [name for name in token_variables(settings) if token(variables, name) is not None]
        keys = [name for name in key_variables(settings) if private_key(variables, name) is not None]
        return frozenset((*tokens, *keys))

    def watched_forges(self) -> list[str]:
        """Return the names of the forges of everything watched."""
        of_repositories = {each.forge for each in self.watched.repositories}
        return sorted(of_repositories | {each.forge for each in self.watched.organisations})

    def repositories(self, asked: tuple[str, ...] = ()) -> tuple[Repository, ...]:
        """Return the named watched repositories, all by default. Raises UsageError for one that is not watched."""
        return tuple(choose_repositories(asked, self.watched.repositories))

    @property
    def stale_after(self) -> timedelta:
        """Return the age of the last poll from which a repository counts as not checked."""
        return self.settings.stale_after

    def as_of_now(self) -> AsOf:
        """Return now, in the configured zone."""
        return AsOf.at(now(), self.settings.time_zone)

    def period_faults(self) -> list[tuple[str, str]]:
        """Return the digests whose periods overlap or leave gaps, each with the problem."""
        from bot.domain.digests.coverage import coverage_of

        zone = self.settings.time_zone
        found = [(each.name, coverage_of(each.period, each.schedule, zone, now())) for each in self.settings.digests]
        return [(name, coverage.fault) for name, coverage in found if coverage.fault]

    def plans(self, store: "Store") -> "list[Plan]":
        """Return the certification plans with all changes."""
        from bot.services.certification import plans_as_known

        settings = self.settings
        return plans_as_known(settings.plans, self.watched.repositories, store.certification, self.as_of_now())

    def vocabulary(self) -> "Vocabulary":
        """Return the vocabulary of questions."""
        return self._vocabulary

    @cached_property
    def _vocabulary(self) -> "Vocabulary":
        """Return the vocabulary, whose names are read once for all questions; another list is another app."""
        from bot.queries.language.vocabulary import Vocabulary

        digests = tuple(digest.name for digest in self.settings.digests)
        forges = {name: forge.page_host for name, forge in self.settings.forges.items()}
        return Vocabulary(self.repositories(), digests, self.settings.known_milestone_kinds, forges)

    def query_context(
        self,
        store: "Store",
        as_of: AsOf,
        *,
        own: Sequence[str] = (),
        is_maintainer: bool = False,
        is_brief: bool = False,
    ) -> QueryContext:
        """Return the context of queries; ``own`` are the keys of the asker's repositories.

        ``is_brief`` is for answers that are only shown in words.
        """
        return QueryContext(
            store=store,
            watched=self.watched,
            as_of=as_of,
            stale_after=self.stale_after,
            read_plans=lambda: self.plans(store),
            read_digests=self.orders,
            own=own,
            is_maintainer=is_maintainer,
            page_of=self._page_of_question,
            home=self.page_at("/"),
            is_brief=is_brief,
        )

    def page_at(self, address: str) -> str:
        """Return the URL of a page; empty where the pages have no public URL: then nothing links to them."""
        public = self.settings.web.public_url
        return f"{public}{address}" if public else ""

    def _page_of_question(self, question: str, as_of: AsOf, own: Sequence[str]) -> str:
        named = () if set(own) >= {each.key for each in self.watched.repositories} else own
        if not self.page_at("/") or len(named) > _MOST_NAMED:
            return ""
        from bot.web import addresses

        asked = {"q": question, "as_of": as_of.end.isoformat(), "repository": named}
        return self.page_at(addresses.with_parameters(addresses.SEARCH, asked))

    def _page_of_digest(self, name: str, channel: str, of: "DigestId | None") -> str:
        if not self.page_at("/"):
            return ""
        from bot.web import addresses

        return self.page_at(addresses.digests(name, channel) if of is None else addresses.digest(of))

    def timing(self) -> "Timing":
        """Return how often repositories are polled."""
        from bot.services.poll_schedule import Timing

        plans = {source_of(plan.repository) for plan in self.settings.plans}
        polling = self.settings.poll
        return Timing(polling.every, polling.full_every, plans, polling.share, hook_forges=self.hook_forges)

    def status(self, store: "Store", forges: "Mapping[str, Forge]") -> "Status":
        """Return the current status; no forge is queried."""
        from bot.services.organisations import followed
        from bot.services.status import read_status

        followings = followed(self.watched.organisations, self.watched.origins, store.watchlist)
        return replace(read_status(self.repositories(), forges, store, self.timing(), now()), followings=followings)

    def completed(
        self,
        polling: "Iterable[PollOutcome]",
        repositories: Sequence[Repository],
        forges: "Mapping[str, Forge]",
        store: "Store",
        stop: Event | None = None,
    ) -> "Iterator[PollOutcome]":
        """Yield the outcomes of a poll after reading package indexes and evidence of certifications."""
        from bot.services.evidence import EvidenceCollector
        from bot.services.package_index import IndexReader

        every = self.settings.poll.full_every
        with self._indexes(repositories) as indexes:
            read = IndexReader(indexes, store, now, every).after(polling, repositories, stop)
            collector = EvidenceCollector(self.plans(store), forges, store, now, every)
            yield from collector.after(read, repositories, stop)

    @contextmanager
    def _indexes(self, repositories: Iterable[Repository]) -> "Iterator[Mapping[str, PackageIndex]]":
        """Build the package indexes of repositories."""
        names = {e.index.partition(":")[0] for each in repositories for e in each.readers if e.index}
        built = {name: self._index(name) for name in sorted(names)}
        try:
            yield built
        finally:
            for index in built.values():
                index.close()

    def _index(self, name: str) -> "PackageIndex":
        index = self.settings.indexes.get(name, IndexSettings())
        address = self.index_addresses.get(name, index.address)
        from bot.forges.index.simple import SimpleIndex

        return SimpleIndex(name, address, ca_file=self.settings.beside(index.ca_file))

    def orders(self, plans: "Sequence[Plan]") -> "list[DigestOrder]":
        """Return an order for every configured digest and channel, with the certification plans."""
        organisations = [each.key for each in self.watched.organisations]
        orders = self.settings.orders(self.watched.repositories, organisations, plans)
        return [replace(order, page_of=self._page_of_digest) for order in orders]

    def orders_named(self, name: str | None, channel: str | None, store: "Store") -> "list[DigestOrder]":
        """Return orders of a configured digest, by default the first, for each of its channels or for ``channel``.

        Raises UsageError for a name that is not configured.
        """
        from bot.services.digests import orders_named

        found = orders_named(name, self.orders(self.plans(store)))
        if channel is None:
            return found
        stored = stored_name(*parse_channel(channel, self.settings.configured_chats))
        own = next((order for order in found if order.channel == stored), None)
        return [own or replace(found[0], channel=stored)]


def config_path(config: str | None) -> Path:
    """Return the path of the configuration file that would be read."""
    return find(config, environment())
