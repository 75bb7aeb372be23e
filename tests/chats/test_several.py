"""Several chats at once: a digest in each one's own formatting, and none that waits for another."""

from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event

import pytest

from bot.chats.router import ChatRouter
from bot.chats.slack.client import SlackClient
from bot.demo.recorded.server import Request, Response
from bot.domain.periods.period import AsOf
from bot.services.deliver import DeliverySender
from bot.services.digests import DigestOrder, keep_digest, make_digest
from bot.services.maintainers import tell_maintainers
from bot.store.store import Store
from tests.builders import PARIS
from tests.chats.hosts import DIRAC, SLIDE
from tests.chats.mattermost.fake_mattermost import FakeMattermost
from tests.chats.mattermost.hosts import CHANNEL_NAME, client_of
from tests.chats.slack.fake_slack import MAINTAINER, TOKEN, FakeSlack
from tests.histories import write_history

CHANNELS = ("#dirac-releases", "other:#dirac-releases", f"cern:{CHANNEL_NAME}")


class Chats:
    """Two workspaces of Slack, and a Mattermost."""

    def __init__(self, slack: FakeSlack, other: FakeSlack, mattermost: FakeMattermost) -> None:
        self.slack, self.other, self.mattermost = slack, other, mattermost
        slack.workspace.clock = other.workspace.clock = mattermost.state.clock = SLIDE.timestamp
        clients = {"slack": SlackClient(TOKEN, slack.url), "other": SlackClient(TOKEN, other.url)}
        self.router = ChatRouter({**clients, "cern": client_of(mattermost)}, {})

    def keep(self, store: Store) -> None:
        """Keep one digest for each of the chats."""
        for channel in CHANNELS:
            order = DigestOrder("monthly", channel, "1m", [DIRAC])
            keep_digest(order, make_digest(order, store, AsOf.at(SLIDE, PARIS), SLIDE), self.router, store)

    def deliver(self, store: Store) -> None:
        DeliverySender(self.router, store.deliveries, lambda: SLIDE).deliver_all()


@pytest.fixture
def chats() -> Iterator[Chats]:
    with ExitStack() as stack:
        slack, other = (stack.enter_context(FakeSlack(socket_mode=False)) for _ in range(2))
        yield Chats(slack, other, stack.enter_context(FakeMattermost()))


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('store')}/bot.db") as store:
        write_history(store, DIRAC)
        yield store


def test_a_digest_goes_to_each_chat_once_in_its_own_formatting(chats: Chats, store: Store) -> None:
    chats.keep(store)
    for _ in range(2):
        chats.deliver(store)
    [first], [second], [third] = chats.slack.messages, chats.other.messages, chats.mattermost.messages
    assert first.blocks == second.blocks != []
    assert first.metadata != second.metadata
    assert third.message.startswith("**6 patch releases of DIRAC ")
    assert "](https://" in third.message
    assert "|v7r0p49>" not in third.message
    assert {each.channel for each in store.deliveries.in_states(["sent"])} == {*CHANNELS}


def test_a_chat_that_does_not_answer_holds_up_no_other(chats: Chats, store: Store) -> None:
    chats.keep(store)
    others_done = Event()

    def silent(_: Request) -> Response:
        assert others_done.wait(20)
        return Response.text(503, "down")

    chats.mattermost.interceptor = silent
    sender = DeliverySender(chats.router, store.deliveries, lambda: SLIDE)
    chats.slack.workspace.wait(lambda: True, 0)
    with ExitStack() as stack:
        from concurrent.futures import ThreadPoolExecutor

        threads = stack.enter_context(ThreadPoolExecutor(1))
        done = threads.submit(sender.deliver_all)
        stack.callback(others_done.set)
        assert chats.slack.wait_for(1)
        assert chats.other.wait_for(1)
        assert not done.done()
    assert [each.channel for each in done.result()] == [f"cern:{CHANNEL_NAME}"]


def test_maintainers_are_people_of_one_chat_each(chats: Chats) -> None:
    people = [f"slack:{MAINTAINER}", f"other:{MAINTAINER}", "cern:jdoe"]
    assert tell_maintainers("look", chats.router, people)
    assert [len(each.messages) for each in (chats.slack, chats.other, chats.mattermost)] == [1, 1, 1]
