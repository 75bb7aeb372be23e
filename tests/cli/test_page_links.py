"""Where the pages have a public URL, digests and answers link to theirs; nowhere else."""

import json
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from werkzeug.test import Client

from bot.app import open_app
from bot.worker.pages import mounts_of_pages
from tests.chats.slack.fake_slack import TOKEN, FakeSlack
from tests.cli.conftest import Product
from tests.cli.test_digest import DIGEST, ON_THE_DAY

PUBLIC = "https://releases.example.org"
WEB = f'[web]\naddress = "127.0.0.1:0"\npublic_url = "{PUBLIC}"\n'
QUESTION = "how many v7r0 patches in 2020?"
_URL = re.compile(rf"{PUBLIC}[^\s)>|\"]*")

# slack-sdk leaves the socket of a call that broke off to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


@pytest.fixture
def public(polled_by: Callable[..., Product], slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> Product:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    return polled_by(f'[slack]\nbase_url = "{slack.url}"\n{DIGEST}{WEB}')


def urls(text: str) -> list[str]:
    return [each.replace("&amp;", "&") for each in _URL.findall(text)]


def page(product: Product, url: str) -> str:
    """Return the page at a URL that was linked to."""
    app = open_app(str(product.config))
    with app.reading() as store:
        [mount] = mounts_of_pages(app.as_known(store), store, {})
        assert mount.otherwise is not None
        parts = urlsplit(url)
        answer = Client(mount.otherwise).get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 200, url
        return answer.text


def test_a_posted_digest_links_to_the_page_that_stays_as_it_was_told(public: Product, slack: FakeSlack) -> None:
    formats = ("text", "markdown", "html", "slack", "json")
    before = {url for each in formats for url in urls(public(*ON_THE_DAY, "--format", each).out)}
    assert before == {f"{PUBLIC}/digests/slide/%23dirac-releases"}
    assert "No digest was made yet." in page(public, before.pop())
    assert public(*ON_THE_DAY, "--post").code == 0
    [posted] = urls(json.dumps(slack.messages[0].blocks))
    assert posted.startswith(f"{PUBLIC}/digests/slide/%23dirac-releases/2021-01-21T23:00:00Z--2021-02-22T")
    shown = page(public, posted)
    assert "6 patch releases of DIRAC (v7r0: 3, v7r1: 3); 3 pre-releases" in shown
    assert "/DIRACGrid/DIRAC/releases/tag/v7r1p29" in shown
    for each in formats:
        assert urls(public(*ON_THE_DAY, "--format", each).out) == [posted]


def test_a_digest_that_is_posted_again_links_to_a_page_of_its_own(public: Product, slack: FakeSlack) -> None:
    for options in (["--post"], ["--post", "--again"]):
        assert public(*ON_THE_DAY, *options).code == 0
    first, second = (url for message in slack.messages for url in urls(json.dumps(message.blocks)))
    assert second == f"{first}--copy-1"
    assert "Posted again" in page(public, first)
    assert "Posted before" in page(public, second)


def test_an_answer_links_to_the_page_that_answers_the_same(public: Product) -> None:
    said = public("ask", "--as-of", "2021-02-22", QUESTION).out
    [url] = urls(said)
    number = said.partition(" ")[0]
    assert f"{number} patch releases" in page(public, url)
    assert urls(public("ask", "help").out + public("ask", "how many foos?").out) == []


def test_without_a_public_url_nothing_links_to_pages(public: Product) -> None:
    public.configure(public.config.read_text().replace(f'public_url = "{PUBLIC}"\n', ""))
    said = public(*ON_THE_DAY).out + public("ask", "--as-of", "2021-02-22", QUESTION).out
    assert "on the web" not in said.lower()
