"""The context of every command: global options, logging and output."""

import json
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from bot.app import App

# Wide enough that nothing is cut when the output is not a terminal.
_WIDTH_OF_A_FILE = 10_000
# Variables by which rich writes styles to what is no terminal.
_ASK_FOR_STYLES = ("FORCE_COLOR", "TTY_COMPATIBLE")


@dataclass(frozen=True)
class Options:
    """The global options of one run."""

    config: str | None
    log_level: str | None
    log_format: str | None

    def app(self, *, log_level: str = "warning") -> "App":
        """Read the configuration and start logging at the level of --log-level, else at ``log_level``."""
        from bot.app import open_app

        app = open_app(self.config)
        self.log(app, log_level)
        return app

    def known_app(self, *, log_level: str = "warning", writes: bool = False) -> "App":
        """Return the app with everything that the database adds to the watched repositories.

        A missing database is created only for a command that ``writes``.
        """
        app = self.app(log_level=log_level)
        with app.store() if writes else app.reading() as store:
            return app.as_known(store)

    def log(self, app: "App", log_level: str) -> None:
        """Start logging, with the secrets of this app masked."""
        from bot.cli.logs import begin_logging

        log_format = self.log_format or ("text" if sys.stderr.isatty() else "json")
        begin_logging(self.log_level or log_level, log_format, app.secrets())

    @property
    def is_styled(self) -> bool:
        """Return whether results are written with styles: to a terminal, or where somebody asks for them.

        Else rich, which takes long to import, is not needed.
        """
        from bot.app import environment

        return sys.stdout.isatty() or not environment().keys().isdisjoint(_ASK_FOR_STYLES)

    def print_line(self, text: str, style: str) -> None:
        """Print a line, in a style where the output is a terminal."""
        if self.is_styled:
            self.out.print(text, style=style, markup=False, emoji=False, soft_wrap=True)
        else:
            click.echo(text)

    @cached_property
    def out(self) -> "Console":
        """Return the console for results."""
        from rich.console import Console

        return Console(width=None if sys.stdout.isatty() else _WIDTH_OF_A_FILE, highlight=False)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def is_json(output_format: str) -> bool:
    """Return whether the output format is JSON."""
    return output_format == "json"


format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "text", "json"]),
    default="table",
    show_default=True,
    help="Output format; table and text are the same.",
)
