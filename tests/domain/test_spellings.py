"""Any spelling of a series or a release is read, in every scheme and in any case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.patterns import Pattern
from bot.domain.spellings import read_series, read_versions, spelled_series
from bot.domain.versions.base import Scheme
from bot.domain.versions.dirac import DiracScheme
from bot.domain.versions.numbered import NumberedScheme
from bot.domain.versions.pep440 import Pep440Scheme
from bot.domain.versions.regex import RegexScheme
from bot.domain.versions.semver import SemverScheme

DIRAC, PEP440, SEMVER = DiracScheme(), Pep440Scheme(), SemverScheme()
CHARTS = Pep440Scheme(prefix="diracx-")
R = RegexScheme(Pattern(r"R_(?P<major>[0-9]+)_(?P<minor>[0-9]+)(?:_(?P<patch>[0-9]+))?"))
BOUNCER = RegexScheme(Pattern(r"pgbouncer_(?P<major>[0-9]+)_(?P<minor>[0-9]+)_(?P<patch>[0-9]+)"))
POSTGRES = RegexScheme(Pattern(r"REL_(?P<major>[0-9]+)_(?P<patch>[0-9]+)"))
PADDED = RegexScheme(Pattern(r"v(?P<major>[0-9]{2})-(?P<minor>[0-9]{2})(?:-(?P<patch>[0-9]{2}))?"))


@pytest.mark.parametrize(
    ("scheme", "text", "series"),
    [
        *((DIRAC, text, "v7r1") for text in ("v7r1", "V7R1", "7.1", "7r1", "v7.1", "v7_1", " v7r1 ")),
        *((PEP440, text, "24.3") for text in ("24.03", "24.3", "v24.3", "v24r3", "24_3")),
        *((CHARTS, text, "0.1") for text in ("0.1", "diracx-0.1", "DIRACX-0.1", "v0.1")),
        *((SEMVER, text, "1.26") for text in ("1.26", "v1.26")),
        *((R, text, "2.8") for text in ("R_2_8", "r_2_8", "2.8", "2_8")),
        *((BOUNCER, text, "1.25") for text in ("pgbouncer_1_25", "PGBOUNCER_1_25", "1.25")),
        *((POSTGRES, text, "16.0") for text in ("REL_16", "rel_16")),
        *((scheme, text, "single") for scheme in (PEP440, R, NumberedScheme()) for text in ("single", "Single")),
        *((PADDED, text, "1.32") for text in ("v01-32", "V01-32", "1.32", "01-32")),
    ],
)
def test_a_series_is_read_in_any_spelling(scheme: Scheme, text: str, series: str) -> None:
    assert read_series(text, scheme) == series


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        (DIRAC, "v7r1p3"),
        (DIRAC, "v7"),
        (DIRAC, "newest"),
        (DIRAC, "foo7r1"),
        (PEP440, "1.2.3"),
        (PEP440, "16"),
        (R, ""),
    ],
)
def test_what_is_more_or_less_than_a_series_is_none(scheme: Scheme, text: str) -> None:
    assert read_series(text, scheme) is None


@pytest.mark.parametrize(
    ("scheme", "text", "version"),
    [
        *((DIRAC, text, "7.1.29") for text in ("v7r1p29", "V7R1P29", "7.1.29", "v7.1.29")),
        *((R, text, "2.8.2") for text in ("R_2_8_2", "r_2_8_2", "2.8.2", "2_8_2")),
        *((BOUNCER, text, "1.25.1") for text in ("pgbouncer_1_25_1", "PGBOUNCER_1_25_1", "1.25.1", "v1.25.1")),
        *((CHARTS, text, "0.1.2") for text in ("diracx-0.1.2", "Diracx-0.1.2", "0.1.2", "v0.1.2")),
    ],
)
def test_a_release_is_read_by_its_tags_name_or_its_numbers_alone(scheme: Scheme, text: str, version: str) -> None:
    assert version in read_versions(text, scheme)


@pytest.mark.parametrize(
    ("scheme", "tag", "spelled"),
    [
        (PEP440, "24.03.1", "24.03"),
        (PEP440, "24.03", "24.03"),
        (PEP440, "v1.26.3", "1.26"),
        (PEP440, "v20240115", "single"),
        (PEP440, "1!2.0.1", "1!2.0"),
        (CHARTS, "diracx-0.1.2", "0.1"),
        (POSTGRES, "REL_16_2", "REL_16"),
        (PADDED, "v01-32-02", "v01-32"),
        (R, "R_2_0_1", "R_2_0"),
        (NumberedScheme(), "v3_2", "v3_2"),
        (NumberedScheme("R_"), "R_2_8_2", "R_2_8"),
        (NumberedScheme("V_"), "V_9_9_P1", "V_9_9"),
        (NumberedScheme("pgbouncer_"), "pgbouncer_1_25_1", "pgbouncer_1_25"),
        (NumberedScheme("log4j2-"), "log4j2-2.05.1", "log4j2-2.05"),
        (DIRAC, "v7r1p3", "v7r1"),
        (DIRAC, "v8.0.3", "v8r0"),
        (DIRAC, "elsewhere", "v8r0"),
    ],
)
def test_a_series_is_spelled_as_its_tags_begin_and_reads_as_itself(scheme: Scheme, tag: str, spelled: str) -> None:
    version = scheme.read(tag)
    series = version.series if version else "v8r0"
    assert spelled_series(series, tag, scheme) == spelled
    assert read_series(spelled, scheme) == series


@pytest.mark.parametrize("text", ["foo", "", "newest", "v7r1px"])
def test_what_names_no_version_is_none(text: str) -> None:
    assert read_versions(text, DIRAC) == []


@given(st.integers(0, 999), st.integers(0, 999), st.sampled_from([DIRAC, PEP440, SEMVER, R, BOUNCER]))
def test_a_series_as_it_is_shown_reads_as_itself_in_every_scheme(major: int, minor: int, scheme: Scheme) -> None:
    shown = [f"v{major}r{minor}", f"{major}.{minor}"]
    assert {read_series(text, scheme) for text in shown} == {shown[scheme is not DIRAC]}
    assert {read_series(text.upper(), scheme) for text in shown} == {shown[scheme is not DIRAC]}
