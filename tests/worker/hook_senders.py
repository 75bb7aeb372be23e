"""What a forge does when something happens in a repository: it signs a webhook and sends it."""

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from typing import Any

import requests

from bot.app import now

SECRET, TOKEN, SIGNING = "hook-s3cret", "gitlab-t0ken", f"whsec_{b64encode(b'k' * 32).decode()}"
DIRAC = {"id": 4242, "full_name": "DIRACGrid/DIRAC"}


def send_github(
    address: str, event: str, payload: dict[str, Any], secret: str = SECRET, body: bytes | None = None
) -> requests.Response:
    """Send a webhook as GitHub does; ``address`` is of the server."""
    body = json.dumps({"repository": DIRAC, **payload}).encode() if body is None else body
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}",
    }
    return requests.post(f"{address}/hooks/github", data=body, headers=headers, timeout=20)


def send_gitlab(address: str, payload: dict[str, Any], secret: str = TOKEN) -> requests.Response:
    """Send a webhook as GitLab does: with its secret token, or signed where the secret is a signing token."""
    body = json.dumps(payload).encode()
    headers = {"Content-Type": "application/json", "X-Gitlab-Event": "Tag Push Hook"}
    if secret.startswith("whsec_"):
        sent = str(int(now().timestamp()))
        signed = hmac.new(b64decode(secret.removeprefix("whsec_")), f"id-1.{sent}.".encode() + body, hashlib.sha256)
        signature = f"v1,{b64encode(signed.digest()).decode()}"
        headers |= {"webhook-id": "id-1", "webhook-timestamp": sent, "webhook-signature": signature}
    else:
        headers["X-Gitlab-Token"] = secret
    return requests.post(f"{address}/hooks/gitlab", data=body, headers=headers, timeout=20)
