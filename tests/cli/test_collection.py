"""The interpreter looks for garbage seldom in a short command only."""

import gc

from bot.cli.collection import collect_as_usual, collect_seldom


def test_a_process_that_goes_on_collects_as_the_interpreter_does_by_itself() -> None:
    usual = gc.get_threshold()
    try:
        collect_seldom()
        assert gc.get_threshold()[0] > usual[0]
        collect_as_usual()
        assert gc.get_threshold() == usual
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
