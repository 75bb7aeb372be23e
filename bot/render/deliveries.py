"""Deliveries as a table and as JSON."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.domain.digests.delivery import Delivery
from bot.render.json_form import Json, moment_json
from bot.render.table import Column, Table
from bot.render.words import moment_words

_COLUMNS = (
    Column("id"),
    Column("digest"),
    Column("channel"),
    Column("period until", rank=1),
    Column("state"),
    Column("attempts", is_number=True, rank=4),
    Column("last attempt", rank=3),
    Column("next", rank=2),
    Column("why"),
)


def deliveries_table(deliveries: Sequence[Delivery], zone: ZoneInfo) -> Table:
    """Return a table of deliveries with period, last attempt, and the reason why each is not sent."""
    return Table.of(_COLUMNS, (_row(each, zone) for each in deliveries))


def _row(delivery: Delivery, zone: ZoneInfo) -> tuple[str, ...]:
    return (
        str(delivery.id),
        delivery.digest or "(releases)",
        delivery.channel,
        moment_words(delivery.period_end, zone),
        delivery.state,
        str(delivery.attempts),
        moment_words(delivery.attempted_at, zone) if delivery.attempted_at else "",
        moment_words(delivery.not_before, zone) if delivery.not_before else "",
        delivery.error or "",
    )


def delivery_json(delivery: Delivery, zone: ZoneInfo) -> Json:
    """Return a delivery as JSON, without its message; ``digest`` is null for an announcement of releases."""
    return {
        "id": delivery.id,
        "digest": delivery.digest or None,
        "channel": delivery.channel,
        "period": {
            "start": moment_json(delivery.period_start, zone),
            "end": moment_json(delivery.period_end, zone),
            "time_zone": zone.key,
        },
        "state": delivery.state,
        "attempts": delivery.attempts,
        "attempted_at": moment_json(delivery.attempted_at, zone),
        "not_before": moment_json(delivery.not_before, zone),
        "error": delivery.error,
        "message": delivery.message_id,
        "asked_by": delivery.by or None,
    }
