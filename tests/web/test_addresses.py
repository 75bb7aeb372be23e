"""Addresses of pages: they are read back as what they were made of, and cannot clash."""

from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.web import addresses

_PART = st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters=":?#\\/"), min_size=1, max_size=8)
_PARTS = st.one_of(_PART, st.sampled_from(["-", "--", "-a", "a.json", "x.svg", "release", "r", "%2F", "é"]))
_PATHS = st.lists(_PARTS.filter(lambda part: part not in {".", ".."}), min_size=1, max_size=4).map("/".join)
_KEYS = st.builds(
    lambda forge, path, product: f"{forge}:{path}{f'#{product}' if product else ''}",
    st.sampled_from(["github", "gitlab.example.org"]),
    _PATHS,
    st.sampled_from(["", "lib", "a.csv"]),
)


@settings(max_examples=60)
@given(_KEYS, _KEYS)
def test_a_repository_is_read_back(key: str, other: str) -> None:
    address = addresses.repository(key)
    assert "#" not in address
    assert "/-/" not in address
    assert addresses.key_in(unquote(address).removeprefix("/r/")) == key
    assert (addresses.repository(other) == address) == (other == key)


@pytest.mark.parametrize("form", addresses.FORMATS)
def test_the_end_of_a_name_is_not_taken_for_a_format(form: str) -> None:
    address = addresses.repository(f"github:lab/data.{form}")
    assert addresses.split_format(unquote(address))[1] == ""
    assert addresses.split_format(unquote(addresses.in_format(address, form))) == (unquote(address), form)


def test_a_release_has_its_whole_name() -> None:
    assert addresses.release("github:a/b", "rel/v1#2") == "/r/github:a/b/-/release/rel/v1%232"
    assert addresses.name_in("v1.json:") == "v1.json"


def test_what_means_no_repository_is_refused() -> None:
    for part in ("a", "github:a/-/b", "github:a/b.json"):
        with pytest.raises(ValueError, match=r"repository|format"):
            addresses.key_in(part)


def test_empty_parameters_are_left_out() -> None:
    given = {"as_of": "", "kind": ("patch", "minor"), "since": "2021-02-01T00:00:00+01:00"}
    made = addresses.with_parameters("/how", given)
    assert made == "/how?kind=patch&kind=minor&since=2021-02-01T00:00:00%2B01:00"
