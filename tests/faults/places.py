"""Faults of another place than Slack, each as a digest is posted there through Apprise."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event

from bot.demo.recorded.server import Drop, Response
from tests.chats.notify.fakes import FakeMattermost
from tests.faults.clock import CLOCK
from tests.faults.rows import Row
from tests.faults.stage import Stage, stage

_VARIABLE = "MATTERMOST_URL"
_PLACE = f'[places.mattermost]\nurl_env = "{_VARIABLE}"\n'


@dataclass(frozen=True)
class PlaceFault:
    """What goes wrong; ``name`` says it."""

    name: str
    set: Callable[[Stage, FakeMattermost], object]


def rows() -> Iterator[Row]:
    """Let each fault happen as the digest of last week is posted, and see what becomes of it."""
    for fault in FAULTS:
        with stage() as set_up, FakeMattermost() as mattermost:
            set_up.more = f'also = ["mattermost"]\n{_PLACE}'
            set_up.environment |= {_VARIABLE: f"{mattermost.address}?cto=1&rto=1"}
            set_up.configure()
            yield _row(fault, set_up, mattermost)


def _row(fault: PlaceFault, stage: Stage, mattermost: FakeMattermost) -> Row:
    fault.set(stage, mattermost)
    said = stage.run("digest", "weekly", "--post", "--channel", "mattermost")
    CLOCK.go_on(minutes=10)
    stage.deliver()
    told = [message.text for message in stage.slack.messages if not message.metadata]
    state = _state(stage)
    _heal(stage, mattermost)
    mend = _mend(state, mattermost)
    if mend:
        stage.run("deliveries", mend, "1")
    elif state == "none":
        stage.run("digest", "weekly", "--post", "--channel", "mattermost")
    for _ in range(2):
        CLOCK.go_on(hours=1)
        stage.deliver()
    count = len(mattermost.taken)
    after = f", after release-bot deliveries {mend}" if mend else ", asked for again" if state == "none" else ""
    was = "there is no delivery" if state == "none" else f"the delivery is {state}"
    did = f"{was}; when it was over{after}, it is {_state(stage)}, {count} times in the channel"
    assert (_state(stage), count) == ("sent", 1), f"{fault.name}: {did}"
    lines = [said.err, *(f"to a maintainer: {text}" for text in told)]
    return Row(fault.name, did.replace("1 times", "once"), "\n".join(lines))


def _state(stage: Stage) -> str:
    found = stage.run("deliveries", "list", "--all", "--format", "json").json
    return str(found[0]["state"]) if found else "none"


def _mend(state: str, mattermost: FakeMattermost) -> str:
    """Do what a person does who looks into the channel."""
    if state == "sending":
        return "confirm" if mattermost.taken else "retry"
    return "retry" if state == "failed" else ""


def _heal(stage: Stage, mattermost: FakeMattermost) -> None:
    mattermost.interceptor = None
    if mattermost.silence is not None:
        mattermost.silence.set()
    stage.environment |= {_VARIABLE: mattermost.address}


def answering(answer: Response | Drop) -> Callable[[Stage, FakeMattermost], object]:
    """Let every post be answered so."""

    def set_up(stage: Stage, mattermost: FakeMattermost) -> None:
        del stage
        mattermost.interceptor = lambda _: answer

    return set_up


def addressed(address: str) -> Callable[[Stage, FakeMattermost], object]:
    """Let the variable hold another address."""
    return lambda stage, _: stage.environment.update({_VARIABLE: address})


def _silent(stage: Stage, mattermost: FakeMattermost) -> None:
    del stage
    mattermost.silence = Event()


def _unknown_token(stage: Stage, mattermost: FakeMattermost) -> None:
    stage.environment |= {_VARIABLE: f"{mattermost.address}x"}


FAULTS = (
    PlaceFault("none: an ordinary post", lambda *_: None),
    PlaceFault("the variable is not set", addressed("")),
    PlaceFault("an address that Apprise does not understand", addressed("chat.example.org/t0ken")),
    PlaceFault("an address with two receivers", addressed("mmosts://chat.example.org/t0ken?to=one,two")),
    PlaceFault("a token that Mattermost does not know", _unknown_token),
    PlaceFault("404", answering(Response(404, {}, b"{}"))),
    PlaceFault("a redirect to somewhere else", answering(Response(302, {"location": "/login"}, b""))),
    PlaceFault("429", answering(Response(429, {}, b"{}"))),
    PlaceFault("500", answering(Response(500, {}, b"{}"))),
    PlaceFault("nobody listens", addressed("mmost://127.0.0.1:1/t0ken")),
    PlaceFault("the connection is cut before the message was taken", answering(Drop())),
    PlaceFault("the connection is cut after the message was taken", answering(Drop(after=True))),
    PlaceFault("it takes the message, and does not answer", _silent),
)
