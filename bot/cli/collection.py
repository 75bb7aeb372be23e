"""How often the interpreter looks for garbage in cycles: seldom in a short command, as usual in one that goes on."""

import gc

_USUAL = gc.get_threshold()


def collect_seldom() -> None:
    """Look seldom: nearly all that imports make lives as long as the process.

    To look through it at every 700th new object takes a sixth of a short command's time, and finds nothing. A question
    makes some 150,000 objects that last: it ends before the first look, and what lies about until then is little.
    """
    gc.set_threshold(200_000, 20, 100)


def collect_as_usual() -> None:
    """Look as often as the interpreter does by itself, for a process that goes on for days."""
    gc.freeze()
    gc.set_threshold(*_USUAL)
