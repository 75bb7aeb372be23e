"""What Slack sends to an app that listens on HTTP, signed as its page on verifying requests says."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.chats.slack.fake.envelopes import COMMAND, EVENT, Envelope


@dataclass(frozen=True)
class SignedRequest:
    """The body and the headers of a POST."""

    body: bytes
    headers: dict[str, str]


def signed(envelope: Envelope, secret: str, at: int) -> SignedRequest:
    """Write an envelope's payload as the request that Slack would send at a time, in seconds since 1970."""
    body, kind = _body(envelope)
    mac = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256)
    retry = {"X-Slack-Retry-Num": str(envelope.attempt), "X-Slack-Retry-Reason": "http_timeout"}
    headers = {
        "Content-Type": kind,
        "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "X-Slack-Request-Timestamp": str(at),
        "X-Slack-Signature": f"v0={mac.hexdigest()}",
        **(retry if envelope.attempt else {}),
    }
    return SignedRequest(body, headers)


def _body(envelope: Envelope) -> tuple[bytes, str]:
    if envelope.kind == EVENT:
        return json.dumps(envelope.payload).encode(), "application/json"
    fields = envelope.payload if envelope.kind == COMMAND else {"payload": json.dumps(envelope.payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"
