"""The command group, the global options, and how every error becomes one line and an exit code."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import click

from bot import __version__
from bot.cli.global_options import before_the_command
from bot.cli.interrupts import INTERRUPTED
from bot.domain.errors import BotError, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

DONE, FAILED, WRONG_USAGE = 0, 1, 2

# Each command's module and help: listed here so that --help need not import the modules.
_COMMANDS = {
    "init": ("bot.cli.init", "Write a first configuration: ask, check each answer, show the first digest."),
    "run": ("bot.cli.run", "Run the worker: poll and post digests on schedule, until SIGTERM."),
    "poll": ("bot.cli.poll", "Poll the forges now."),
    "count": ("bot.cli.count", "Count releases."),
    "releases": ("bot.cli.releases", "List releases."),
    "latest": ("bot.cli.latest", "Show the newest final release of each series."),
    "notes": ("bot.cli.notes", "Show what changed in a release, or between two."),
    "tags": ("bot.cli.tags", "List observed tags."),
    "certification": ("bot.cli.certification", "Show the state of a certification, or change its milestones."),
    "series": ("bot.cli.series", "Show or set the status of series: recommended, maintained, last, end-of-life."),
    "digest": ("bot.cli.digest", "Make a digest and print or post it."),
    "ask": ("bot.cli.ask", "Answer a question, as in chat."),
    "status": ("bot.cli.status", "Show the state of polling, rate limits and pending digests."),
    "doctor": ("bot.cli.doctor", "Check every forge, token and channel, the database and the clock."),
    "subscriptions": ("bot.cli.subscriptions", "List subscriptions: who is told of releases at once; add or end one."),
    "watch": ("bot.cli.watch", "List watched repositories; preview, add or remove one."),
    "deliveries": ("bot.cli.deliveries", "List pending deliveries; retry, confirm or drop one."),
    "web": ("bot.cli.web", "Serve the web page alone, read only, until SIGTERM."),
    "config": ("bot.cli.config", "Check, compare or show the configuration."),
    "db": ("bot.cli.db", "Upgrade, back up, export or import the database."),
    "completion": ("bot.cli.completion.command", "Print the completion script for bash, zsh or fish."),
    "demo": ("bot.cli.demo", "Run the whole pipeline on DIRAC's recorded history, without a token."),
}


class _Commands(click.Group):
    """A group that imports a command's module only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name][0]), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command to run. Raises NoSuchCommand with the nearest names: click knows only imported ones."""
        if args[0] not in _COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.exceptions.NoSuchCommand(args[0], possibilities=_COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; Ctrl-C has its own exit code, even at a prompt, where click takes it for a no."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            return INTERRUPTED
        except click.Abort as error:
            if _is_interrupted(error):
                return INTERRUPTED
            raise

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem[str]]":
        """Return the commands and options that begin like a word, without importing the commands for their help."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=text) for name, (_, text) in _COMMANDS.items() if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="release-bot", message="%(prog)s %(version)s")
@click.option(
    "--config",
    type=click.Path(),
    metavar="FILE",
    help="Configuration file; by default $RELEASE_BOT_CONFIG, config/bot.toml or bot.toml.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
    help="Log level on stderr: by default warning, for the worker info.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Log format: by default text if stderr is a terminal, otherwise json.",
)
@click.pass_context
def commands(ctx: click.Context, config: str | None, log_level: str | None, log_format: str | None) -> None:
    """Watch git forges for release tags, count the releases, post digests to chat.

    The options below may be given before or after the command, each once.
    """
    from bot.cli.context import Options

    ctx.obj = Options(config=config, log_level=log_level, log_format=log_format)


def run(arguments: Sequence[str]) -> int:
    """Run one command, print each error as one line on stderr, and return the exit code.

    0 done, 1 done in part or failed at run time, 2 wrong usage or configuration, 130 interrupted (the caller
    prints the line).
    """
    try:
        code = commands.main(before_the_command(arguments), prog_name="release-bot", standalone_mode=False)
    except click.ClickException as error:
        return _print_usage(error)
    except click.Abort as error:
        return INTERRUPTED if _is_interrupted(error) else _cancelled()
    except BotError as error:
        return _print_all(error)
    except BrokenPipeError:
        return _leave_pipe()
    except Exception as error:  # noqa: BLE001 - an internal error is one line too, never a traceback
        return _internal_error(error)
    return code if isinstance(code, int) else DONE


def _is_interrupted(error: click.Abort) -> bool:
    """Return whether click aborted because of Ctrl-C."""
    return isinstance(error.__context__, KeyboardInterrupt)


def _cancelled() -> int:
    """Print that a question was not answered, below the question: Ctrl-D leaves the cursor behind it."""
    if sys.stdin.isatty():
        click.echo(err=True)
    return _print_error("cancelled", FAILED)


def _print_usage(error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return WRONG_USAGE
    return _print_error(_usage_line(error), WRONG_USAGE)


def _usage_line(error: click.ClickException) -> str:
    where = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        where = f"{error.ctx.command_path}: "
    hint = f"see {where.rstrip(': ') or 'release-bot'} --help"
    return f"{where}{' '.join(error.format_message().split()).rstrip('.')}; {hint}"


def _print_all(error: BotError) -> int:
    from bot.config.errors import ConfigErrors

    if isinstance(error, ConfigErrors):
        for each in error.errors:
            _print_error(str(each), WRONG_USAGE)
        return WRONG_USAGE
    return _print_error(error.for_command, WRONG_USAGE if isinstance(error, UsageError) else FAILED)


def _print_error(line: str, code: int) -> int:
    from bot.render.words import printable

    click.echo(f"error: {printable(line)}", err=True)
    return code


def _internal_error(error: Exception) -> int:
    import logging

    logging.getLogger(__name__).debug("internal error", exc_info=error)
    what = f"internal error ({type(error).__name__})"
    return _print_error(f"release-bot: {what}; run it again with --log-level debug and report the log", FAILED)


def _leave_pipe() -> int:
    """Return quietly when the reader of the output has gone (``release-bot releases | head``)."""
    import os

    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    return FAILED
