"""What holds for every scheme."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.patterns import Pattern
from bot.domain.versions.base import Scheme
from bot.domain.versions.dirac import DiracScheme
from bot.domain.versions.numbered import NumberedScheme
from bot.domain.versions.pep440 import Pep440Scheme
from bot.domain.versions.regex import RegexScheme
from bot.domain.versions.semver import SemverScheme

DIRAC = DiracScheme()


@pytest.mark.parametrize(
    "scheme",
    [DIRAC, Pep440Scheme(), SemverScheme(), NumberedScheme(), RegexScheme(Pattern(r"(?P<major>.*?)(?:-(?P<pre>.*))?"))],
)
@given(name=st.text(max_size=120))
def test_any_name_is_read_or_refused_and_never_raises(scheme: Scheme, name: str) -> None:
    version = scheme.read(name)
    scheme.read_series(name)
    if version is not None:
        assert scheme.spell(version, (name,))


@given(st.lists(st.text(alphabet="ab0129.-_rcv", max_size=12), max_size=8))
def test_the_order_of_numbered_versions_is_total(names: list[str]) -> None:
    read = [version for name in names if (version := NumberedScheme().read(name)) is not None]
    assert len({each.normalized for each in read}) == len({each.order for each in read})
