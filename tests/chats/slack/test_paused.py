"""A worker that is stopped by SIGSTOP while it connects to Slack, and wakes up after its deadline."""

import os
import signal
import subprocess
import sys
from time import monotonic

import pytest

from tests.chats.slack.fake_slack import TOKEN, FakeSlack

_SECONDS = 1.0
_POST = """
import json, os, signal, sys, time
from bot.network.exchange import BoundedSocket
from bot.services.ports import ChatError
from bot.chats.slack.client import SlackClient

class Stopped(BoundedSocket):
    def connect(self, address):
        if sys.argv[3] == "before":
            os.kill(os.getpid(), signal.SIGSTOP)
        super().connect(address)
        if sys.argv[3] == "after":
            os.kill(os.getpid(), signal.SIGSTOP)

import bot.network.exchange
bot.network.exchange.BoundedSocket = Stopped
chat = SlackClient(sys.argv[2], sys.argv[1])
message = json.dumps({"text": "6 patch releases", "blocks": []})
try:
    chat.post("#dirac-releases", message, "k3y", time.monotonic() + float(sys.argv[4]))
except ChatError as error:
    print(type(error).__name__)
else:
    print("posted")
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("is_late", [True, False])
def test_a_worker_that_wakes_up_after_its_deadline_sends_nothing(when: str, *, is_late: bool) -> None:
    with FakeSlack(socket_mode=False) as slack:
        seconds = _SECONDS if is_late else 60
        command = [sys.executable, "-c", _POST, slack.url, TOKEN, when, str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            os.waitpid(process.pid, os.WUNTRACED)
            ends = monotonic() + _SECONDS
            while is_late and monotonic() < ends:
                pass
            process.send_signal(signal.SIGCONT)
            printed, _ = process.communicate(timeout=60)
        assert printed == ("ChatUnavailable\n" if is_late else "posted\n")
        assert len(slack.messages) == (not is_late)
        assert len(slack.requests) == (not is_late)
