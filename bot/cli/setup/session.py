"""What the steps of ``init`` share: the answers, the secrets that were typed, and the application as drafted so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import click

from bot.app import App, Environment, app_of
from bot.cli.context import Options
from bot.config.draft import Draft
from bot.config.load import load_text
from bot.config.secrets import has_secret
from bot.domain.errors import RETRY, BotError
from bot.render.words import printable
from bot.services.doctor import Check, Severity

# "Run it again" is for commands that have ended.
_RETRY = "enter it again to retry"


@dataclass
class Session:
    """A run of ``init`` for the file at ``path``: it asks on a terminal, or takes the defaults if not ``is_asking``.

    ``typed`` are the secrets that were typed, by variable; ``environment`` is that of the process.
    """

    options: Options
    path: Path
    environment: Environment = field(repr=False)
    is_asking: bool
    typed: dict[str, str] = field(default_factory=dict, repr=False)

    def ask(self, question: str, default: str = "") -> str:
        """Ask for one line, and return it, or the default for an empty one."""
        if not self.is_asking:
            return default
        answer: str = click.prompt(question, default=default, show_default=bool(default))
        return answer.strip()

    def ask_secret(self, question: str) -> str:
        """Ask for a secret, which is not shown; return an empty string if there is none."""
        if not self.is_asking:
            return ""
        answer: str = click.prompt(question, default="", show_default=False, hide_input=True)
        return answer.strip()

    def say(self, line: str) -> None:
        """Print one line."""
        click.echo(printable(line))

    def say_error(self, error: BotError) -> None:
        """Print an error before the question is asked again."""
        hint = f"; {_RETRY}" if error.retry else ""
        click.echo(f"error: {printable(f'{error}{hint}')}", err=True)

    def say_checks(self, checks: Iterable[Check]) -> None:
        """Print what was checked; what is wrong goes to stderr, with what to do."""
        words = {Severity.FINE: "ok", Severity.WARNING: "warning", Severity.FAULT: "error"}
        for check in checks:
            line = f"{words[check.verdict]}: {check.where}: {check.what}"
            said = _RETRY if self.is_asking and check.hint == RETRY else check.hint
            hint = f"; {said}" if said else ""
            click.echo(printable(f"{line}{hint}"), err=check.verdict is not Severity.FINE)

    def has(self, variable: str | None) -> bool:
        """Return whether a secret was typed, or is in the environment or in a file that it names."""
        return variable is not None and has_secret(variable, self.variables)

    @property
    def variables(self) -> Environment:
        """Return the environment as it is once the typed secrets are in it."""
        return {**self.environment, **self.typed}

    def app(self, draft: Draft) -> App:
        """Return the application of a draft. Raises ConfigErrors."""
        app = app_of(load_text(draft.text(), self.path, self.variables), self.variables)
        self.options.log(app, "error")
        return app
