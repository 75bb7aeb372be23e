"""Requests that cannot be sent, or whose response cannot be read: each is an error of the chat."""

import pytest

from bot.chats.matrix.api import MatrixApi
from bot.chats.matrix.responses import MatrixError, Unreachable
from tests.chats.matrix.fake_matrix import FakeMatrix


@pytest.mark.parametrize("url", ["https://", "http://[::1", "ftp://x", "no-url", "http://a..b/", "http://x:99999999/"])
def test_an_invalid_url_is_an_error_of_the_chat(url: str) -> None:
    with pytest.raises(MatrixError):
        MatrixApi("token", url, timeout=1).user()


@pytest.mark.parametrize("token", ["secret\nbreak", "secret版"])
def test_a_token_that_no_header_can_have_is_sent_nowhere_and_not_shown(matrix: FakeMatrix, token: str) -> None:
    with pytest.raises(Unreachable) as raised:
        MatrixApi(token, matrix.url, timeout=1).user()
    assert "secret" not in f"{raised.value!r} {raised.value}"


def test_half_a_character_in_a_text_or_an_id_is_an_error_of_the_chat(matrix: FakeMatrix) -> None:
    with pytest.raises(MatrixError):
        MatrixApi("token", matrix.url, timeout=5).put("rooms", "\ud800", "send", body={"body": "\ud800"})
