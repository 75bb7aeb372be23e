"""All the tables of faults, one after the other."""

from tests.faults import chats, databases, forges, places, settings
from tests.faults.rows import table


def tables() -> str:
    """Let every fault happen, and write what came of it."""
    parts = {
        "Forges": table([*forges.rows()]),
        "Slack": table([*chats.rows()]),
        "Other places": table([*places.rows()]),
        "The database": table([*databases.rows()]),
        "The configuration": settings.table(),
    }
    return "\n".join(f"## {name}\n\n{part}" for name, part in parts.items())
