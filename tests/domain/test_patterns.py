import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.patterns import Pattern, PatternError
from tests.builders import a_repository

_ATOMS = st.sampled_from([
    "a", "b", "v", "1", ".", "-", "_", r"\.", r"\d", r"\w", r"\b", "[0-9]", "[^a-z]", r"[\w.]", "^", "$", "[]x]"
])  # fmt: skip
_GROUPS = st.sampled_from(["(", "(?:", "(?i:", "(?P<major>"])


def _extended(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.builds(lambda group, text: f"{group}{text})", _GROUPS, inner)
    repeated = st.builds(lambda text, times: f"(?:{text}){times}", inner, st.sampled_from(["*", "+?", "{1,3}", "{2}"]))
    return (
        one
        | repeated
        | st.builds("|".join, st.lists(inner, min_size=2, max_size=3))
        | st.builds(str.join, st.just(""), st.lists(inner, min_size=1, max_size=3))
    )


_PATTERNS = st.recursive(_ATOMS, _extended, max_leaves=6).filter(lambda text: text.count("?P<") < 2)
_NAMES = st.text("abv1.-_AB", max_size=12)


@given(_PATTERNS, _NAMES)
def test_patterns_find_what_python_finds(text: str, name: str) -> None:
    pattern, python = Pattern(text), re.compile(text)
    assert pattern.is_in(name) == (python.search(name) is not None)
    assert (pattern.read_whole(name) is not None) == (python.fullmatch(name) is not None)


def test_groups_are_read_by_name_and_empty_ones_left_out() -> None:
    pattern = Pattern(r"(?P<major>[0-9]+)(?:\.(?P<minor>[0-9]*))?(?P<pre>-é+)?")
    assert pattern.read_whole("7.2-é") == {"major": "7", "minor": "2", "pre": "-é"}
    assert pattern.read_whole("7.") == {"major": "7"}
    assert pattern.read_whole("7x") is None
    assert set(pattern.groups) == {"major", "minor", "pre"}


@pytest.mark.parametrize("text", [r"^([a-z0-9]+-?)+$", r"(x+x+)+y", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(.*a){12}b"])
def test_no_name_takes_long(text: str) -> None:
    begun = time.monotonic()
    for name in ("nightlybuildoftheexperimentalbranch2024_x", "x" * 1_000, "ax" * 499 + "!", "x" * 65_516):
        Pattern(text).is_in(name)
    assert time.monotonic() - begun < 5


def test_a_name_longer_than_git_can_send_matches_nothing() -> None:
    assert Pattern("v").is_in("v" * 65_516)
    assert not Pattern("v").is_in("v" * 65_517)
    assert Pattern("(?P<major>.+)").read_whole("v" * 65_517) is None


def test_no_name_is_too_long_to_be_excluded() -> None:
    """Git takes any length for a name, and a file system 255 bytes for each part and 4,096 for all."""
    repository = a_repository(exclude="^nightly/|-dirty$")
    for name in ("nightly/" + "/".join(["x" * 255] * 15), "v1." + "9" * 60_000 + "-dirty"):
        assert not repository.takes(name)
    assert repository.takes("v1." + "9" * 4_000)


def test_half_a_character_is_matched_as_an_unknown_one() -> None:
    assert Pattern("^v.1$").is_in("v\ud8001")


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("^(?!nightly)", "RE2 does not support a look-ahead", "exclude filters"),
        ("v(?=1)", "RE2 does not support a look-ahead", "include and"),
        ("(?<!x)v", "RE2 does not support a look-behind", "exclude filters"),
        ("(?<=x)v", "RE2 does not support a look-behind", "include and"),
        (r"(a|b)\1", "RE2 does not support a back-reference", "the group's own pattern"),
        ("(?P<x>a)(?P=x)", "RE2 does not support a back-reference", "the group's own pattern"),
        ("(?P<x>a)?(?(x)b|c)", "RE2 does not support a condition on a group", "both cases with |"),
        ("(?>a+)", "RE2 does not support an atomic group", "(?:"),
        ("a++", "RE2 does not support a possessive repetition", "second +"),
        ("(?#x)a", "RE2 does not support a comment", "leave it out"),
        ("(?x)a b", "RE2 does not support flags other than i, m and s", "leave the others out"),
        ("(?ai:a)", "RE2 does not support flags other than i, m and s", "leave the others out"),
        (r"v\Z", r"RE2 does not support the escape \Z", "write $"),
        (r"\u0041", "RE2 does not support a character by its name or number", "the character itself"),
        (r"\N{DIGIT ONE}", "RE2 does not support a character by its name or number", "the character itself"),
        ("a{,3}", "RE2 does not support a repetition without its least number", "{0,"),
        ("[[:alpha:]]", "RE2 does not support a set named as in [:alpha:]", "such as a-z"),
        ("a{1001}", "not supported by RE2 (invalid repetition size: {1001})", "re2/wiki/Syntax"),
        ("(", "missing ), unterminated subpattern at position 0", "fix or remove"),
        ("a{99999999999}", "the repetition number is too large", "fix or remove"),
    ],
)
def test_what_cannot_be_matched_in_bounded_time_is_refused_with_what_to_write(text: str, what: str, hint: str) -> None:
    with pytest.raises(PatternError) as refused:
        Pattern(text)
    assert refused.value.what.startswith(what)
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    "text", [r"\(\?=", "[(?=]", r"x\+\+", "[a++]", "[{,3}]", r"\{,3}", r"\\Z", "[[]", "(?i)v", "(?s:.)"]
)
def test_what_only_looks_like_it_is_taken(text: str) -> None:
    Pattern(text)
