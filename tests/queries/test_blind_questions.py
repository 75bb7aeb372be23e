"""Questions written without sight of the parser, put to the demo's recorded histories: none is answered wrongly.

Each line of ``blind.jsonl`` has a question, the moment it is asked as of, patterns that its answer must or must not
have, and whether it may be refused instead; where it follows another question, that one too. A pattern that matches
nothing says that it has to be refused. The numbers were computed from the recorded tags by other means.
``traps.jsonl`` has questions of the same form that are made to be answered wrongly: with words that restrict, intervals
in any order, two things at once, and what is not watched or recorded.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_app
from bot.cli.main import run
from bot.cli.query_options import as_of_of
from bot.dialogue import Refused, ask
from bot.queries.base import answer_text
from bot.render.markup import TEXT

LANGUAGE = Path(__file__).parent / "language"
QUESTIONS = [
    json.loads(line)
    for name in ("blind", "traps")
    for line in (LANGUAGE / f"{name}.jsonl").read_text("utf-8").splitlines()
]


def asked(folder: Path, questions: Sequence[Any]) -> Iterator[tuple[dict[str, Any], bool, str]]:
    """Yield each of the questions with whether it is refused, and the answer, over the database that the demo left."""
    app = open_app(str(folder / "demo/bot.toml"))
    with app.reading() as store:
        known = app.as_known(store)
        vocabulary = known.vocabulary()
        for each in questions:
            context = known.query_context(store, as_of_of(known, each["as_of"]))
            reply = ask(each["q"], context, vocabulary, None, partial(each.get, "after", ""))
            yield each, isinstance(reply.result, Refused), answer_text(reply.answer(TEXT))


def is_right(expected: dict[str, Any], answer: str) -> bool:
    has_all = all(re.search(pattern, answer, re.IGNORECASE) for pattern in expected["must"])
    return has_all and not any(re.search(pattern, answer, re.IGNORECASE) for pattern in expected["mustnot"])


@pytest.mark.parametrize(
    "questions", [QUESTIONS[::4], pytest.param(QUESTIONS, marks=pytest.mark.exhaustive)], ids=["some", "all"]
)
def test_none_is_answered_wrongly_nor_refused_that_has_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, questions: Sequence[Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["demo"]) == 0
    replies = list(asked(tmp_path, questions))
    assert [each["q"] for each, is_refused, answer in replies if not is_refused and not is_right(each, answer)] == []
    assert [each["q"] for each, is_refused, _ in replies if is_refused and not each["refuse_ok"]] == []
    assert sum(not is_refused for _, is_refused, _ in replies) > len(questions) // 2
