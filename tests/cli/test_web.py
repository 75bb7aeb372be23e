"""``release-bot web``: a process that serves until it is told to end."""

import signal
import subprocess
import sys

import pytest

from tests.cli.conftest import Product
from tests.worker.test_pages import DIRAC, FILE


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_serves_until_a_signal(product: Product, number: signal.Signals, code: int) -> None:
    product.configure(FILE.format(folder=product.folder) + DIRAC)
    assert product("db", "upgrade").code == 0
    command = [sys.executable, "-m", "bot", "--config", str(product.config), "web", "--address", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(number)
        assert process.wait(20) == code
    assert line.startswith("serving http://127.0.0.1:")
    assert line.endswith(" until Ctrl-C or SIGTERM\n")


def test_a_wrong_address_is_one_line(product: Product) -> None:
    product.configure(FILE.format(folder=product.folder) + DIRAC)
    said = product("web", "--address", "8080")
    assert (said.code, said.err) == (
        2,
        'error: --address: invalid listen address "8080"; example: "127.0.0.1:3000"\n',
    )


def test_without_a_database_there_is_nothing_to_serve(product: Product) -> None:
    product.configure(FILE.format(folder=product.folder) + DIRAC)
    said = product("web", "--address", "127.0.0.1:0")
    assert said.code == 1
    assert "bot.db" in said.err
