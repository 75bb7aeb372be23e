"""The database's schema, said once for SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _partial(index: sa.Index, which: sa.ColumnElement[bool] | sa.TextClause) -> None:
    """Make an index partial on PostgreSQL too, but only when it is created: to do so here would load that dialect."""

    @sa.event.listens_for(index, "before_create")
    def set_where(_: sa.Index, connection: sa.Connection, **_options: object) -> None:
        if connection.dialect.name == "postgresql":
            index.dialect_options["postgresql"]["where"] = which


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment: stored in UTC, given back aware in UTC; a naive time is refused with ValueError.

    SQLite keeps no offset and would drop one without converting.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102
        return None if value is None else in_utc(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:  # noqa: D102
        # They are written by the hundred thousand too.
        return _write_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:  # noqa: D102
        # Histories are read by the hundred thousand: SQLite's text is read in one step, not in four.
        return _read_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102
        return None if value is None else value.astimezone(UTC)


def in_utc(value: datetime) -> datetime:
    """Return a moment in UTC. Raises ValueError for a naive time."""
    if value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        message = f"{value.isoformat()} has no time zone and cannot be stored"
        raise ValueError(message)
    return value.astimezone(UTC)


# A tag, and the release made of it, have one date in several columns.
@lru_cache(maxsize=8_192)
def _write_text(value: datetime | None) -> str | None:
    """Write a moment as SQLAlchemy does: without the offset, which is always that of UTC."""
    if value is None:
        return None
    return in_utc(value).isoformat(" ", "microseconds")[:-6]


def _read_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def _id() -> sa.Column[int]:
    # Only an INTEGER primary key numbers its rows by itself in SQLite.
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"))


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _flagged() -> sa.Column[bool]:
    """Make the column of the forge's mark of a pre-release."""
    return sa.Column("is_flagged", sa.Boolean, nullable=False, server_default=sa.false())


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def _repository_id() -> sa.Column[int]:
    return sa.Column("repository_id", sa.BigInteger, sa.ForeignKey("repositories.id"), nullable=False)


def _observed_tag() -> list[sa.Column[bool] | sa.Column[datetime] | sa.Column[str]]:
    """Make the columns of a tag as observed; ``detailed`` says whether the forge was asked for its dates."""
    return [
        _text("name"),
        _text("target"),
        _flag("annotated"),
        _flag("detailed"),
        _text("commit", nullable=True),
        _moment("published", nullable=True),
        _moment("tagger", nullable=True),
        _moment("committed", nullable=True),
        _moment("first_seen"),
        _moment("last_seen", nullable=True),
        _flag("backfilled"),
        _text("state"),
        _flagged(),
        _moment("moved_at", nullable=True),
        _moment("first_date", nullable=True),
    ]


repositories = sa.Table(
    "repositories",
    metadata,
    _id(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("revision", sa.BigInteger, nullable=False),
    _text("rules"),
    _text("validator", nullable=True),
    _moment("polled_at", nullable=True),
    _moment("full_at", nullable=True),
    _moment("backfilled_at", nullable=True),
    _text("error", nullable=True),
    _moment("failing_since", nullable=True),
    _text("head", nullable=True),
    _moment("complete_at", nullable=True),
    _moment("changed_at", nullable=True),
    _moment("failed_at", nullable=True),
    _count("tag_count"),
    _count("undetailed_count"),
    _moment("suspected_at", nullable=True),
    _words("renamed"),
    _words("identity"),
    _words("rival"),
    _words("undated_because"),
    _moment("upcoming_at", nullable=True),
    _count("considered_count"),
    _count("unclassified_count"),
    sa.Column("is_unread_told", sa.Boolean, nullable=False, server_default=sa.false()),
)

# ``last_seen`` is null while the tag is there: the last poll that saw it is then its
# repository's ``polled_at``, so that a poll without news does not touch the tags.
# ``recorded`` is the revision of its repository with which a row came; 0 where nobody kept it.
tags = sa.Table(
    "tags",
    metadata,
    _id(),
    _repository_id(),
    *_observed_tag(),
    _count("recorded"),
    sa.UniqueConstraint("repository_id", "name"),
    sa.Index(None, "repository_id", "recorded"),
    sa.Index(None, "repository_id", "commit"),
)

# The tag before the event stands in the same columns as a tag; ``to_...`` say where it went.
tag_events = sa.Table(
    "tag_events",
    metadata,
    _id(),
    _repository_id(),
    _text("kind"),
    _moment("at"),
    *_observed_tag(),
    _text("to_target", nullable=True),
    _text("to_commit", nullable=True),
    _count("recorded"),
    sa.Index(None, "repository_id", "at"),
    sa.Index(None, "repository_id", "recorded"),
)

releases = sa.Table(
    "releases",
    metadata,
    _id(),
    _repository_id(),
    _text("normalized"),
    _text("version"),
    _text("series"),
    _text("kind"),
    # In the order of code points, whatever order the database was made with.
    sa.Column("order_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
    _moment("date", nullable=True),
    _text("date_source", nullable=True),
    _moment("first_seen"),
    _flag("backfilled"),
    _text("commit", nullable=True),
    sa.Column("tags", sa.JSON, nullable=False),
    _text("url", nullable=True),
    _text("state"),
    _flagged(),
    _moment("upcoming", nullable=True),
    _count("recorded"),
    # The first date that was known of one that a backfill brought.
    _moment("first_date", nullable=True),
    # Why its package index advises against it: empty without a reason, null where it does not.
    _text("yanked", nullable=True),
    _text("notes_url", nullable=True),
    sa.UniqueConstraint("repository_id", "normalized"),
    # By repository and date, with all that is counted by: counting reads the index alone.
    sa.Index("ix_releases_counted", "repository_id", "date", "kind", "series", "state", "order_key"),
    # By series and date, with the same: counting a named series reads no other.
    sa.Index("ix_releases_of_series", "repository_id", "series", "date", "kind", "state", "order_key"),
    # By series and version, with all that decides which one leads.
    sa.Index("ix_releases_ordered", "repository_id", "series", "order_key", "kind", "state", "date"),
    sa.Index(None, "repository_id", "recorded"),
)

# The releases that came after the first poll are few, and they alone can be news.
IS_LIVE = sa.not_(releases.c.backfilled)
for _name, _by, _sqlite, _postgresql in (
    ("ix_releases_live_by_date", ("repository_id", "date"), "backfilled = 0", "NOT backfilled"),
    ("ix_releases_live_by_first_seen", ("repository_id", "first_seen"), "backfilled = 0", "NOT backfilled"),
    # To count the releases of many repositories in one walk by date; those without one are found by repository.
    ("ix_releases_dated", ("date", "repository_id", "kind", "state"), "date IS NOT NULL", "date IS NOT NULL"),
):
    _indexed = [releases.c[column] for column in _by]
    _partial(sa.Index(_name, *_indexed, sqlite_where=sa.text(_sqlite)), sa.text(_postgresql))


def _counts_in(unit: str, most: int) -> sa.Table:
    """Make the table of how many releases of a kind each of the ``most`` units of a year has, by UTC."""
    return sa.Table(
        f"counts_by_{unit}",
        metadata,
        _counted_of(),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("year", sa.BigInteger, primary_key=True, autoincrement=False),
        *(_count(f"{unit}_{number}") for number in range(1, most + 1)),
        sqlite_with_rowid=False,
    )


def _counted_of() -> sa.Column[int]:
    to = sa.ForeignKey("repositories.id")
    return sa.Column("repository_id", sa.BigInteger, to, primary_key=True, autoincrement=False)


# How many dated releases there are, those left out that are not counted: written with the releases and always equal to
# them, so that to count a long time reads some numbers and not every release. Weeks are those of ISO years.
counts_by_month = _counts_in("month", 12)
counts_by_week = _counts_in("week", 53)
# Of a kind with the first date; those without a date are counted too.
counts_by_kind = sa.Table(
    "counts_by_kind",
    metadata,
    _counted_of(),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("undated", sa.BigInteger, nullable=False),
    _moment("first", nullable=True),
    sqlite_with_rowid=False,
)
# Of a series with the lowest version, and the last date, before which the number is not that of all.
counts_by_series = sa.Table(
    "counts_by_series",
    metadata,
    _counted_of(),
    sa.Column("series", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("lowest", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
    sa.Column("last", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

# The tags that are there and that no rule of their repository reads, dated as releases are, so that the number of
# those of a period is found without reading tags. Made by the same rules as the releases, and anew with them.
unclassified_tags = sa.Table(
    "unclassified_tags",
    metadata,
    sa.Column("repository_id", sa.BigInteger, sa.ForeignKey("repositories.id"), primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, primary_key=True),
    _moment("date", nullable=True),
    sa.Index(None, "repository_id", "date"),
)

# What package indexes list: the versions of each project that belongs to a repository, with when each was first seen.
index_listings = sa.Table(
    "index_listings",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("versions", sa.JSON, nullable=False),
    _text("validator", nullable=True),
    _moment("read_at", nullable=True),
    _text("error"),
    sa.Column("untagged", sa.JSON, nullable=False),
    _moment("failing_since", nullable=True),
    sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
    _moment("next_at", nullable=True),
)

# The notes of releases: of each the block as it was read. ``source`` is null while it has not been read,
# ``next_try`` once it was or was given up.
release_notes = sa.Table(
    "release_notes",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("normalized", sa.Text, primary_key=True),
    _text("source", nullable=True),
    _text("format"),
    _text("text"),
    _moment("read_at", nullable=True),
    _count("tries"),
    sa.Column("next_try", UtcDateTime, nullable=True, index=True),
    _text("error"),
)

digests = sa.Table(
    "digests",
    metadata,
    _id(),
    _text("name"),
    _text("channel"),
    _moment("period_start", nullable=True),
    _moment("period_end"),
    _text("time_zone"),
    _moment("made_at"),
    _text("headline"),
    _moment("due", nullable=True),
    # The moment of the schedule that it stands for; ``copy`` counts those posted again on purpose.
    _moment("slot", nullable=True),
    _count("copy"),
    _moment("observed_at", nullable=True),
    # The revision of each repository that it was made from, by key.
    sa.Column("seen", sa.JSON(none_as_null=True), nullable=True),
    # What it told, in no chat's format; null for those made before this was kept.
    sa.Column("content", sa.JSON(none_as_null=True), nullable=True),
    sa.UniqueConstraint("name", "channel", "slot", "copy"),
)

# Several slots may have one period, as ``this-month`` does: it tells digests without a slot apart, and those alone.
# Nulls are all distinct: periods from the beginning of history need an index of their own.
_FROM_THE_BEGINNING = sa.and_(digests.c.slot.is_(None), digests.c.period_start.is_(None))
for _name, _columns, _which in (
    ("uq_digests_of_a_period", ("period_start", "period_end"), digests.c.slot.is_(None)),
    ("uq_digests_from_the_beginning", ("period_end",), _FROM_THE_BEGINNING),
):
    _of = [digests.c[column] for column in ("name", "channel", *_columns, "copy")]
    _partial(sa.Index(_name, *_of, unique=True, sqlite_where=_which), _which)

digest_releases = sa.Table(
    "digest_releases",
    metadata,
    sa.Column("digest_id", sa.BigInteger, sa.ForeignKey("digests.id"), primary_key=True),
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("normalized", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False, server_default=sa.text("'named'")),
    _moment("date", nullable=True),
    _text("date_source", nullable=True),
    # The reply in the digest's thread that names it; 0 for the first message.
    _count("part"),
    sa.Index(None, "repository", "normalized"),
)

# Who is told of which releases at once. Rows are ended, never deleted: they are the record of who said what.
# ``seen`` is the revision of the repository's record when it was made.
subscriptions = sa.Table(
    "subscriptions",
    metadata,
    _id(),
    _text("channel"),
    _text("repository"),
    _moment("at"),
    _text("who"),
    _text("series"),
    _text("kinds"),
    _text("normalized"),
    _text("version"),
    _count("seen"),
    _moment("ended_at", nullable=True),
    _text("ended_by"),
)

announcements = sa.Table(
    "announcements",
    metadata,
    _id(),
    _text("channel"),
    _moment("made_at"),
)

# What a channel was told of each release, and what that was like then: the key keeps anything from being told twice.
announced_releases = sa.Table(
    "announced_releases",
    metadata,
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("normalized", sa.Text, primary_key=True),
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("announcement_id", sa.BigInteger, sa.ForeignKey("announcements.id"), nullable=False),
    _text("state"),
    _text("commit", nullable=True),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    _id(),
    # It is of a digest or of an announcement.
    sa.Column("digest_id", sa.BigInteger, sa.ForeignKey("digests.id"), nullable=True, unique=True),
    sa.Column("state", sa.Text, nullable=False, index=True),
    _text("message"),
    _text("error", nullable=True),
    _text("message_id", nullable=True),
    _moment("attempted_at", nullable=True),
    _text("asked_by", nullable=True),
    sa.Column("chat_channel", sa.Text, nullable=True, index=True),
    sa.Column("key", sa.Text, nullable=False, server_default=sa.text("''")),
    _count("attempts"),
    _moment("not_before", nullable=True),
    sa.Column("is_told", sa.Boolean, nullable=False, server_default=sa.false()),
    # Grows at every change: whoever acts on what was read before finds that out.
    _count("generation"),
    # By the chat's own clock, not by ours.
    _moment("unsure_until", nullable=True),
    sa.Column("announcement_id", sa.BigInteger, sa.ForeignKey("announcements.id"), nullable=True, unique=True),
    # Messages that follow in the thread of the first, the ids of those that were posted, and how many messages were.
    sa.Column("replies", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("reply_ids", sa.JSON(none_as_null=True), nullable=True),
    _count("posted"),
    sa.Index("uq_deliveries_key", "key", unique=True),
)

forge_limits = sa.Table(
    "forge_limits",
    metadata,
    sa.Column("forge", sa.Text, primary_key=True),
    sa.Column("resource", sa.Text, primary_key=True),
    sa.Column("allowed", sa.BigInteger, nullable=False),
    sa.Column("remaining", sa.BigInteger, nullable=False),
    sa.Column("window_seconds", sa.BigInteger, nullable=False),
    _moment("resets_at", nullable=True),
    _moment("seen_at"),
)

# What the chat delivered and the bot took for answering; a second delivery of it is passed over.
# The last question of each conversation in a chat, which a follow-up refers to.
conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("conversation", sa.Text, primary_key=True),
    _text("question"),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)

# Where the stream of what happens in a chat was left; the name is that of the chat and the bot's account there.
chat_positions = sa.Table(
    "chat_positions",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    _text("position"),
)

# What was asked and not understood, without who asked it.
refused_questions = sa.Table(
    "refused_questions",
    metadata,
    sa.Column("text", sa.Text, primary_key=True),
    sa.Column("times", sa.BigInteger, nullable=False),
    _moment("first_at"),
    _moment("last_at"),
)

chat_events = sa.Table(
    "chat_events",
    metadata,
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False, index=True),
)

schedules = sa.Table(
    "schedules",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    _moment("known_since"),
)

milestone_changes = sa.Table(
    "milestone_changes",
    metadata,
    _id(),
    _text("repository"),
    _text("series"),
    _moment("at"),
    _text("who"),
    _text("kind"),
    _text("title"),
    _text("milestone_kind"),
    sa.Column("day", sa.Date, nullable=True),
    _text("note"),
    sa.Column("undoes", sa.BigInteger, nullable=True),
    sa.Index(None, "repository", "series"),
)

reported_milestones = sa.Table(
    "reported_milestones",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("list", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("title"),
    _moment("created"),
    _moment("closed", nullable=True),
    _text("url", nullable=True),
    sa.Column("dues", sa.JSON, nullable=False),
)

pull_requests = sa.Table(
    "pull_requests",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("title"),
    _text("branch"),
    _moment("created"),
)

evidence_validators = sa.Table(
    "evidence_validators",
    metadata,
    sa.Column("repository", sa.Text, primary_key=True),
    sa.Column("list", sa.Text, primary_key=True),
    _text("validator"),
)

watch_changes = sa.Table(
    "watch_changes",
    metadata,
    _id(),
    _moment("at"),
    _text("who"),
    _text("kind"),
    _text("target"),
    _text("scheme"),
    _text("prefix"),
    _text("counts"),
    sa.Column("undoes", sa.BigInteger, nullable=True),
    sa.Column("rules", sa.Text, nullable=False, server_default=sa.text("'{}'")),
)

series_changes = sa.Table(
    "series_changes",
    metadata,
    _id(),
    _text("repository"),
    _text("series"),
    _moment("at"),
    _text("who"),
    _text("status"),
    _text("note"),
    sa.Column("undoes", sa.BigInteger, nullable=True),
)

organisations = sa.Table(
    "organisations",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    _moment("listed_at", nullable=True),
    _moment("tried_at"),
    _text("error", nullable=True),
)

# The flags are those of the first listing; ``missed`` counts the listings in a row without the repository.
organisation_members = sa.Table(
    "organisation_members",
    metadata,
    sa.Column("organisation", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    _flag("is_fork"),
    _flag("is_archived"),
    _count("missed"),
    sa.Column("rules", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("is_doubtful", sa.Boolean, nullable=False, server_default=sa.false()),
)

# Who of several workers may do something now, such as asking a forge with a token.
leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    _text("holder"),
    _text("who"),
    _moment("ends_at"),
)

# When each repository that is watched is due for a look, by its forge's clock: made of its record and the rhythm, and
# made anew when these change. ``claim`` is the lease of whoever looks at it now.
looks = sa.Table(
    "looks",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    _text("forge"),
    _moment("next_at"),
    # The last try that it was made of.
    _moment("tried_at", nullable=True),
    _text("claim", nullable=True),
    sa.Index(None, "forge", "next_at"),
    sa.Index(None, "forge", "tried_at"),
)
_claimed = sa.text("claim IS NOT NULL")
_partial(sa.Index("ix_looks_claimed", looks.c.forge, looks.c.claim, sqlite_where=_claimed), _claimed)

# The round of a forge's looks with a token: all workers look at what is due until ``cutoff``. ``basis`` names what the
# looks were made by, ``slower`` is the pace within the budget, set at ``budgeted_at``.
look_rounds = sa.Table(
    "look_rounds",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("forge", sa.Text, primary_key=True),
    _text("basis"),
    sa.Column("interval_percent", sa.BigInteger, nullable=False),
    _moment("budgeted_at"),
    _moment("opened_at", nullable=True),
    _moment("cutoff", nullable=True),
)

# The webhooks of each repository that is watched: when the last one arrived, when a look is due because of them (null
# for none), and when the last such look began; all by the database's clock. The row with a forge's own name as its
# source stands for webhooks that name no such repository.
hooks = sa.Table(
    "hooks",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    _text("forge"),
    _moment("arrived_at"),
    _moment("due_at", nullable=True),
    _moment("looked_at", nullable=True),
)
_due = sa.text("due_at IS NOT NULL")
_partial(sa.Index("ix_hooks_due", hooks.c.forge, hooks.c.due_at, sqlite_where=_due), _due)

# How many requests were made with a token in the last minute: pairs of seconds since 1970 and a number.
request_paces = sa.Table(
    "request_paces",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("recent", sa.JSON, nullable=False),
)

database_keys = sa.Table(
    "database_keys",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    _text("value"),
)
