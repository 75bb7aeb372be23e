"""A client that asks one recorded forge, and a clock that is set by hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from bot.demo.recorded.history import RecordedRepository, RecordedTag

NOON = datetime(2021, 2, 22, 12, tzinfo=UTC)
TOKEN = "made-up-token"


@dataclass
class HandClock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Client:
    base: str
    token: str | None = TOKEN
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **headers: str) -> requests.Response:
        address = path if path.startswith("http") else self.base + path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.get(address, headers=self._authorization() | named, timeout=5)

    def query(self, text: str, **variables: object) -> dict[str, Any]:
        answer = self.ask(text, variables)
        assert answer.status_code == 200
        told: dict[str, Any] = answer.json()
        return told

    def ask(self, text: str, variables: Mapping[str, object]) -> requests.Response:
        body = json.dumps({"query": text, "variables": dict(variables)})
        return self.session.post(f"{self.base}/graphql", data=body, headers=self._authorization(), timeout=5)

    def anonymous(self) -> "Client":
        return Client(self.base, None, self.session)

    def _authorization(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


def an_oid(seed: str) -> str:
    return (seed.encode().hex() + "0" * 40)[:40]


def a_light_tag(name: str, committed: datetime = NOON) -> RecordedTag:
    return RecordedTag(name, an_oid(name), committed)


def an_annotated_tag(name: str, committed: datetime = NOON, tagged: datetime | None = None) -> RecordedTag:
    return RecordedTag(name, an_oid(name), committed, tag_object=an_oid(f"object {name}"), tagged=tagged or committed)


def a_project(*tags: RecordedTag, path: str = "lab/tool") -> RecordedRepository:
    repository = RecordedRepository(path)
    repository.put(*tags)
    return repository
