"""What goes wrong, told as WHERE, WHAT and a HINT, so that the edge can print one clear line."""

RETRY = "run it again"


class BotError(Exception):
    """Something a person can understand and fix; printed as ``where: what; hint``.

    Where no hint fixes it, but it ``may_pass``, the worker tries again without being told to,
    and a command says that its reader can.
    """

    may_pass = False

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        super().__init__(where, what, hint)
        self.where = where
        self.what = what
        self.hint = hint

    @property
    def reason(self) -> str:
        """What and the hint, for where it is plain what it is about."""
        return f"{self.what}; {self.hint}" if self.hint else self.what

    @property
    def retry(self) -> str:
        """What whoever ran a command can do where nothing but another try helps; else empty."""
        return RETRY if self.may_pass and not self.hint else ""

    @property
    def for_command(self) -> str:
        """The line as a command prints it, which tries nothing again."""
        return f"{self}; {self.retry}" if self.retry else str(self)

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}" if self.where else self.reason


class UsageError(BotError):
    """What was asked for cannot be asked so: a bad period, an unknown repository or series."""


class ForgeError(BotError):
    """One repository could not be polled; ``where`` is the repository, never a secret in the text."""

    may_pass = True
