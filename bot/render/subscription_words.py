"""Subscriptions in words, as a table and as JSON."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from bot.domain.filters import KindWord
from bot.domain.subscriptions import AskedFrom, Subscription
from bot.render.json_form import Json, moment_json
from bot.render.markup import Markup
from bot.render.table import Column, Table
from bot.render.words import listed, moment_words

_KINDS = {KindWord.ALL: "releases of any kind", KindWord.PRE_RELEASE: "pre-releases"}
_COLUMNS = (
    Column("number", is_number=True),
    Column("channel"),
    Column("repository"),
    Column("releases"),
    Column("since", rank=1),
    Column("by", rank=2),
    Column("ended", rank=3),
)


def releases_words(subscription: Subscription, markup: Markup) -> str:
    """Return which releases are told: ``v7r2``, ``final releases``, ``patch releases of v7r1``."""
    if subscription.normalized:
        return markup.plain(subscription.version)
    kinds = listed([_KINDS.get(kind, f"{kind.value} releases") for kind in subscription.kinds or (KindWord.FINAL,)])
    return f"{kinds} of {markup.plain(subscription.series)}" if subscription.series else kinds


def subject_words(subscription: Subscription, names: Mapping[str, str], markup: Markup) -> str:
    """Return what is told: ``final releases of v7r1 of DIRAC``; ``names`` are repositories' names by key."""
    repository = subscription.repository
    return f"{releases_words(subscription, markup)} of {markup.plain(names.get(repository, repository))}"


def channel_words(channel: str, origin: AskedFrom | None, markup: Markup) -> str:
    """Return where it is told: ``here``, ``in a direct message to you``, ``in #dirac-releases``."""
    if origin is None:
        before, is_direct, user = channel.rpartition("@")
        return f"in a direct message to {markup.plain(before + user)}" if is_direct else f"in {markup.plain(channel)}"
    if channel == origin.direct:
        return "in a direct message to you" if origin.channel else "here"
    return "here" if origin.channel else f"in {markup.plain(channel)}"


def subscriptions_table(subscriptions: Sequence[Subscription], zone: ZoneInfo, markup: Markup) -> Table:
    """Return a table of subscriptions."""
    rows = (
        (
            str(each.number),
            each.channel,
            each.repository,
            releases_words(each, markup),
            moment_words(each.at, zone),
            each.who,
            "" if each.ended_at is None else f"{moment_words(each.ended_at, zone)} ({each.ended_by or 'told'})",
        )
        for each in subscriptions
    )
    return Table.of(_COLUMNS, rows)


def subscription_json(subscription: Subscription, zone: ZoneInfo) -> Json:
    """Return a subscription as JSON; ``ended_by`` is null where it goes on, and where its one release was told."""
    return {
        "number": subscription.number,
        "channel": subscription.channel,
        "repository": subscription.repository,
        "series": subscription.series or None,
        "release": subscription.version or None,
        "kinds": [kind.value for kind in subscription.kinds or (KindWord.FINAL,)],
        "at": moment_json(subscription.at, zone),
        "who": subscription.who,
        "ended_at": moment_json(subscription.ended_at, zone),
        "ended_by": subscription.ended_by or None,
    }
