"""The errors of the store; what the databases complain of is turned into them in ``database``."""

from bot.domain.errors import BotError


class StoreError(BotError):
    """The database cannot be used as it is; the text says what to do."""


class NoDatabase(StoreError):
    """Nothing has made the database yet."""

    def __init__(self, where: str) -> None:
        hint = "run release-bot poll first, to create and fill the database"
        super().__init__(where, "no database yet", hint)


class RecordChanged(Exception):
    """Another worker wrote to a repository's record since it was read: read it again."""
