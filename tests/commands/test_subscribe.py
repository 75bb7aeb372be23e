"""The words of subscribing and unsubscribing, and questions that only look alike."""

import pytest

from bot.commands.subscribe import Subscribe
from bot.commands.subscribe_words import Unwanted
from bot.commands.unsubscribe import Unsubscribe
from bot.dialogue import understand
from bot.domain.filters import KindWord
from bot.queries.base import Query
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.subscriptions import Subscriptions
from bot.services.subscriptions import Wish
from tests.builders import a_repository, as_of

DIRAC, PILOT = a_repository(), a_repository("DIRACGrid/Pilot")
WORDS = Vocabulary((DIRAC, PILOT), ("weekly",), ("hackathon",))
NOW = as_of("2021-02-22T13:00")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("subscribe DIRAC v7r1 here", Subscribe(Wish((DIRAC.key,), ("v7r1",)))),
        ("subscribe DIRAC", Subscribe(Wish((DIRAC.key,)))),
        ("subscribe this channel to DIRAC and Pilot", Subscribe(Wish((DIRAC.key, PILOT.key)))),
        ("please subscribe us to the v7r1 series", Subscribe(Wish((), ("v7r1",)))),
        ("subscribe me to DIRAC", Subscribe(Wish((DIRAC.key,)), is_direct=True)),
        ("subscribe DIRAC 7.2", Subscribe(Wish((DIRAC.key,), ("v7r2",)))),
        (
            "subscribe to pre-releases of v7r2 here",
            Subscribe(Wish((), ("v7r2",)), (KindWord.PRE_RELEASE,)),
        ),
        ("subscribe DIRAC with pre-releases", Subscribe(Wish((DIRAC.key,)), (KindWord.ALL,))),
        ("subscribe", Subscribe(Wish())),
        ("tell me when v7r2 is out", Subscribe(Wish(version="v7r2"), is_direct=True)),
        ("Can you tell me when v7r2 is out?", Subscribe(Wish(version="v7r2"), is_direct=True)),
        ("tell me when DIRAC v7r2 is released", Subscribe(Wish((DIRAC.key,), version="v7r2"), is_direct=True)),
        ("let me know as soon as v7r1p30 comes out", Subscribe(Wish(version="v7r1p30"), is_direct=True)),
        ("tell us when v8r0 is available", Subscribe(Wish(version="v8r0"))),
        ("tell me here when v7r2 is out", Subscribe(Wish(version="v7r2"))),
        ("notify me when V7R2-pre35 is out", Subscribe(Wish(version="V7R2-pre35"), is_direct=True)),
        ("notify me of releases of v7r1", Subscribe(Wish((), ("v7r1",)), is_direct=True)),
        ("tell me when DIRAC has a new release", Subscribe(Wish((DIRAC.key,)), is_direct=True)),
        (
            "tell me when a new patch release of v7r1 is out",
            Subscribe(Wish((), ("v7r1",)), (KindWord.PATCH,), is_direct=True),
        ),
        ("tell me when there is a new release of v7r1", Subscribe(Wish((), ("v7r1",)), is_direct=True)),
        ("unsubscribe", Unsubscribe(Unwanted())),
        ("unsubscribe 3", Unsubscribe(Unwanted(3))),
        ("unsubscribe #3", Unsubscribe(Unwanted(3))),
        ("unsubscribe all", Unsubscribe(Unwanted(is_all=True))),
        ("unsubscribe me from DIRAC", Unsubscribe(Unwanted(repositories=(DIRAC.key,), is_direct=True))),
        ("unsubscribe v7r1", Unsubscribe(Unwanted(versions=("v7r1",)))),
        ("subscriptions", Subscriptions()),
        ("list our subscriptions", Subscriptions()),
        ("what am I subscribed to?", Subscriptions()),
    ],
)
def test_what_is_to_be_told_is_read(text: str, asked: object) -> None:
    assert understand(text, WORDS, NOW).asked == asked


@pytest.mark.parametrize(
    "text",
    [
        "tell me when v7r1p29 was released",
        "tell me when v7r1p29 came out",
        "tell me about v7r1p29",
        "when is v7r2 out",
        "tell me the status of v7r2",
        "how do I subscribe",
    ],
)
def test_questions_stay_questions(text: str) -> None:
    understood = understand(text, WORDS, NOW)
    assert not isinstance(understood.asked, Subscribe | Subscriptions)
    assert understood.asked is None or isinstance(understood.asked, Query)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("subscribe Gaudi here", 'I do not know "gaudi"'),
        ("subscribe DIRAC in 2020", "a subscription is to repositories, series, kinds of release, or one release"),
        ("subscribe hackathons of v7r2", "a subscription is to repositories, series"),
        ("tell me when v7r2p1 and v7r2p2 is out", "one release at a time, please"),
        ("tell me when it is out", "name a release or a repository"),
        ("unsubscribe 3 and 4", "one number at a time, please"),
        ("subscriptions of v7r1", "I list all subscriptions of a channel or a person"),
    ],
)
def test_what_is_not_clear_is_refused_with_the_reason(text: str, reason: str) -> None:
    refusal = understand(text, WORDS, NOW).refusal
    assert refusal is not None
    assert reason.lower() in refusal.reason.lower()


def test_the_wording_of_the_question_is_understood_as_it() -> None:
    assert understand(Subscriptions().wording(), WORDS, NOW).asked == Subscriptions()
