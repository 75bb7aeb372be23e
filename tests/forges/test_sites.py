"""What the configuration knows of each kind of forge: where it is addressed, and whether an address may be meant."""

import subprocess
import sys

import pytest

from bot.forges.sites import SITES, other_kind


@pytest.mark.parametrize(
    ("kind", "written", "right"),
    [
        ("gitlab", "https://gitlab.cern.ch/api/v4", "https://gitlab.cern.ch"),
        ("gitlab", "https://gitlab.cern.ch/api/v4/", "https://gitlab.cern.ch"),
        ("gitlab", "https://example.org/gitlab/api/v4", "https://example.org/gitlab"),
        ("gitlab", "https://gitlab.cern.ch/", "https://gitlab.cern.ch/"),
        ("gitlab", "https://example.org/gitlab", "https://example.org/gitlab"),
        ("github", "https://github.example.org", "https://github.example.org/api/v3"),
        ("github", "https://github.example.org/", "https://github.example.org/api/v3"),
        ("github", "https://github.example.org:8443/api", "https://github.example.org:8443/api/v3"),
        ("github", "https://github.example.org/api/graphql", "https://github.example.org/api/v3"),
        ("github", "https://github.example.org/api/v3", "https://github.example.org/api/v3"),
        ("github", "https://github.com", "https://api.github.com"),
        ("github", "https://github.com/DIRACGrid", "https://api.github.com"),
        ("github", "https://api.github.com/graphql", "https://api.github.com"),
        ("github", "https://api.github.com/", "https://api.github.com/"),
        ("github", "https://api.github.com/api/v3", "https://api.github.com"),
        ("github", "https://github.example.org/api/v3/graphql", "https://github.example.org/api/v3"),
        ("github", "https://github.example.org/api/v3/repos/", "https://github.example.org/api/v3"),
        ("github", "https://github.example.org/API/v3", "https://github.example.org/api/v3"),
        ("github", "https://github.example.org/api/v3/api/v3", "https://github.example.org/api/v3"),
        ("github", "http://127.0.0.1:8080/api/graphql", "http://127.0.0.1:8080/api/v3"),
        ("github", "http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080/api/v3"),
        ("github", "https://octocorp.ghe.com", "https://api.octocorp.ghe.com"),
        ("github", "https://proxy.example.org/github/api", "https://proxy.example.org/github/api"),
        ("github", "https://ghe", "https://ghe"),
        ("gitlab", "https://gitlab.cern.ch/api/v4/projects", "https://gitlab.cern.ch"),
        ("gitlab", "https://gitlab.cern.ch/api/graphql", "https://gitlab.cern.ch"),
        ("gitlab", "https://gitlab.cern.ch/API/V4/", "https://gitlab.cern.ch"),
        ("gitlab", "https://gitlab.cern.ch/apis", "https://gitlab.cern.ch/apis"),
        ("github", "https://api.octocorp.ghe.com", "https://api.octocorp.ghe.com"),
        ("github", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("github", "http://[::1]:8080", "http://[::1]:8080"),
        ("github", "http://localhost:8080", "http://localhost:8080"),
        ("github", "https://proxy.example.org/github", "https://proxy.example.org/github"),
        ("git", "https://git.example.org/api/v4", "https://git.example.org/api/v4"),
    ],
)
def test_the_address_of_an_api_is_known_from_what_people_write(kind: str, written: str, right: str) -> None:
    site = SITES[kind]
    assert site.right_address(written).rstrip("/") == right.rstrip("/")
    assert site.right_address(site.right_address(written)) == site.right_address(written)


@pytest.mark.parametrize(
    ("kind", "written", "other"),
    [
        ("gitlab", "https://github.com/", "github"),
        ("gitlab", "https://api.github.com", "github"),
        ("github", "https://gitlab.com", "gitlab"),
        ("gitlab", "https://gitlab.com", ""),
        ("gitlab", "https://github.example.org", ""),
        ("git", "https://github.com", ""),
    ],
)
def test_the_kind_of_a_public_forge_is_known(kind: str, written: str, other: str) -> None:
    assert other_kind(kind, written) == other


@pytest.mark.parametrize(
    ("kind", "written", "is_doubtful"),
    [
        ("github", "https://ghe", True),
        ("github", "https://ghe:8443/", True),
        ("github", "https://ghe/api/v3", False),
        ("github", "http://ghe", False),
        ("github", "https://localhost:8443", False),
        ("github", "https://[::1]:8443", False),
        ("github", "https://10.0.0.1", False),
        ("gitlab", "https://gitlab", False),
    ],
)
def test_a_host_of_one_word_may_be_an_enterprise(kind: str, written: str, *, is_doubtful: bool) -> None:
    assert SITES[kind].may_lack_path(written) == is_doubtful


def test_what_the_configuration_needs_of_forges_loads_no_forge() -> None:
    heavy = ("github", "gitlab", "requests", *(f"bot.forges.{kind}.forge" for kind in SITES))
    code = f"import sys; from bot.config.load import load; print(*set({heavy}) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_every_forge_is_found_by_its_kind() -> None:
    assert {kind: site.kind for kind, site in SITES.items()} == {kind: kind for kind in ("github", "gitlab", "git")}
