"""``release-bot completion``: the completion script of a shell, and the answers that it asks for."""

import sys
from importlib.resources import files

import click
from click.shell_completion import CompletionItem, ShellComplete, split_arg_string

from bot.cli.global_options import WITH_VALUE, before_the_command

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS), required=False)
@click.option("--line", "is_line", is_flag=True, hidden=True, help="Complete the command line on standard input.")
def completion(shell: str | None, *, is_line: bool) -> None:
    """Print the completion script for SHELL: bash, zsh or fish.

    It completes commands, options, and the names of repositories, series and digests.
    To load it in bash: eval "$(release-bot completion bash)"
    """
    if is_line:
        _print_items(sys.stdin.read().removesuffix("\n"))
    elif shell is None:
        raise click.UsageError("Missing argument 'SHELL': bash, zsh or fish.")
    else:
        click.echo(script(shell), nl=False)


def script(shell: str) -> str:
    """Return the completion script of a shell."""
    return files("bot.cli.completion").joinpath(f"release-bot.{shell}").read_text(encoding="utf-8")


def _print_items(line: str) -> None:
    """Print a line for each way to complete a command line: type, value and help, between tabs; nothing at a fault."""
    try:
        for item in items_of(line):
            click.echo("\t".join((item.type, item.value, " ".join((item.help or "").split()))))
    except Exception:  # noqa: BLE001, S110 - nothing may be printed into somebody's prompt
        pass


def items_of(line: str) -> list[CompletionItem[str]]:
    """Return the ways to complete the last word of a command line that begins with the program's name.

    A value that belongs to an option (``--series=v7``) comes with the option, as a shell replaces the whole word.
    """
    words = split_arg_string(line)
    incomplete = words.pop() if words and not line[-1].isspace() else ""
    # fish has the variables of "NAME=value release-bot" in the line.
    while words and "=" in words[0]:
        words.pop(0)
    option, equals, _ = incomplete.partition("=")
    head = option + equals if equals and option.startswith("--") else ""
    # A series is named as in somebody's tags; a name that would control the terminal is left out.
    return [
        CompletionItem(head + item.value, item.type, item.help)
        for item in _completed(words[1:], incomplete)
        if item.value.isprintable()
    ]


def _completed(arguments: list[str], incomplete: str) -> list[CompletionItem[str]]:
    from bot.cli.main import commands

    completer = ShellComplete(commands, {}, "release-bot", "")
    found = completer.get_completions(*_as_click_reads(arguments, incomplete))
    if incomplete.startswith("-") and "=" not in incomplete:
        found += completer.get_completions([], incomplete)
    return list({item.value: item for item in found}.values())


def _as_click_reads(arguments: list[str], incomplete: str) -> tuple[list[str], str]:
    """Return arguments and incomplete word so that click knows all that stands on the line.

    An option that still lacks its value would hide the arguments, and a global option after the command is unknown.
    """
    if arguments and arguments[-1].startswith("-"):
        *arguments, option = arguments
        incomplete = f"{option}={incomplete}"
    if "=" in incomplete and incomplete.partition("=")[0] in WITH_VALUE:
        return [], incomplete
    return before_the_command(arguments), incomplete
