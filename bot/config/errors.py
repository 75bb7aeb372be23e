"""Errors in a configuration: every mistake is reported at once."""

from typing import NamedTuple

from bot.domain.errors import BotError, UsageError

Place = tuple[str | int, ...]


class ConfigErrors(BotError):
    """All mistakes in a configuration, each with its place and the fix."""

    def __init__(self, errors: tuple[BotError, ...]) -> None:
        super().__init__("configuration", "\n".join(str(error) for error in errors))
        self.errors = errors


class InvalidValue(ValueError):
    """An invalid value, raised by the validator of a key; a ValueError, because pydantic collects those."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(f"{what}; {hint}")
        self.what = what
        self.hint = hint

    @classmethod
    def from_usage(cls, error: UsageError) -> "InvalidValue":
        """Return the error for a value in the file that is invalid on the command line too."""
        return cls(error.what, error.hint)


class Mistake(NamedTuple):
    """One mistake: the path of its key from the top of the file, what is wrong, and the fix."""

    place: Place
    what: str
    hint: str
