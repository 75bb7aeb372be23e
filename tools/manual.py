"""Write the manual page from the commands: ``python -m tools.manual > deploy/release-bot.1``, or ``make reference``."""

import sys
from collections.abc import Iterator

import click

from bot import __version__
from bot.cli.main import commands
from bot.cli.reference import subcommands

_FILES = (
    ("bot.toml, config/bot.toml", "The configuration, if neither --config nor $RELEASE_BOT_CONFIG names another."),
)
_VARIABLES = (
    ("RELEASE_BOT_CONFIG", "The configuration file."),
    ("DATABASE_URL", "The database; overrides the configuration."),
    ("NAME_FILE", "The file that holds the secret NAME, for every variable NAME of a secret."),
)
_EXITS = (
    ("0", "Success."),
    ("1", "Partial success, or a failure at run time."),
    ("2", "Wrong usage or configuration."),
    ("130", "Interrupted."),
)


def page() -> str:
    """Return the manual page in man's macros of roff, for section 1."""
    context = click.Context(commands, info_name="release-bot", **commands.context_settings)
    lines = [
        f'.TH RELEASE-BOT 1 "" "release-bot {__version__}" "User Commands"',
        ".SH NAME",
        r"release-bot \- " + _roff("watch git forges for release tags, count the releases, post digests to chat"),
        ".SH SYNOPSIS",
        r".B release-bot",
        r"[\fIOPTION\fR]... \fICOMMAND\fR [\fIARGUMENT\fR]...",
        ".SH DESCRIPTION",
        *_paragraphs(commands.help or ""),
        ".SH OPTIONS",
        *_options(context),
        ".SH COMMANDS",
        *_commands(context),
    ]
    for title, rows in (("EXIT STATUS", _EXITS), ("ENVIRONMENT", _VARIABLES), ("FILES", _FILES)):
        lines.append(f".SH {title}")
        for name, text in rows:
            lines += [".TP", rf"\fB{_roff(name)}\fR", _roff(text)]
    return "\n".join(lines) + "\n"


def _commands(context: click.Context) -> Iterator[str]:
    for own in subcommands(context):
        usage = " ".join(own.command.collect_usage_pieces(own))
        yield ".SS " + _roff(f'"{own.command_path.removeprefix("release-bot ")} {usage}"')
        yield from _paragraphs(own.command.help or "")
        yield from _options(own)
        yield from _commands(own)


def _options(context: click.Context) -> Iterator[str]:
    for parameter in context.command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and record[1]:
            names, text = record
            yield from (".TP", rf"\fB{_roff(names)}\fR", _roff(text))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.replace("\b", "").strip().split("\n\n"):
        yield from (".PP", _roff(" ".join(paragraph.split())))


def _roff(text: str) -> str:
    """Return a line of text with what roff would take for markup escaped."""
    escaped = " ".join(text.split()).replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    sys.stdout.write(page())
