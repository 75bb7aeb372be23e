"""The table of the web page: who may look, and what is warned of."""

from pathlib import Path

import pytest

from bot.config.errors import ConfigErrors
from bot.config.load import show
from bot.config.secrets import token_variables
from tests.config.files import BASE, settings


def test_without_the_table_nothing_is_served(tmp_path: Path) -> None:
    web = settings(BASE, tmp_path).web
    assert (web.address, web.public_url, web.is_restricted) == (None, None, False)


@pytest.mark.parametrize(
    ("address", "more", "is_warned"),
    [
        ("127.0.0.1:8080", "", False),
        ("[::1]:8080", "", False),
        ("localhost:8080", "", False),
        ("0.0.0.0:8080", "", True),
        ("[::]:8080", "", True),
        ("releases.example.org:80", "", True),
        ("0.0.0.0:8080", 'token_env = "WEB_TOKEN"\n', False),
        ("0.0.0.0:8080", 'user_header = "X-Forwarded-User"\n', False),
    ],
)
def test_it_warns_where_anybody_may_look_from_other_machines(
    tmp_path: Path, address: str, more: str, *, is_warned: bool
) -> None:
    web = settings(f'[web]\naddress = "{address}"\n{more}', tmp_path).web
    assert web.address is not None
    assert (web.warning_at(web.address) is not None) is is_warned


def test_the_token_is_a_secret_like_others(tmp_path: Path) -> None:
    made = settings('[web]\npublic_url = "https://r.example.org/"\ntoken_env = "WEB_TOKEN"\n', tmp_path)
    assert made.web.public_url == "https://r.example.org"
    assert "WEB_TOKEN" in token_variables(made)
    shown = show(made, {"WEB_TOKEN": "s3cret"})["web"]
    assert shown == {"public_url": "https://r.example.org", "token_env": "WEB_TOKEN", "token": "***"}


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('public_url = "https://example.org/releases"', "must not contain a path"),
        ('public_url = "releases.example.org"', "invalid URL"),
        ('address = "8080"', "invalid listen address"),
        ('user_header = "X Forwarded User"', "web.user_header"),
        ('user_header = "Host"', "which anybody sends"),
    ],
)
def test_a_wrong_value_is_one_line(tmp_path: Path, line: str, what: str) -> None:
    with pytest.raises(ConfigErrors) as caught:
        settings(f"[web]\n{line}\n", tmp_path)
    [error] = caught.value.errors
    assert what in str(error)
