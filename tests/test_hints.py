"""What errors say to do: true wherever they are printed, and nothing is promised by who tries nothing again."""

import ast
import re
from pathlib import Path

import pytest

import bot
from bot.app import now
from bot.domain.errors import BotError
from bot.services.ports import ChatUnavailable, ForgeUnavailable, RateLimited, RepositoryNotFound, TokenRefused
from bot.store.errors import StoreError

PACKAGE = Path(bot.__file__).parent
_PROMISE = re.compile(r"by itself|\bis \w+ again\b|at the next poll|next poll retries")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ForgeUnavailable("f:a/b", "timed out"), "f:a/b: timed out; run it again"),
        (
            ForgeUnavailable("f:a/b", "cannot resolve f", "check base_url"),
            "f:a/b: cannot resolve f; check base_url; run it again after that",
        ),
        (RateLimited("f:a/b", "limit exceeded"), "f:a/b: limit exceeded; run it again later"),
        (
            RateLimited("f:a/b", "limit exceeded until 9:30", retry_at=now()),
            "f:a/b: limit exceeded until 9:30; run it again after that",
        ),
        (RateLimited("f", "limit exceeded", "set a token"), "f: limit exceeded; set a token; run it again later"),
        (TokenRefused("f", "rejected the App's token"), "f: rejected the App's token; run it again"),
        (RepositoryNotFound("f:a/b", "gone", "check the path"), "f:a/b: gone; check the path"),
        (ChatUnavailable("#c", "Slack rate limit exceeded"), "#c: Slack rate limit exceeded; run it again"),
        (StoreError("bot.db", "damaged database"), "bot.db: damaged database"),
    ],
)
def test_a_command_says_what_its_reader_can_do_and_the_error_itself_promises_nothing(
    error: BotError, line: str
) -> None:
    assert error.for_command == line
    assert "again" not in str(error)


def test_no_error_promises_that_something_is_tried_again() -> None:
    """The same error is printed by the worker, which tries again, and by commands, which do not."""
    promising = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _makes_an_error(node.func):
                texts = [str(each.value) for each in ast.walk(node) if isinstance(each, ast.Constant)]
                promising += [f"{path.name}: {text}" for text in texts if _PROMISE.search(text)]
    assert promising == []


def _makes_an_error(called: ast.expr) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name in {each.__name__ for each in _kinds(BotError)} or name in {"_doubtful", "_limited", "Advice"}


def _kinds(kind: type[BotError]) -> list[type[BotError]]:
    return [kind, *(each for below in kind.__subclasses__() for each in _kinds(below))]
