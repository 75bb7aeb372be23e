"""A place that misbehaves: a post takes a bounded time whatever the server does."""

import json
from time import monotonic

import pytest

from bot.places.place import ApprisePlace
from bot.services.ports import ChatError
from tests.network.servers import ATTACKS, Manner, answering

MESSAGE = json.dumps({"title": "", "body": "6 patch releases", "language": "text"})


@pytest.mark.parametrize("name", ["silence", "100 Continue for ever", "headers that drip", "a body that drips"])
def test_a_post_ends_in_time(name: str) -> None:
    manner: Manner = ATTACKS[name]
    with answering(manner) as server:
        place = ApprisePlace("places.chat", "CHAT", server.url.replace("http", "json"), None, timeout=0.5)
        begun = monotonic()
        with pytest.raises(ChatError, match="did not answer in time"):
            place.post("chat", MESSAGE, "k3y")
        assert monotonic() - begun < 3
