"""Words that ask for something to be watched, or to be watched no more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.questions.asked import AcceptRepositoryAsked, Refusal, UndoAsked, UnwatchAsked, WatchAsked, WatchedAsked
from bot.domain.questions.understanding import understand
from bot.domain.questions.vocabulary import Vocabulary
from bot.domain.questions.watching import read_watch
from tests.builders import a_repository, as_of

FORGES = {"github": "github.com", "gitlab.cern.ch": "gitlab.cern.ch", "git": ""}
WORDS = Vocabulary((a_repository(),), ("weekly",), ("hackathon",), FORGES)
NOW = as_of("2021-02-22T13:00")
PILOT = "github:DIRACGrid/Pilot"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("watch github:DIRACGrid/Pilot", WatchAsked(PILOT)),
        ("Watch GitHub:DIRACGrid/Pilot.", WatchAsked(PILOT)),
        ("please watch github:DIRACGrid/Pilot, please", WatchAsked(PILOT)),
        ("could you follow `github:DIRACGrid/Pilot`?", WatchAsked(PILOT)),
        ("start watching github:DIRACGrid/Pilot", WatchAsked(PILOT)),
        ("watch github:DIRACGrid/Pilot as PEP440", WatchAsked(PILOT, "pep440")),
        ("watch github:DIRACGrid/Pilot with the scheme dirac", WatchAsked(PILOT, "dirac")),
        ("watch github:a/b as pep440 with prefix b-", WatchAsked("github:a/b", "pep440", "b-")),
        ("watch github:DIRACGrid/*", WatchAsked("github:DIRACGrid/*")),
        ("watch gitlab.cern.ch:lhcb-dirac/LHCbDIRAC", WatchAsked("gitlab.cern.ch:lhcb-dirac/LHCbDIRAC")),
        ("watch https://github.com/DIRACGrid/Pilot", WatchAsked(PILOT)),
        ("watch https://github.com/DIRACGrid/Pilot.git", WatchAsked(PILOT)),
        ("watch https://gitlab.cern.ch/a/sub/Tool/-/tags", WatchAsked("gitlab.cern.ch:a/sub/Tool")),
        ("unwatch DIRAC", UnwatchAsked("DIRAC")),
        ("please unwatch the repository github:DIRACGrid/DIRAC", UnwatchAsked("github:DIRACGrid/DIRAC")),
        ("stop watching DIRAC.", UnwatchAsked("DIRAC")),
        ("unwatch github:DIRACGrid/*", UnwatchAsked("github:DIRACGrid/*")),
        ("watch accept DIRAC", AcceptRepositoryAsked("DIRAC")),
        ("please watch accept the repository github:DIRACGrid/DIRAC", AcceptRepositoryAsked("github:DIRACGrid/DIRAC")),
        ("undo watch", UndoAsked(None, watching=True)),
        ("undo watch 3", UndoAsked(3, watching=True)),
        ("undo the last change", UndoAsked()),
        ("which repositories do you watch?", WatchedAsked()),
        ("watch list", WatchedAsked()),
    ],
)
def test_what_people_say_is_understood(text: str, asked: object) -> None:
    assert understand(text, WORDS, NOW).asked == asked


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("watch", "I need to know where that repository is"),
        ("watch Pilot", "I need to know where that repository is"),
        ("watch DIRACGrid/Pilot", "I do not know on which forge DIRACGrid/Pilot is; the configured ones are: "),
        ("watch sourceforge:x/y", 'there is no forge "sourceforge"; the configured ones are: github, '),
        ("watch https://example.org/x/y", "I ask no forge at example.org"),
        ("watch http://[x/y", "I ask no forge at http://[x/y"),
        ("watch github:a/b github:c/d", "I take one repository at a time"),
        ("watch github:a/b as calver", 'I do not know what "calver" means here; schemes are dirac, pep440, semver'),
        ("unwatch", "I do not see what to watch no more"),
        ("unwatch DIRAC and COMDIRAC", "I do not see what to watch no more"),
    ],
)
def test_what_is_not_clear_is_refused_with_the_reason(text: str, reason: str) -> None:
    refusal = understand(text, WORDS, NOW).refusal
    assert refusal is not None
    assert refusal.reason.startswith(reason)


def test_a_path_alone_is_enough_where_one_forge_is_known() -> None:
    only = Vocabulary((), forges={"github": "github.com"})
    assert read_watch("watch DIRACGrid/Pilot", only) == WatchAsked(PILOT)
    assert isinstance(read_watch("watch DIRACGrid/Pilot", Vocabulary(())), Refusal)


@given(st.sampled_from(["watch ", "unwatch ", "stop watching ", "watch http://"]), st.text())
def test_no_text_raises(verb: str, text: str) -> None:
    understand(verb + text, WORDS, NOW)
