"""The errors of the store; what the databases complain of is turned into them in ``database``."""

from bot.domain.errors import BotError, UsageError


class StoreError(BotError):
    """The database cannot be used as it is; the text says what to do."""


class NoDatabase(StoreError):
    """Nothing has made the database yet."""

    def __init__(self, where: str) -> None:
        hint = "run release-bot poll first, to create and fill the database"
        super().__init__(where, "no database yet", hint)


class NewerDatabase(StoreError, UsageError):
    """A newer program has upgraded the database: this one is the wrong one for it."""

    def __init__(self, where: str, revision: str) -> None:
        super().__init__(where, f"created by a newer release-bot (schema revision {revision})", "upgrade release-bot")


class RecordChanged(Exception):
    """Another worker wrote to a repository's record since it was read: read it again."""
