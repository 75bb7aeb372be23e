"""Values are as those of the standard library's frozen dataclasses, but that only mypy refuses a change."""

import copy
import pickle
from dataclasses import dataclass as standard
from dataclasses import field, fields, replace
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """A value; ``seen`` is not compared, ``secret`` not shown."""

    x: int | str
    y: tuple[int, ...] = ()
    seen: int = field(default=0, compare=False)
    secret: str = field(default="", repr=False)
    dimensions: ClassVar[int] = 2


@standard(frozen=True, slots=True)
class Like:
    """The same by the standard library."""

    x: int | str
    y: tuple[int, ...] = ()
    seen: int = field(default=0, compare=False)
    secret: str = field(default="", repr=False)
    dimensions: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class Nothing:
    """A value without attributes."""


@dataclass(frozen=True, slots=True)
class Lower:
    """A value that says itself what it is equal to, and how it is shown."""

    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lower) and self.text.lower() == other.text.lower()

    def __hash__(self) -> int:
        return hash(self.text.lower())

    def __repr__(self) -> str:
        return self.text


some = st.tuples(
    st.integers(0, 1) | st.text(max_size=1),
    st.lists(st.integers(0, 1), max_size=1).map(tuple),
    st.integers(0, 1),
    st.text(max_size=1),
)


@given(some, some)
def test_they_are_equal_and_shown_as_the_standard_librarys(
    one: tuple[int, tuple[int, ...], int, str], other: tuple[int, tuple[int, ...], int, str]
) -> None:
    assert (Point(*one) == Point(*other)) == (Like(*one) == Like(*other))
    assert len({Point(*one), Point(*other)}) == len({Like(*one), Like(*other)})
    assert repr(Point(*one)) == repr(Like(*one)).replace("Like", "Point")


def test_no_other_class_is_equal() -> None:
    assert Point(1) != Like(1)  # type: ignore[comparison-overlap]
    assert Nothing() == Nothing()
    assert {Nothing(): 1}[Nothing()] == 1


def test_a_value_may_say_itself_what_it_is_equal_to_and_how_it_is_shown() -> None:
    assert {Lower("A")} == {Lower("a")}
    assert repr(Lower("A")) == "A"


def test_it_can_be_replaced_copied_and_sent_to_another_process() -> None:
    point = Point(1, (2,), seen=3)
    assert replace(point, x=2) == Point(2, (2,))
    assert copy.deepcopy(point).seen == 3
    assert pickle.loads(pickle.dumps(point)).seen == 3
    assert [each.name for each in fields(point)] == ["x", "y", "seen", "secret"]


def test_mypy_refuses_a_change_and_nobody_adds_an_attribute() -> None:
    point = Point(1)
    # An error once it is none: of mypy.
    point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        point.z = 3  # type: ignore[attr-defined]


def test_other_dataclasses_are_the_standard_librarys() -> None:
    @dataclass
    class Counter:
        count: int = 0

    @dataclass(frozen=True, slots=True, order=True)
    class Place:
        number: int

    counter = Counter()
    counter.count += 1
    assert counter == Counter(1)
    assert Place(1) < Place(2)


def test_every_value_of_the_package_is_one() -> None:
    sources = {
        path: path.read_text() for path in Path(bot.__file__).parent.rglob("*.py") if "recorded" not in path.parts
    }
    makes = {path for path, source in sources.items() if "@dataclass(frozen=True, slots=True)\n" in source}
    assert makes
    assert [path for path in makes if "from bot.domain.values import dataclass\n" not in sources[path]] == []
