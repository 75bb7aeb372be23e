"""Reference of the command line: every command with its usage, its help and its options, as Markdown.

``python -m bot.cli.reference`` prints the page.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from inspect import cleandoc

import click

from bot.cli.main import commands
from bot.render.markdown_table import markdown_table

_HEAD = """# The command line

Every command with its arguments and options, as its `--help` has them. `make reference` writes this page.
[COMMANDS.md](COMMANDS.md) shows the commands at work. Every command also takes `-h` and `--help`.

Exit codes: 0 done, 1 done in part or failed at run time, 2 wrong usage or configuration, 130 interrupted.
"""
_OPTION = re.compile(r"(?<![\w`-])--[a-z][a-z-]*")
_SPECIAL = re.compile(r"([\\*_<>\[\]])")


def reference() -> str:
    """Return the page."""
    program = click.Context(commands, info_name="release-bot", show_default=True)
    return "\n\n".join((_HEAD.rstrip(), *_described(program))) + "\n"


def _described(context: click.Context) -> Iterator[str]:
    """Describe a command, then the commands below it, in the order of its help."""
    yield f"{'#' * (len(context.command_path.split()) + 1)} {context.command_path}"
    yield from _own_parts(context)
    for each in subcommands(context):
        yield from _described(each)


def subcommands(context: click.Context) -> Iterator[click.Context]:
    """Yield the contexts of the commands below one that are not hidden, in the order of its help."""
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None and not command.hidden:
                yield click.Context(command, info_name=name, parent=context)


def _own_parts(context: click.Context) -> Iterator[str]:
    command = context.command
    yield f"`{' '.join((context.command_path, *command.collect_usage_pieces(context)))}`"
    yield _text(cleandoc(command.help or ""))
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    if options:
        yield markdown_table(("option", "default", "meaning"), [_row(each, context) for each in options])


def _row(option: click.Option, context: click.Context) -> Sequence[str]:
    names, _ = option.get_help_record(context) or ("", "")
    default = str(option.get_help_extra(context).get("default", ""))
    return (
        f"`{names}`",
        "required" if option.required else f"`{default}`" if default.strip('"') else "",
        _text(option.help or ""),
    )


def _text(text: str) -> str:
    """Return help as Markdown: nothing in it is markup, and options are shown as code."""
    return _OPTION.sub(r"`\g<0>`", _SPECIAL.sub(r"\\\1", text))


if __name__ == "__main__":
    sys.stdout.write(reference())
