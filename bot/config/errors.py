"""What is wrong with a configuration: every mistake in one go."""

from bot.domain.errors import BotError


class ConfigErrors(BotError):
    """All that is wrong with a configuration, each with its place and the mend."""

    def __init__(self, errors: tuple[BotError, ...]) -> None:
        super().__init__("configuration", "\n".join(str(error) for error in errors))
        self.errors = errors
