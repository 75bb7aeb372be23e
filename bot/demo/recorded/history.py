"""What a repository held: its tags and its release objects, and the recorded history of the DIRAC repositories."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

NAMES: tuple[str, ...] = (
    "DIRACGrid/DIRAC",
    "DIRACGrid/WebAppDIRAC",
    "DIRACGrid/COMDIRAC",
    "DIRACGrid/VMDIRAC",
    "DIRACGrid/DIRACOS",
    "DIRACGrid/DIRACOS2",
    "DIRACGrid/diracx",
    "DIRACGrid/diracx-web",
    "DIRACGrid/diracx-charts",
    "cta-computing/dpps/workload/CTADIRAC",
)


@dataclass(frozen=True)
class RecordedTag:
    """A tag and what it points to.

    ``commit`` is the peeled object: a commit unless ``target_type`` says ``blob``
    or ``tree`` (``committed`` then means nothing). ``tag_object`` and ``tagged``
    are there for an annotated tag; ``tagged`` is None where the tag object names no tagger.
    """

    name: str
    commit: str
    committed: datetime
    tag_object: str | None = None
    tagged: datetime | None = None
    target_type: str = "commit"

    @property
    def target(self) -> str:
        """Return the object that the ref names: the tag object, else what the tag points to."""
        return self.tag_object or self.commit


@dataclass(frozen=True)
class RecordedRelease:
    """A forge's release object; a draft is not published yet and its tag need not exist."""

    tag: str
    published: datetime | None
    draft: bool = False
    prerelease: bool = False
    body: str = ""


@dataclass(frozen=True)
class RecordedPull:
    """A pull or merge request; ``merged`` is None while it is open."""

    number: int
    title: str
    branch: str
    created: datetime
    merged: datetime | None = None


@dataclass(frozen=True)
class RecordedMilestone:
    """A milestone of the forge; ``closed`` is None while it is open. ``labels`` make it an issue with a label."""

    number: int
    title: str
    created: datetime
    due: date | None = None
    closed: datetime | None = None
    labels: tuple[str, ...] = ()


@dataclass
class RecordedRepository:
    """A repository as it is now: its tags may be added, moved and deleted while a server serves it.

    ``path`` is ``owner/name`` or a group path; ``empty`` means that it has no commit
    at all, ``has_issues`` False that issues are switched off. A ``fork`` was made from
    another repository; an ``archived`` one takes no more tags. ``identity`` is what its id
    is made of, which it keeps when it is renamed; its first path by default. ``files`` are by tag and path.
    """

    path: str
    tags: dict[str, RecordedTag] = field(default_factory=dict)
    releases: dict[str, RecordedRelease] = field(default_factory=dict)
    empty: bool = False
    pulls: list[RecordedPull] = field(default_factory=list)
    milestones: list[RecordedMilestone] = field(default_factory=list)
    issues: list[RecordedMilestone] = field(default_factory=list)
    has_issues: bool = True
    fork: bool = False
    archived: bool = False
    identity: str = ""
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def put(self, *tags: RecordedTag) -> None:
        """Add tags, or move those of the same name."""
        self.tags.update((tag.name, tag) for tag in tags)


def load(name: str) -> RecordedRepository:
    """Read the recorded history of one of NAMES: a fresh repository each time. Raises KeyError for another name."""
    if name not in NAMES:
        raise KeyError(name)
    repository = RecordedRepository(name)
    repository.put(*_tags(name))
    repository.files = {(fact["tag"], fact["file"]): fact["text"].encode() for fact in _facts(name, "files.jsonl")}
    repository.pulls = list(_pulls(name))
    return repository


@cache
def _tags(name: str) -> tuple[RecordedTag, ...]:
    return tuple(_tag(fact) for fact in _facts(name, "jsonl"))


@cache
def _pulls(name: str) -> tuple[RecordedPull, ...]:
    return tuple(_pull(fact) for fact in _facts(name, "pulls.jsonl"))


def _facts(name: str, ending: str) -> list[dict[str, Any]]:
    file = resources.files(__package__) / "data" / f"{name.replace('/', '__')}.{ending}"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []


def _pull(fact: Mapping[str, Any]) -> RecordedPull:
    merged = fact["merged"]
    return RecordedPull(
        number=fact["number"],
        title=fact["title"],
        branch=fact["branch"],
        created=datetime.fromisoformat(fact["created"]),
        merged=None if merged is None else datetime.fromisoformat(merged),
    )


def _tag(fact: Mapping[str, str]) -> RecordedTag:
    tagged = fact.get("tagged")
    return RecordedTag(
        name=fact["tag"],
        commit=fact["commit"],
        committed=datetime.fromisoformat(fact["committed"]),
        tag_object=fact.get("tag_object"),
        tagged=None if tagged is None else datetime.fromisoformat(tagged),
    )
