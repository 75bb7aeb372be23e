"""What goes wrong, told as WHERE, WHAT and a HINT, so that the edge can print one clear line."""


class BotError(Exception):
    """Something a person can understand and mend; printed as ``where: what; hint``."""

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        super().__init__(where, what, hint)
        self.where = where
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        told = f"{self.where}: {self.what}" if self.where else self.what
        return f"{told}; {self.hint}" if self.hint else told


class UsageError(BotError):
    """What was asked for cannot be asked so: a bad period, an unknown repository or series."""
