"""The global options, which may be given before or after the command, each once."""

from collections.abc import Sequence

import click

WITH_VALUE = ("--config", "--log-level", "--log-format")
_FLAGS = ("--version",)


def before_the_command(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the global options in front. Raises click.UsageError for one that is given twice.

    An argument after ``--`` is not an option.
    """
    found: dict[str, list[str]] = {}
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        name, equals, _ = argument.partition("=")
        if argument == "--":
            return [*_flat(found), *rest, argument, *left]
        if name not in (WITH_VALUE if equals else (*WITH_VALUE, *_FLAGS)):
            rest.append(argument)
            continue
        if name in found:
            raise click.UsageError(f"Option {name} is given twice.")
        found[name] = [argument] if equals or name in _FLAGS else [argument, _value(name, next(left, None))]
    return [*_flat(found), *rest]


def _value(name: str, value: str | None) -> str:
    if value is None:
        raise click.UsageError(f"Option '{name}' requires an argument.")
    return value


def _flat(found: dict[str, list[str]]) -> list[str]:
    return [word for words in found.values() for word in words]
