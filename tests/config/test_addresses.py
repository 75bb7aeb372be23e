import pytest

from bot.config.addresses import right_address


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
        ("github", "https://api.octocorp.ghe.com", "https://api.octocorp.ghe.com"),
        ("github", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("github", "http://[::1]:8080", "http://[::1]:8080"),
        ("github", "http://localhost:8080", "http://localhost:8080"),
        ("github", "https://proxy.example.org/github", "https://proxy.example.org/github"),
        ("git", "https://git.example.org/api/v4", "https://git.example.org/api/v4"),
    ],
)
def test_the_address_of_an_api_is_known_from_what_people_write(kind: str, written: str, right: str) -> None:
    assert right_address(kind, written).rstrip("/") == right.rstrip("/")
    assert right_address(kind, right_address(kind, written)) == right_address(kind, written)
