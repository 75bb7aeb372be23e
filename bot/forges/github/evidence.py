"""GitHub's traces of certification: milestones, issues with a label, pull requests; each list by its ETag."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from bot.domain.certification.hints import PullRequest
from bot.domain.certification.milestones import ReportedMilestone
from bot.forges.counter import RequestCounter
from bot.forges.github.client import GitHubClient
from bot.forges.payload import read_date, text_of
from bot.services.ports import EvidenceAnswer, EvidenceRequest, ForgeError, ForgeUnavailable, RepositoryNotFound

_PAGE = 100
_MOST_PAGES = 200
_Item = TypeVar("_Item")


class GitHubEvidence:
    """The reading of one repository's lists."""

    def __init__(self, client: GitHubClient, where: str, request: EvidenceRequest, now: datetime) -> None:
        self._client = client
        self._request = request
        self._now = now
        self._counter = RequestCounter(where)
        self._validators: dict[str, str] = dict(request.validators)

    def answer(self) -> EvidenceAnswer:
        """Read the lists that are wanted."""
        request = self._request
        try:
            path = self._present_path()
            milestones = self._list("milestones", path, "state=all", self._milestone) if request.milestones else ()
            found = {label: self._issues(path, label) for label in request.labels}
            pulls = self._list("pulls", path, "state=all&sort=created&direction=desc", self._pull)
        except ForgeError as error:
            return EvidenceAnswer(request.path, requests=self._counter.requests, error=error)
        issues = {label: each for label, each in found.items() if each is not None}
        return EvidenceAnswer(
            request.path, milestones, issues, pulls, self._validators, requests=self._counter.requests
        )

    def _present_path(self) -> str:
        """Ask for the repository's present name: PyGithub drops the query when it follows a renamed one."""
        found = self._client.get(self._counter, f"/repos/{self._request.path}").value
        return text_of(found, "full_name") or self._request.path

    def _issues(self, path: str, label: str) -> tuple[ReportedMilestone, ...] | None:
        try:
            return self._list("issues", path, f"state=all&labels={quote(label, safe='')}", self._issue)
        except RepositoryNotFound:
            # The repository is there, so this is GitHub's 410: issues are switched off.
            return ()

    def _list(self, name: str, path: str, query: str, read: Callable[[Any], _Item | None]) -> tuple[_Item, ...] | None:
        """Read a list from its newest page on; None if that page has not changed."""
        listed = f"{name}?{query}"
        address = f"/repos/{path}/{name}?{query}&per_page={_PAGE}"
        first = self._client.get(self._counter, address, validator=self._validators.get(listed))
        if first.is_unchanged:
            return None
        items = [item for entry in self._pages(address, first.value) if (item := read(entry)) is not None]
        self._validators[listed] = first.validator or ""
        return tuple(items)

    def _pages(self, address: str, entries: Any) -> Iterator[Any]:
        """Yield the entries of the pages until one is short, or older than what is wanted."""
        for number in range(2, _MOST_PAGES):
            if not isinstance(entries, list):
                raise ForgeUnavailable(self._counter.where, "GitHub's response is not a list")
            yield from entries
            if len(entries) < _PAGE or self._is_old(entries[-1]):
                return
            entries = self._client.get(self._counter, f"{address}&page={number}").value

    def _is_old(self, entry: Any) -> bool:
        created = read_date(entry.get("created_at")) if isinstance(entry, dict) and "head" in entry else None
        return created is not None and created < self._request.since

    def _milestone(self, entry: Any) -> ReportedMilestone | None:
        return self._reported(entry, _due(entry))

    def _issue(self, entry: Any) -> ReportedMilestone | None:
        """Read an issue; GitHub lists pull requests among them, and an issue is due with its milestone."""
        if not isinstance(entry, dict) or "pull_request" in entry:
            return None
        return self._reported(entry, _due(entry.get("milestone")))

    def _reported(self, entry: Any, due: date | None) -> ReportedMilestone | None:
        created = read_date(entry.get("created_at")) if isinstance(entry, dict) else None
        if created is None or not isinstance(entry.get("number"), int):
            return None
        return ReportedMilestone(
            number=entry["number"],
            title=text_of(entry, "title"),
            created=created,
            dues=((self._now, due),),
            closed=read_date(entry.get("closed_at")),
            url=text_of(entry, "html_url") or None,
        )

    def _pull(self, entry: Any) -> PullRequest | None:
        created = read_date(entry.get("created_at")) if isinstance(entry, dict) else None
        if created is None or created < self._request.since or not isinstance(entry.get("number"), int):
            return None
        branch = text_of(entry.get("head"), "ref")
        return PullRequest(entry["number"], text_of(entry, "title"), branch, created)


def _due(entry: Any) -> date | None:
    moment = read_date(entry.get("due_on")) if isinstance(entry, dict) else None
    return None if moment is None else moment.date()
