"""Posting by mail through the real Apprise, to a mail server on loopback."""

from dataclasses import replace
from email.message import EmailMessage
from threading import Event

import pytest

from bot.services.ports import ChatDoubtful, ChatRefused, ChatUnavailable
from tests.chats.notify.conftest import failing, place_at, posted
from tests.chats.notify.mail import Behaviour, FakeMailServer
from tests.render.digests import dirac_digest


def part(content: EmailMessage, kind: str) -> str:
    found = content.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def test_a_digest_is_a_mail_with_its_headline_as_subject_in_html_and_plain(mail: FakeMailServer) -> None:
    digest = dirac_digest()
    posted(place_at(mail.address), digest)
    [sent] = mail.mails
    assert (sent.sender, sent.receivers) == ("bot@example.org", ["dirac@example.org"])
    assert sent.content["Subject"] == digest.headline
    assert sent.content["List-Id"] == "<monthly.release-bot.example.org>"
    assert sent.content.get_content_type() == "multipart/alternative"
    page, plain = part(sent.content, "html"), part(sent.content, "plain")
    assert '/releases/tag/v7r1p29">v7r1p29</a>' in page
    assert page.startswith("<p>22 Jan to 22 Feb 2021")
    assert "v7r1p29" in plain
    assert "<" not in plain


def test_a_mail_that_is_sent_again_has_the_same_id_and_another_one_another(mail: FakeMailServer) -> None:
    place = place_at(mail.address)
    message = place.freeze("place", dirac_digest()).message
    for key in ("0f" * 16, "0f" * 16, "f0" * 16):
        place.post("place", message, key)
    ids = [each.content.get_all("Message-ID") for each in mail.mails]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0] is not None
    assert [each.partition("@")[0] for each in ids[0]] == [f"<{'0f' * 16}"]


def test_a_mail_in_plain_text(mail: FakeMailServer) -> None:
    posted(place_at(mail.address, "text"), dirac_digest())
    [sent] = mail.mails
    assert sent.content.get_content_type() == "text/plain"
    assert sent.content.get_content().startswith("22 Jan to 22 Feb 2021")


def test_a_headline_from_a_forge_makes_no_header(mail: FakeMailServer) -> None:
    posted(place_at(mail.address), replace(dirac_digest(), headline="7\r\nBcc: all@example.org\n\n<b>x"))
    [sent] = mail.mails
    assert sent.receivers == ["dirac@example.org"]
    assert sent.content["Bcc"] is None
    assert sent.content["Subject"].startswith("7\\x0d\\x0aBcc: all@")


def test_a_long_mail_is_cut_at_a_line_and_its_list_is_ended(mail: FakeMailServer) -> None:
    digest = dirac_digest()
    long = replace(digest, problems=tuple(replace(digest.problems[0], text="x" * 5000) for _ in range(20)))
    posted(place_at(mail.address), long)
    page = part(mail.mails[0].content, "html")
    assert 25_000 < len(page) <= 32_768
    assert page.count("<ul>") == page.count("</ul>")
    assert "more lines; full digest: release-bot digest monthly</em></p>" in page


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Behaviour({"RCPT": b"550 no such user"}), "the mail server answered 550"),
        (Behaviour({"MAIL": b"530 log in"}), "the mail server answered 530"),
        (Behaviour({"END": b"554 spam"}), "the mail server answered 554"),
        (Behaviour({"RCPT": b"450 busy"}), "the mail server answered 450"),
        (Behaviour(drop="EHLO"), "the connection to E-Mail ended without a response"),
        (Behaviour(drop="DATA"), "the connection to E-Mail ended without a response"),
    ],
)
def test_what_a_mail_server_does_not_confirm_is_in_doubt_and_says_what_came(
    mail: FakeMailServer, behaviour: Behaviour, words: str
) -> None:
    mail.behaviour = behaviour
    error = failing(place_at(mail.address))
    assert (type(error), error.what) == (ChatDoubtful, words)


def test_a_login_that_is_refused_sent_nothing(mail: FakeMailServer) -> None:
    mail.behaviour = Behaviour({"EHLO": b"250-fake\r\n250 AUTH PLAIN", "AUTH": b"535 no"})
    error = failing(place_at(mail.address.replace("mailto://", "mailto://bot:s3cret@")))
    assert isinstance(error, ChatRefused)
    assert error.reason == "the mail server rejected the login (535); check the login in $CHAT_URL"
    assert mail.mails == []


@pytest.mark.parametrize("drop", ["EHLO", "AUTH"])
def test_a_mail_server_that_breaks_off_before_the_mail_was_sent_nothing(mail: FakeMailServer, drop: str) -> None:
    mail.behaviour = Behaviour({"EHLO": b"250-fake\r\n250 AUTH PLAIN"}, drop=drop)
    error = failing(place_at(mail.address.replace("mailto://", "mailto://bot:s3cret@")))
    assert (type(error), error.what) == (ChatUnavailable, "cannot reach E-Mail")


def test_a_mail_server_that_says_nothing_after_the_mail_leaves_doubt(mail: FakeMailServer, released: Event) -> None:
    mail.behaviour = Behaviour(silence=released)
    error = failing(place_at(mail.address + "&cto=0.3"))
    assert isinstance(error, ChatDoubtful)
    assert error.what == "E-Mail did not answer in time"
    assert len(mail.mails) == 1


def test_where_no_mail_server_listens_the_mail_was_surely_not_taken() -> None:
    with FakeMailServer() as gone:
        address = gone.address
    assert isinstance(failing(place_at(address)), ChatUnavailable)
