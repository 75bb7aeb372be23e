"""The private key of an App: read however its line breaks are written, and refused without a word of it."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from bot.config import secrets
from bot.config.errors import ConfigErrors
from bot.config.secrets import lines_of, private_key
from tests import keys

PEM = keys.private()


def small() -> str:
    return written(generate_private_key(65537, 1024), NoEncryption())


def locked() -> str:
    return written(generate_private_key(65537, 2048), BestAvailableEncryption(b"passphrase"))


def curve() -> str:
    return written(generate_ec_key(SECP256R1()), NoEncryption())


def written(key: object, encryption: KeySerializationEncryption) -> str:
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)  # type: ignore[attr-defined]
    return pem.decode()


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        PEM.strip(),
        f"\n  {PEM}\n",
        PEM.replace("\n", "\\n"),
        PEM.replace("\n", "\r\n"),
        PEM.replace("\n", "\n   "),
        PEM.replace("\n", " "),
        PEM.replace("-----\n", "-----").replace("\n-----", "-----").replace("\n", ""),
        written(generate_private_key(65537, 2048), NoEncryption()),
    ],
    ids=[
        "as it is",
        "stripped",
        "with space around",
        "with \\\\n",
        "with CRLF",
        "indented",
        "with spaces",
        "joined",
        "PKCS #8",
    ],
)
def test_a_key_is_read_however_its_lines_are_broken(text: str) -> None:
    read = private_key({"KEY": text}, "KEY")
    assert read is not None
    assert read.splitlines()[0].startswith("-----BEGIN")
    assert "\\" not in read
    assert read.count("PRIVATE KEY") == 2


def test_a_key_that_is_read_again_is_not_tested_again() -> None:
    secrets._is_private_key.cache_clear()
    for text in (keys.private(), keys.private().replace("\n", "\\n")):
        assert private_key({"KEY": text}, "KEY") == keys.private()
    assert secrets._is_private_key.cache_info().misses == 1


@pytest.mark.parametrize("variables", [{}, {"KEY": ""}, {"KEY": " \n"}])
def test_a_blank_key_is_none(variables: dict[str, str]) -> None:
    assert private_key(variables, "KEY") is None


@pytest.mark.parametrize(
    "text",
    [
        "s3cret",
        keys.public(),
        PEM[:200],
        PEM.replace("A", "B"),
        f"größe {PEM}".replace("-----BEGIN", "-----BEGUN"),
        small(),
        locked(),
        curve(),
    ],
    ids=["a word", "public", "cut", "altered", "beyond ASCII", "small", "locked", "EC"],
)
def test_what_is_no_private_key_is_one_line_that_shows_nothing_of_it(text: str) -> None:
    with pytest.raises(ConfigErrors) as raised:
        private_key({"KEY": text}, "KEY")
    assert str(raised.value.errors[0]) == (
        "$KEY: not an RSA private key in PEM format, or protected by a passphrase; "
        "set it to the whole PEM file from GitHub, or set $KEY_FILE to the path of that file"
    )
    assert raised.value.errors[0].__context__ is None


def test_every_line_of_a_key_is_secret_but_those_that_say_what_it_is() -> None:
    lines = lines_of(PEM)
    assert len(lines) == len(PEM.splitlines()) - 2
    assert "".join(lines) in PEM.replace("\n", "")


@pytest.mark.parametrize("between", ["", " "])
def test_a_key_on_one_line_is_secret_too(between: str) -> None:
    text = between.join(PEM.splitlines())
    left = text
    for line in lines_of(private_key({"KEY": text}, "KEY") or ""):
        left = left.replace(line, "")
    assert left.split("-----")[1::2] == ["BEGIN RSA PRIVATE KEY", "END RSA PRIVATE KEY"]
    assert left.split("-----")[2].strip() == ""
