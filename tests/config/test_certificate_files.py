"""Files with certificate authorities: beside the configuration, and told where they are none."""

from pathlib import Path

import pytest

from bot.config.errors import ConfigErrors
from bot.config.load import load
from tests.network.servers import authority

TEXT = """
[forges.gitlab]
kind = "gitlab"
base_url = "https://gitlab.example.org"
ca_file = "{file}"

[slack]
ca_file = "{file}"

[places.chat]
url_env = "CHAT_URL"
ca_file = "{file}"
"""


def written(folder: Path, file: str) -> Path:
    path = folder / "bot.toml"
    path.write_text(TEXT.format(file=file))
    return path


def test_a_file_is_looked_for_beside_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "certs").mkdir()
    monkeypatch.chdir(tmp_path / "certs")
    authority(tmp_path / "certs")
    settings = load(written(tmp_path, "certs/ca.pem"), {})
    expected = tmp_path / "certs" / "ca.pem"
    tables = settings.forges["gitlab"], settings.slack, settings.places["chat"]
    assert [settings.beside(table.ca_file) for table in tables] == [expected] * 3
    assert settings.ca_files == (expected,)
    assert load(written(tmp_path, str(expected)), {}).configured_chats["slack"].ca_file == expected


@pytest.mark.parametrize(
    ("content", "what"),
    [(None, "cannot be read (No such file or directory)"), ("hello", "contains no PEM certificate")],
)
def test_a_file_that_is_none_is_told_at_each_place(tmp_path: Path, content: str | None, what: str) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_text(content)
    with pytest.raises(ConfigErrors) as raised:
        load(written(tmp_path, "ca.pem"), {})
    told = [str(error) for error in raised.value.errors]
    assert [line.partition("; ")[0] for line in told] == [
        f'{tmp_path}/bot.toml: {where}.ca_file: certificate file "ca.pem" {what}'
        for where in ("forges.gitlab", "slack", "places.chat")
    ]
    assert all("PEM file with the certificate authority's certificate" in line for line in told)


def test_it_goes_with_web_addresses_only(tmp_path: Path) -> None:
    path = tmp_path / "bot.toml"
    path.write_text('[forges.site]\nkind = "git"\nbase_url = "ssh://git@git.example.org"\nca_file = "ca.pem"\n')
    with pytest.raises(ConfigErrors, match="ca_file works only with https URLs"):
        load(path, {})
