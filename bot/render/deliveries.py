"""Deliveries as a table and as JSON; pure."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rich.table import Table

from bot.render.json_form import Json, moment_json
from bot.render.tables import plain_table
from bot.render.words import moment_words, printable
from bot.services.ports import Delivery


def deliveries_table(deliveries: Sequence[Delivery], zone: ZoneInfo) -> Table:
    """Show deliveries, each with its period, its last attempt, and why it is not sent."""
    table = plain_table("id", "digest", "channel", "period until", "state", "attempts", "last attempt", "next", "why")
    for each in deliveries:
        table.add_row(
            str(each.id),
            printable(each.digest),
            printable(each.channel),
            moment_words(each.period_end, zone),
            each.state,
            str(each.attempts),
            moment_words(each.attempted_at, zone) if each.attempted_at else "",
            moment_words(each.not_before, zone) if each.not_before else "",
            printable(each.error or ""),
        )
    return table


def delivery_json(delivery: Delivery, zone: ZoneInfo) -> Json:
    """Write a delivery, without its message."""
    return {
        "id": delivery.id,
        "digest": delivery.digest,
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
