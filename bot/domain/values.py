"""Immutable values: dataclasses that mypy keeps from change, made and compared in a fraction of the usual time.

The standard library writes and compiles six methods for a frozen class, which takes longer than all else that an import
does, and sets each attribute of a new object by a call. A command imports hundreds of such classes, and a poll makes
objects by the hundred thousand. Here ``__init__`` alone is compiled; comparing, hashing and showing is done by
functions that all classes share.
"""

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

_VALUE = {"frozen": True, "slots": True}


def _dataclass(cls: type[Any] | None = None, /, **options: bool) -> Any:
    """Make a dataclass; one with ``frozen=True, slots=True`` and nothing else is a value.

    That nothing is set after ``__init__`` is then checked by mypy, and not once more at run time.
    """
    if options == _VALUE:
        return _value
    return dataclasses.dataclass(**options) if cls is None else dataclasses.dataclass(cls)


# To mypy it is the standard library's own, which it knows best.
if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass


def _value(cls: type[Any]) -> type[Any]:
    made: type[Any] = dataclasses.dataclass(slots=True, eq=False, repr=False)(cls)
    names = [field.name for field in dataclasses.fields(made) if field.compare]
    for name, method in (_comparing(names) | {"__repr__": _shown}).items():
        if name not in cls.__dict__:
            setattr(made, name, method)
    return made


def _comparing(names: list[str]) -> dict[str, Callable[..., Any]]:
    """Return the methods that compare and hash objects of one class by their attributes."""
    values: Callable[[Any], Any] = attrgetter(*names) if names else lambda _: ()

    def equal(self: object, other: object) -> bool:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def hashed(self: object) -> int:
        return hash(values(self))

    return {"__eq__": equal, "__hash__": hashed}


def _shown(self: Any) -> str:
    """Return the class with its attributes, as the standard library writes them."""
    fields = (field for field in dataclasses.fields(self) if field.repr)
    return f"{self.__class__.__qualname__}({', '.join(f'{each.name}={getattr(self, each.name)!r}' for each in fields)})"
