"""``python -m tests.cli.reader ...``: the program, run by a user whom the modes of files bind."""

import ctypes

from bot.__main__ import main

_DROP_FROM_BOUNDING, _OVERRIDE, _READ_SEARCH = 24, 1, 2
_VERSION_3 = 0x20080522


def as_others_are() -> None:
    """Let file modes bind root too, now and in what is executed (capabilities(7)): tests may run as root."""
    libc = ctypes.CDLL(None)
    for capability in (_OVERRIDE, _READ_SEARCH):
        libc.prctl(_DROP_FROM_BOUNDING, capability, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
    # Effective, permitted, inheritable: the lower 32 of each, then the upper.
    held = (ctypes.c_uint32 * 6)()
    libc.capget(header, held)
    for number in range(3):
        held[number] &= ~(1 << _OVERRIDE | 1 << _READ_SEARCH)
    libc.capset(header, held)


if __name__ == "__main__":
    as_others_are()
    main()
