"""The composition root: builds forges, store and chat from the settings; the only reader of clock and environment."""

import getpass
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from hashlib import pbkdf2_hmac
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from bot.config.building import page_host
from bot.config.database import require_not_passed_over
from bot.config.extending import extended
from bot.config.keys import lines_of, private_key
from bot.config.masking import secrets_in
from bot.config.secrets import key_variables, read_secrets, secret_files, token_variables
from bot.config.settings import find, load, token
from bot.config.values import DigestSettings, ForgeSettings, PlaceSettings, Settings
from bot.domain.certifications import Plan
from bot.domain.composing import Reminding
from bot.domain.coverage import coverage_of
from bot.domain.errors import UsageError
from bot.domain.periods import AsOf
from bot.domain.questions.vocabulary import Vocabulary
from bot.domain.repositories import Repository
from bot.domain.selection import choose_repositories
from bot.services.answering import Desk, orders_named
from bot.services.certifying import plans_as_known
from bot.services.delivering import Courier
from bot.services.due import Timing
from bot.services.following import followed
from bot.services.gathering import Gatherer
from bot.services.leasing import Holder, Leases
from bot.services.ports import Chat, Conversation, Forge, Listener, Store, StoreError
from bot.services.receiving import Reception
from bot.services.reporting import DigestOrder
from bot.services.routing import Posting, Routes
from bot.services.rules import outdated, refresh_releases
from bot.services.standing import Standing, standing

if TYPE_CHECKING:
    from bot.forges.github_app import AppCredentials
    from bot.places.place import ApprisePlace
    from bot.store.sql import SqlStore

Environment = Mapping[str, str]

_log = logging.getLogger(__name__)

# What makes it slow to try guesses at a token by what it is known by in the database: 40 ms each.
_ROUNDS = 100_000


def environment() -> Environment:
    """Give the environment of this process."""
    return os.environ  # noqa: TID251 - the one place that reads it


def now() -> datetime:
    """Give the time, in UTC, in whole seconds: no forge tells finer ones."""
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the one place that reads the clock


def who() -> str:
    """Name the person at the terminal, for the record of changes."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def open_app(config: str | None) -> "App":
    """Read the configuration and build the application; nothing is connected yet. Raises ConfigErrors."""
    variables = environment()
    settings = load(find(config, variables), variables)
    files = secret_files(settings, variables)
    app = App(settings, {**variables, **read_secrets(files)}, (settings.file, *files.values(), *settings.ca_files))
    # A key that is none is told before anything runs, and a running worker goes on with the one before.
    app.secrets()
    return app


@lru_cache(maxsize=64)
def _known_by(secret: str, key: str) -> str:
    """Return what a secret is known by in a database; made once, as it is slow on purpose."""
    return pbkdf2_hmac("sha256", secret.encode(), key.encode(), _ROUNDS, 8).hex()


# What to do about periods that overlap or leave gaps.
SINCE_LAST_HINT = "leave period out: each then begins where the one before it ended"


@dataclass(frozen=True)
class App:
    """The bot as configured; each part is built when it is first asked for.

    ``variables`` hold the secrets that stand in files too; ``files`` are all that was read. ``posting`` tells whether
    something is being posted.
    """

    settings: Settings
    variables: Environment = field(repr=False)
    files: tuple[Path, ...] = ()
    posting: Posting = field(default_factory=Posting, repr=False, compare=False)

    @property
    def database_url(self) -> str:
        """The database's URL. Raises UsageError where a database of before would be passed over."""
        settings = self.settings
        if settings.database_file and settings.database_path:
            require_not_passed_over(settings.database_file, settings.database_path, Path.cwd())
        return settings.database_url

    @contextmanager
    def store(self) -> Iterator["SqlStore"]:
        """Open the database to write, migrated, with every release made by the rules of now."""
        from bot.store.sql import SqlStore

        with SqlStore.open(self.database_url) as store:
            refresh_releases(self.as_known(store).settings.repositories, store)
            yield store

    @contextmanager
    def reading(self) -> Iterator["SqlStore"]:
        """Open the database that is there already, also one that may only be read. Raises StoreError."""
        from bot.store.sql import SqlStore

        with SqlStore.open_to_read(self.database_url) as store:
            repositories = self.as_known(store).settings.repositories
            if not store.is_read_only:
                refresh_releases(repositories, store)
            elif old := outdated(repositories, store):
                what = f"its releases of {old[0].key} were made by other rules than those of the configuration"
                hint = "this user may not write it: run release-bot db upgrade as a user who may"
                raise StoreError(store.where, what, hint)
            yield store

    def as_known(self, store: Store) -> "App":
        """Give the bot with what the store adds to the repositories of the configuration file."""
        return replace(self, settings=extended(self.settings, store.additions()))

    @contextmanager
    def forges(self, names: Iterable[str], store: Store | None = None) -> Iterator[dict[str, Forge]]:
        """Build the forges of these names; with a store they keep to the pace of all processes that share it."""
        built = {
            name: self._forge(self.settings.forges[name], None if store is None else self._reserving(name, store))
            for name in dict.fromkeys(names)
        }
        try:
            yield built
        finally:
            for forge in built.values():
                forge.close()

    def accounts(self, names: Iterable[str], store: Store) -> dict[str, str]:
        """Name by forge whose limit it is asked with: its host, and what the token is known by in this database."""
        key = store.key("accounts")
        return {name: self._account(self.settings.forges[name], key) for name in names}

    def _account(self, forge: ForgeSettings, key: str) -> str:
        """Name an account: never by its token, and by nothing that a guessed token is easily tried with."""
        if forge.app is not None:
            secret = f"App {forge.app.id} {forge.app.installation}"
        else:
            secret = token(self.variables, forge.token_env) or ""
        return f"{urlsplit(forge.base_url).netloc.rpartition('@')[2]} {_known_by(secret, key)}"

    def _reserving(self, name: str, store: Store) -> Callable[[str, int, int], float]:
        account = self.accounts([name], store)[name]

        def reserve(resource: str, count: int, most: int) -> float:
            try:
                return store.reserve(f"{account} {resource}", count, most)
            except StoreError as error:
                _log.warning("the pace of other processes is not known: %s", error)
                return 0.0

        return reserve

    def leases(self, store: Store) -> Leases:
        """Give the leases of this process."""
        return Leases(store, Holder(uuid4().hex, f"{gethostname()}, process {os.getpid()}"))

    def _forge(self, forge: ForgeSettings, reserve: Callable[[str, int, int], float] | None = None) -> Forge:
        secret = token(self.variables, forge.token_env)
        if forge.kind == "github":
            from bot.forges.github import GitHubForge

            return GitHubForge(
                forge.name,
                forge.base_url,
                self._as_app(forge) or secret,
                most_a_minute=forge.requests_per_minute,
                now=now,
                ca_file=forge.ca_file,
                reserve=reserve,
            )
        if forge.kind == "git":
            from bot.forges.git import GitForge

            # Git takes it from there before its own configuration.
            own = {"GIT_SSL_CAINFO": str(forge.ca_file.absolute())} if forge.ca_file else {}
            return GitForge(forge.name, forge.base_url, secret, now=now, variables={**self.variables, **own})
        from bot.forges.gitlab import GitLabForge

        return GitLabForge(
            forge.name,
            forge.base_url,
            secret,
            most_a_minute=forge.requests_per_minute,
            now=now,
            ca_file=forge.ca_file,
            reserve=reserve,
        )

    def _as_app(self, forge: ForgeSettings) -> "AppCredentials | None":
        from bot.forges.github_app import AppCredentials

        app = forge.app
        key = private_key(self.variables, app.key_env) if app else None
        return AppCredentials(app.id, app.installation, key) if app and key else None

    @cached_property
    def slack(self) -> Conversation | None:
        """Slack; None where its token is not in the environment."""
        secret = token(self.variables, self.settings.slack.bot_token_env)
        if secret is None:
            return None
        from bot.slack.chat import SlackChat

        slack = self.settings.slack
        return SlackChat(secret, slack.base_url, is_listening=not self.missing_to_listen(), ca_file=slack.ca_file)

    @cached_property
    def places(self) -> Mapping[str, "ApprisePlace | UsageError"]:
        """The other places by name, each with what is wrong instead where it cannot be posted to."""
        return {name: self._place(name, place) for name, place in self.settings.places.items()}

    def _place(self, name: str, place: PlaceSettings) -> "ApprisePlace | UsageError":
        where, address = f"places.{name}", token(self.variables, place.url_env)
        if address is None:
            return UsageError(where, f"${place.url_env} is not set", "put the place's Apprise address there")
        from bot.places.place import ApprisePlace

        try:
            return ApprisePlace(where, place.url_env, address, place.language, ca_file=place.ca_file)
        except UsageError as error:
            return error

    @cached_property
    def chat(self) -> Chat:
        """All that digests can be posted to, Slack and the other places."""
        return Routes(self.slack or self._without_slack(), self.places, self.posting)

    def _without_slack(self) -> UsageError:
        variable = self.settings.slack.bot_token_env
        return UsageError("slack", f"${variable} is not set", "put the bot's token (xoxb-...) there")

    def courier(self, store: Store) -> Courier:
        """Give what brings deliveries to the chat."""
        return Courier(self.chat, store, now, self.settings.slack.maintainers)

    def missing_to_listen(self) -> list[str]:
        """Name the variables without which questions in chat cannot be heard."""
        slack = self.settings.slack
        second = slack.app_token_env if slack.listen == "socket" else slack.signing_secret_env
        return [name for name in (slack.bot_token_env, second) if token(self.variables, name) is None]

    def examine_app_token(self) -> None:
        """Ask Slack whether the token for Socket Mode is good, where questions come by it. Raises ChatError."""
        from bot.slack.chat import examine_app_token

        slack = self.settings.slack
        secret = token(self.variables, slack.app_token_env)
        if slack.listen == "socket" and secret is not None:
            examine_app_token(secret, slack.base_url, slack.ca_file)

    def listener(self, reception: Reception) -> Listener:
        """Build what listens to chat in the configured way; nothing is connected yet.

        Raises UsageError where a secret is missing, or the address cannot be listened at.
        """
        from bot.slack.listening import make_listener

        slack = self.settings.slack
        bot_token, app_token, signing_secret = (
            token(self.variables, name) for name in (slack.bot_token_env, slack.app_token_env, slack.signing_secret_env)
        )
        if bot_token is None:
            raise self._without_slack()
        bolt, threads = make_listener(
            reception, bot_token, slack.base_url, signing_secret=signing_secret, ca_file=slack.ca_file
        )
        if slack.listen == "socket":
            from bot.slack.socket_mode import SocketListener

            return SocketListener(bolt, threads, app_token or "", ca_file=slack.ca_file)
        from bot.slack.http_mode import HttpListener

        return HttpListener(bolt, threads, signing_secret or "", slack.http_host, slack.http_port)

    def secrets(self) -> tuple[str, ...]:
        """Give every secret that this process knows, so that logs can mask them."""
        tokens = [token(self.variables, name) for name in token_variables(self.settings)]
        keys = [private_key(self.variables, name) for name in key_variables(self.settings)]
        # A log line holds no line break: a key would stand there line by line.
        lines = [line for key in keys if key for line in lines_of(key)]
        addresses = [token(self.variables, place.url_env) for place in self.settings.places.values()]
        tokens += [part for address in addresses if address for part in secrets_in(address)]
        database = urlsplit(self.settings.database_url)
        passwords = [database.password, *parse_qs(database.query).get("password", [])]
        return tuple(secret for secret in (*tokens, *lines, *passwords) if secret)

    def set_variables(self) -> frozenset[str]:
        """Name the variables whose secrets are there."""
        settings, variables = self.settings, self.variables
        tokens = [name for name in token_variables(settings) if token(variables, name) is not None]
        keys = [name for name in key_variables(settings) if private_key(variables, name) is not None]
        return frozenset((*tokens, *keys))

    def watched_forges(self) -> list[str]:
        """Name the forges of what is watched."""
        of_repositories = {each.forge for each in self.settings.repositories}
        return sorted(of_repositories | {each.forge for each in self.settings.organisations})

    def repositories(self, asked: tuple[str, ...] = ()) -> tuple[Repository, ...]:
        """Give the watched repositories that are meant. Raises UsageError for one that is not watched."""
        return tuple(choose_repositories(asked, self.settings.repositories))

    @property
    def stale_after(self) -> timedelta:
        """How long ago the last poll of a repository may be without being told of."""
        return self.settings.full_every + self.settings.poll_every

    def as_of_now(self) -> AsOf:
        """Look from now, in the configured zone."""
        return AsOf.at(now(), self.settings.time_zone)

    def order(self, digest: DigestSettings, channel: str, plans: Sequence[Plan]) -> DigestOrder:
        """Give a configured digest for one of its channels, as the use cases take it."""
        chosen = frozenset(digest.repositories)
        return DigestOrder(
            name=digest.name,
            channel=channel,
            period=digest.period,
            repositories=[each for each in self.settings.repositories if each.key in chosen],
            organisations=digest.organisations,
            schedule=digest.schedule,
            skip_when_quiet=digest.when_quiet == "skip",
            catch_up=digest.catch_up,
            plans=plans,
            reminding=Reminding(self.stale_after, self.settings.remind_within),
        )

    def period_faults(self) -> list[tuple[str, str]]:
        """Find the digests whose periods overlap or leave gaps, each with what is wrong."""
        zone = self.settings.time_zone
        found = [(each.name, coverage_of(each.period, each.schedule, zone, now())) for each in self.settings.digests]
        return [(name, coverage.fault) for name, coverage in found if coverage.fault]

    def plans(self, store: Store) -> list[Plan]:
        """Give the plans of certification as they are now."""
        settings = self.settings
        return plans_as_known(settings.plans, settings.repositories, store, self.as_of_now())

    def vocabulary(self) -> Vocabulary:
        """Give what questions are understood with."""
        digests = tuple(digest.name for digest in self.settings.digests)
        forges = {name: page_host(forge) for name, forge in self.settings.forges.items()}
        return Vocabulary(self.settings.repositories, digests, self.settings.milestone_kinds, forges)

    def desk(self, store: Store, as_of: AsOf, *, own: Sequence[str] = (), is_maintainer: bool = False) -> Desk:
        """Give what questions are answered from; ``own`` are the asker's repositories, by key."""
        return Desk(
            repositories=self.settings.repositories,
            store=store,
            as_of=as_of,
            stale_after=self.stale_after,
            plans=self.plans(store),
            digests=self.orders(store),
            own=own,
            is_maintainer=is_maintainer,
        )

    def timing(self) -> Timing:
        """Give how often repositories are polled."""
        plans = {plan.repository for plan in self.settings.plans}
        return Timing(self.settings.poll_every, self.settings.full_every, plans, self.settings.poll_share)

    def standing(self, store: Store, forges: Mapping[str, Forge]) -> Standing:
        """Look how the bot is doing now; no forge is asked."""
        followings = followed(self.settings.organisations, self.settings.origins, store)
        return replace(standing(self.repositories(), forges, store, self.timing(), now()), followings=followings)

    def gatherer(self, forges: Mapping[str, Forge], store: Store) -> Gatherer:
        """Give what asks the forges for the traces of certification."""
        return Gatherer(self.plans(store), forges, store, now, self.settings.full_every)

    def orders(self, store: Store) -> list[DigestOrder]:
        """Give every configured digest for each of its channels, with the plans of certification as they are now."""
        plans = self.plans(store)
        return [self.order(digest, channel, plans) for digest in self.settings.digests for channel in digest.channels]

    def orders_named(self, name: str | None, channel: str | None, store: Store) -> list[DigestOrder]:
        """Find a configured digest by name, the first where none is named, for each of its channels, or for another.

        Raises UsageError for a name that is not configured.
        """
        found = orders_named(name, self.orders(store))
        if channel is None:
            return found
        own = next((order for order in found if order.channel == channel), None)
        return [own or replace(found[0], channel=channel)]


def config_path(config: str | None) -> Path:
    """Give the path of the configuration file that would be read."""
    return find(config, environment())
