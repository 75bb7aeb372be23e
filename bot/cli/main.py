"""The group of commands, the global options, and how every error becomes one line and an exit code."""

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from bot.cli.global_options import before_the_command
from bot.cli.interrupting import INTERRUPTED
from bot.domain.errors import BotError, UsageError

DONE, FAILED, WRONG_USAGE = 0, 1, 2

# Each command's module, and what it is for: named here so that --help need not import them.
_COMMANDS = {
    "run": ("bot.cli.run", "Run the worker: poll and post digests on schedule, until SIGTERM."),
    "poll": ("bot.cli.poll", "Poll the forges now."),
    "count": ("bot.cli.count", "Count releases."),
    "releases": ("bot.cli.releases", "List releases."),
    "latest": ("bot.cli.latest", "Show the newest final release of each series."),
    "tags": ("bot.cli.tags", "List tags as observed."),
    "certification": ("bot.cli.certification", "Show how certification stands, or change its milestones."),
    "digest": ("bot.cli.digest", "Make a digest; print it, or post it."),
    "ask": ("bot.cli.ask", "Answer a question as in chat."),
    "status": ("bot.cli.status", "Show what was polled, what polling costs, and what waits."),
    "doctor": ("bot.cli.doctor", "Try every forge, token, channel and the database, and say what to do."),
    "watch": ("bot.cli.watch", "List the watched repositories; look at one, watch it, or watch it no more."),
    "deliveries": ("bot.cli.deliveries", "List what waits to be posted; send one again, or never."),
    "config": ("bot.cli.config", "Check, compare or show the configuration."),
    "db": ("bot.cli.db", "Upgrade, back up, export or import the database."),
    "demo": ("bot.cli.demo", "Show the whole pipeline on DIRAC's recorded history, without a token."),
}


class _Commands(click.Group):
    """A group that imports a command only when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(_COMMANDS[cmd_name][0]), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; Ctrl-C is an exit code of its own, at a question too, where click takes it for a no."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            return INTERRUPTED
        except click.Abort as error:
            if _is_interrupted(error):
                return INTERRUPTED
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in _COMMANDS.items()])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dirac-release-bot", prog_name="release-bot", message="%(prog)s %(version)s")
@click.option(
    "--config",
    metavar="FILE",
    help="The configuration file; else $RELEASE_BOT_CONFIG, else config/bot.toml, else bot.toml.",
)
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
    help="How much to log on stderr: warning by default, info for the worker.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="How to log: text where standard error is a terminal, JSON otherwise.",
)
@click.pass_context
def commands(ctx: click.Context, config: str | None, log_level: str | None, log_format: str | None) -> None:
    """Watch git forges for release tags, count the releases, post digests to chat.

    The options below may stand before or after the command, each once.
    """
    from bot.cli.context import Options

    ctx.obj = Options(config=config, log_level=log_level, log_format=log_format)


def run(arguments: Sequence[str]) -> int:
    """Run one command; print what went wrong as one line an error on stderr; give the exit code.

    0 done, 1 done in part or failed at run time, 2 wrong usage or configuration, 130 interrupted: that is
    for the caller to say.
    """
    try:
        code = commands.main(before_the_command(arguments), prog_name="release-bot", standalone_mode=False)
    except click.ClickException as error:
        return _tell_usage(error)
    except click.Abort as error:
        return INTERRUPTED if _is_interrupted(error) else _tell("stopped", FAILED)
    except BotError as error:
        return _tell_all(error)
    except BrokenPipeError:
        return _leave_pipe()
    except Exception as error:  # noqa: BLE001 - a fault of our own is told in a line too, never as a traceback
        return _fault(error)
    return code if isinstance(code, int) else DONE


def _is_interrupted(error: click.Abort) -> bool:
    """Whether Ctrl-C is what click stopped for."""
    return isinstance(error.__context__, KeyboardInterrupt)


def _tell_usage(error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return WRONG_USAGE
    return _tell(_usage_line(error), WRONG_USAGE)


def _usage_line(error: click.ClickException) -> str:
    where = ""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        where = f"{error.ctx.command_path}: "
    hint = f"see {where.rstrip(': ') or 'release-bot'} --help"
    return f"{where}{' '.join(error.format_message().split()).rstrip('.')}; {hint}"


def _tell_all(error: BotError) -> int:
    from bot.config.errors import ConfigErrors

    if isinstance(error, ConfigErrors):
        for each in error.errors:
            _tell(str(each), WRONG_USAGE)
        return WRONG_USAGE
    return _tell(error.for_command, WRONG_USAGE if isinstance(error, UsageError) else FAILED)


def _tell(line: str, code: int) -> int:
    from bot.render.words import printable

    click.echo(f"error: {printable(line)}", err=True)
    return code


def _fault(error: Exception) -> int:
    import logging

    logging.getLogger(__name__).debug("fault", exc_info=error)
    what = f"a fault of the bot's own ({type(error).__name__})"
    return _tell(f"release-bot: {what}; run it again with --log-level debug and report what it logs", FAILED)


def _leave_pipe() -> int:
    """Leave quietly when the reader of our output has gone (``release-bot releases | head``)."""
    import os

    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    return FAILED
