"""Faults of Slack, each as a digest is posted."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bot.demo.recorded.server import Drip, Response
from tests.chats.slack.fake_slack import CHANNEL, DROPPED, DROPPED_AFTER_TAKING, TOKEN, Failure, rate_limited
from tests.faults.clock import CLOCK
from tests.faults.listening import nobody
from tests.faults.rows import Row
from tests.faults.stage import Stage, stage

_POST, _HISTORY = "/chat.postMessage", "/conversations.history"


@dataclass(frozen=True)
class ChatFault:
    """What goes wrong; ``name`` says it."""

    name: str
    set: Callable[[Stage], object]


def rows() -> Iterator[Row]:
    """Let each fault happen as the digest of last week is posted, and see what becomes of it."""
    for fault in FAULTS:
        with stage() as set_up:
            yield _row(fault, set_up)


def _row(fault: ChatFault, stage: Stage) -> Row:
    fault.set(stage)
    said = stage.run("digest", "weekly", "--post")
    stage.deliver()
    told = [message.text for message in stage.slack.messages if not message.metadata]
    state = _state(stage)
    status = stage.run("status").out
    _heal(stage)
    if state == "failed":
        stage.run("deliveries", "retry", "1")
    for _ in range(2):
        CLOCK.go_on(hours=1)
        stage.deliver()
    count = sum(1 for message in stage.slack.messages if message.metadata)
    again = ", after release-bot deliveries retry" if state == "failed" else ""
    did = f"the delivery is {state}; when it was over{again}, it is {_state(stage)}, {count} times in the channel"
    assert (_state(stage), count) == ("sent", 1), f"{fault.name}: {did}"
    digests = [line for line in status.splitlines() if line.startswith("digests: ")]
    lines = [said.err, *digests, *(f"to a maintainer: {text}" for text in told)]
    return Row(fault.name, did.replace("1 times", "once"), "\n".join(lines))


def _state(stage: Stage) -> str:
    [delivery] = stage.run("deliveries", "list", "--all", "--format", "json").json
    return str(delivery["state"])


def _heal(stage: Stage) -> None:
    stage.slack.interceptor = None
    stage.environment |= {"SLACK_BOT_TOKEN": TOKEN}
    stage.slack.workspace.channels |= {CHANNEL, "#dirac-releases"}
    stage.configure()


def failing(*failures: Failure) -> Callable[[Stage], object]:
    """Let the next requests go wrong."""
    return lambda stage: stage.slack.fail_next(*failures)


def refusing(code: str) -> Callable[[Stage], object]:
    """Let Slack refuse the message for a reason, as it does: with HTTP 200."""
    return failing(Failure(Response.json(200, {"ok": False, "error": code}), path=_POST))


def _not_there(stage: Stage) -> None:
    stage.slack.workspace.channels.clear()


def _other_token(stage: Stage) -> None:
    stage.environment |= {"SLACK_BOT_TOKEN": "xoxb-revoked"}


def _nobody_listens(stage: Stage) -> None:
    with nobody() as address:
        stage.configure(slack=f"{address}/")


_HTML = Response.text(200, "<html>please log in to the network</html>")
_MANY_REFUSED = ("is_archived", "token_revoked", "token_expired", "account_inactive", "missing_scope")

FAULTS = (
    ChatFault("none: an ordinary post", lambda _: None),
    ChatFault("429 with Retry-After: 30", failing(rate_limited(30, _POST))),
    ChatFault("503", failing(Failure(Response(503, {}, b"{}"), path=_POST))),
    ChatFault("internal_error", refusing("internal_error")),
    ChatFault("a page of HTML from something in between", failing(Failure(_HTML, path=_POST))),
    ChatFault("nobody listens", _nobody_listens),
    ChatFault("the connection is cut before Slack took the message", failing(replace(DROPPED, path=_POST))),
    ChatFault("the connection is cut after Slack took the message", failing(replace(DROPPED_AFTER_TAKING, path=_POST))),
    ChatFault(
        "cut after it was taken, and the history cannot be read at first",
        failing(
            replace(DROPPED_AFTER_TAKING, path=_POST),
            Failure(Response(503, {}, b"{}"), path=_HISTORY),
        ),
    ),
    ChatFault("it takes the message, and answers too late", failing(Failure(Drip(4, 10_000), taken=True, path=_POST))),
    ChatFault("the bot is not in the channel, or there is none", _not_there),
    *(ChatFault(code, refusing(code)) for code in _MANY_REFUSED),
    ChatFault("another token than Slack knows", _other_token),
)
