"""What a repository held: its tags and its release objects, and the recorded history of the DIRAC repositories."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources

NAMES: tuple[str, ...] = (
    "DIRACGrid/DIRAC",
    "DIRACGrid/WebAppDIRAC",
    "DIRACGrid/COMDIRAC",
    "DIRACGrid/VMDIRAC",
    "DIRACGrid/DIRACOS",
    "DIRACGrid/diracx",
    "cta-computing/dpps/workload/CTADIRAC",
)


@dataclass(frozen=True)
class RecordedTag:
    """A tag and what it stands on.

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
        """The object that the ref names: the tag object, else what the tag stands on."""
        return self.tag_object or self.commit


@dataclass(frozen=True)
class RecordedRelease:
    """A forge's release object; a draft is not published yet and its tag need not exist."""

    tag: str
    published: datetime | None
    draft: bool = False
    prerelease: bool = False


@dataclass
class RecordedRepository:
    """A repository as it is now: its tags may be added, moved and deleted while a server serves it.

    ``path`` is ``owner/name`` or a group path; ``empty`` means that it has no commit at all.
    """

    path: str
    tags: dict[str, RecordedTag] = field(default_factory=dict)
    releases: dict[str, RecordedRelease] = field(default_factory=dict)
    empty: bool = False

    def put(self, *tags: RecordedTag) -> None:
        """Add tags, or move those of the same name."""
        self.tags.update((tag.name, tag) for tag in tags)


def load(name: str) -> RecordedRepository:
    """Read the recorded history of one of NAMES: a fresh repository each time. Raises KeyError for another name."""
    if name not in NAMES:
        raise KeyError(name)
    file = resources.files(__package__) / "data" / f"{name.replace('/', '__')}.jsonl"
    repository = RecordedRepository(name)
    repository.put(*(_tag(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()))
    return repository


def _tag(fact: Mapping[str, str]) -> RecordedTag:
    tagged = fact.get("tagged")
    return RecordedTag(
        name=fact["tag"],
        commit=fact["commit"],
        committed=datetime.fromisoformat(fact["committed"]),
        tag_object=fact.get("tag_object"),
        tagged=None if tagged is None else datetime.fromisoformat(tagged),
    )
