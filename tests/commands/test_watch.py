"""Words that ask for something to be watched, or to be watched no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.registry import read_command
from bot.commands.undo import Undo
from bot.commands.watch import AcceptRepository, Unwatch, Watch
from bot.dialogue import understand
from bot.domain.watch_rules import TagRules, WatchRules
from bot.queries.base import Refusal
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.watchlist import Watchlist
from tests.builders import a_repository, as_of

FORGES = {"github": "github.com", "gitlab.cern.ch": "gitlab.cern.ch", "git": ""}
WORDS = Vocabulary((a_repository(),), ("weekly",), ("hackathon",), FORGES)
NOW = as_of("2021-02-22T13:00")
PILOT = "github:DIRACGrid/Pilot"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("watch github:DIRACGrid/Pilot", Watch(PILOT)),
        ("Watch GitHub:DIRACGrid/Pilot.", Watch(PILOT)),
        ("please watch github:DIRACGrid/Pilot, please", Watch(PILOT)),
        ("could you follow `github:DIRACGrid/Pilot`?", Watch(PILOT)),
        ("start watching github:DIRACGrid/Pilot", Watch(PILOT)),
        ("watch github:DIRACGrid/Pilot as PEP440", Watch(PILOT, WatchRules(TagRules("pep440")))),
        ("watch github:DIRACGrid/Pilot with the scheme dirac", Watch(PILOT, WatchRules(TagRules("dirac")))),
        ("watch github:a/b as pep440 with prefix b-", Watch("github:a/b", WatchRules(TagRules("pep440", "b-")))),
        ("watch github:DIRACGrid/*", Watch("github:DIRACGrid/*")),
        ("watch gitlab.cern.ch:lhcb-dirac/LHCbDIRAC", Watch("gitlab.cern.ch:lhcb-dirac/LHCbDIRAC")),
        ("watch https://github.com/DIRACGrid/Pilot", Watch(PILOT)),
        ("watch https://github.com/DIRACGrid/Pilot.git", Watch(PILOT)),
        ("watch https://gitlab.cern.ch/a/sub/Tool/-/tags", Watch("gitlab.cern.ch:a/sub/Tool")),
        ("unwatch DIRAC", Unwatch("DIRAC")),
        ("please unwatch the repository github:DIRACGrid/DIRAC", Unwatch("github:DIRACGrid/DIRAC")),
        ("stop watching DIRAC.", Unwatch("DIRAC")),
        ("unwatch github:DIRACGrid/*", Unwatch("github:DIRACGrid/*")),
        ("watch accept DIRAC", AcceptRepository("DIRAC")),
        ("please watch accept the repository github:DIRACGrid/DIRAC", AcceptRepository("github:DIRACGrid/DIRAC")),
        ("undo watch", Undo(None, watching=True)),
        ("undo watch 3", Undo(3, watching=True)),
        ("undo the last change", Undo()),
        ("which repositories do you watch?", Watchlist()),
        ("watch list", Watchlist()),
    ],
)
def test_what_people_say_is_understood(text: str, asked: object) -> None:
    assert understand(text, WORDS, NOW).asked == asked


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("watch", "say where the repository is"),
        ("watch Pilot", "say where the repository is"),
        ("watch DIRACGrid/Pilot", "which forge is DIRACGrid/Pilot on? configured: "),
        ("watch sourceforge:x/y", 'no forge "sourceforge"; configured: github, '),
        ("watch https://example.org/x/y", "no forge is configured at example.org"),
        ("watch http://[x/y", "no forge is configured at http://[x/y"),
        ("watch github:a/b github:c/d", "one repository at a time, please"),
        ("watch github:a/b as calver", 'unknown word "calver"; schemes: dirac, numbered, pep440, semver'),
        ("unwatch", "name one repository to stop watching"),
        ("unwatch DIRAC and COMDIRAC", "name one repository to stop watching"),
    ],
)
def test_what_is_not_clear_is_refused_with_the_reason(text: str, reason: str) -> None:
    refusal = understand(text, WORDS, NOW).refusal
    assert refusal is not None
    assert refusal.reason.startswith(reason)


def test_a_path_alone_is_enough_where_one_forge_is_known() -> None:
    only = Vocabulary((), forges={"github": "github.com"})
    assert read_command("watch DIRACGrid/Pilot", only, NOW) == Watch(PILOT)
    assert isinstance(read_command("watch DIRACGrid/Pilot", Vocabulary(()), NOW), Refusal)


@given(st.sampled_from(["watch ", "unwatch ", "stop watching ", "watch http://"]), st.text())
def test_no_text_raises(verb: str, text: str) -> None:
    understand(verb + text, WORDS, NOW)
