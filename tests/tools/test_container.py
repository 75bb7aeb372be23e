"""The container image: what is sent to its build, how it is configured, and its health check; it is not built."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import yaml

from tests.programs import PIPE, Program
from tools.packages import ROOT

DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
SENT = [
    ROOT / line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
]


def test_the_build_is_sent_what_it_copies_and_nothing_else() -> None:
    copied = {
        source
        for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for source in sources.split()
    }
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()
    assert set(SENT) == {ROOT / source for source in copied}
    assert all(path.exists() for path in SENT)


def test_what_is_sent_is_small() -> None:
    files = [file for path in SENT for file in (path, *path.rglob("*")) if file.is_file()]
    assert "**/__pycache__" in (ROOT / ".dockerignore").read_text().splitlines()
    assert sum(file.stat().st_size for file in files if "__pycache__" not in file.parts) < 20_000_000


def variables_of_the_image() -> dict[str, str]:
    lines = re.findall(r"^ENV (.+)$", DOCKERFILE, re.MULTILINE)
    return dict(each.split("=", 1) for line in lines for each in line.split())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def health_check() -> list[str]:
    [command] = re.findall(r"^HEALTHCHECK .*\\\n +CMD (\[.+\])$", DOCKERFILE, re.MULTILINE)
    return [sys.executable, *json.loads(command)[1:]]


def is_healthy(address: str) -> bool:
    # A proxy of the machine must not be asked: nothing listens there.
    variables = {"RELEASE_BOT_MONITORING__ADDRESS": address, "http_proxy": "http://127.0.0.1:1"}
    return subprocess.run(health_check(), env=variables, capture_output=True, timeout=30, check=False).returncode == 0


def test_the_image_is_healthy_while_a_worker_that_variables_configure_is(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    image = variables_of_the_image()
    assert image["RELEASE_BOT_MONITORING__ADDRESS"] == "127.0.0.1:9100"
    variables = {**image, "RELEASE_BOT_MONITORING__ADDRESS": address, "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db"}
    assert not is_healthy(address)
    process = Program("bot", ["run"], env=variables, folder=tmp_path, stderr=PIPE)
    try:
        assert process.stderr is not None
        assert any("watching 0 repositories" in line for line in process.stderr)
        assert is_healthy(address)
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


def test_the_compose_file_waits_for_a_postgresql_that_keeps_its_data_in_a_volume() -> None:
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
    bot, database = services["services"]["bot"], services["services"]["database"]
    assert (ROOT / "deploy" / bot["build"]["context"]).resolve() == ROOT
    assert (ROOT / bot["build"]["dockerfile"]).is_file()
    assert bot["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert bot["environment"]["DATABASE_URL"].endswith("@database/" + database["environment"]["POSTGRES_DB"])
    assert database["image"] == "docker.io/library/postgres:18"
    # Since 18 the image keeps its data in a folder of this one.
    assert database["volumes"] == ["database:/var/lib/postgresql"]
    assert set(services["volumes"]) == {"data", "database"}
