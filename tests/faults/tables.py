"""The tables of faults, by the heading of each."""

from collections.abc import Callable

from tests.faults import chats, databases, forges, places, settings
from tests.faults.rows import table

TABLES: dict[str, Callable[[], str]] = {
    "Forges": lambda: table([*forges.rows()]),
    "Slack": lambda: table([*chats.rows()]),
    "Notification services": lambda: table([*places.rows()]),
    "The database": lambda: table([*databases.rows()]),
    "The configuration": settings.table,
}


def section(heading: str) -> str:
    """Let the faults of a table happen, and write what came of them below its heading."""
    return f"## {heading}\n\n{TABLES[heading]()}"
