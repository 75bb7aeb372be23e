"""What is wrong with a configuration: every mistake in one go."""

from typing import NamedTuple

from bot.domain.errors import BotError, UsageError

Place = tuple[str | int, ...]


class ConfigErrors(BotError):
    """All that is wrong with a configuration, each with its place and the mend."""

    def __init__(self, errors: tuple[BotError, ...]) -> None:
        super().__init__("configuration", "\n".join(str(error) for error in errors))
        self.errors = errors


class Refused(ValueError):
    """A value that cannot be taken, said where it is checked; a ValueError because pydantic gathers those."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"{what}; {hint}")
        self.what = what
        self.hint = hint

    @classmethod
    def from_usage(cls, error: UsageError) -> "Refused":
        """Say the same of a value in the file as of one on the command line."""
        return cls(error.what, error.hint)


class Mistake(NamedTuple):
    """One mistake: the way to its key from the top of the file, what is wrong, and the mend."""

    place: Place
    what: str
    hint: str
