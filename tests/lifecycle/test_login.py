"""The registration script where a real registry wants a login: no secret leaves its file but to the registry."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lifecycle.addresses import address
from tests.lifecycle.registry import Registry, registry
from tests.scripts.registration import POD_IP, SERVICE, SHELLS, application, sidecar, verb, wait_for

PASSWORD = "p&ss w=rd%20"
INSTANCE = {"serviceName": SERVICE, "ip": POD_IP, "port": "80", "ephemeral": "true"}


@pytest.fixture(scope="module")
def nacos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with registry(address(), tmp_path_factory.mktemp("registry"), username="platform", password=PASSWORD) as made:
        yield made


@contextmanager
def command_lines() -> Iterator[set[str]]:
    """The command lines of all processes of the machine, looked at again and again while the block lasts."""
    found: set[str] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.002):
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    found.add(process.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                except OSError:
                    continue  # it has ended

    looker = threading.Thread(target=look)
    looker.start()
    try:
        yield found
    finally:
        over.set()
        looker.join()


@pytest.mark.parametrize("shell", SHELLS)
def test_g16_the_script_logs_in_and_no_command_line_shows_password_or_token(
    nacos: Registry, tmp_path: Path, shell: str
) -> None:
    credentials, state = tmp_path / "credentials", tmp_path / "state"
    credentials.mkdir()
    (credentials / "username").write_text("platform")
    (credentials / "password").write_text(PASSWORD)
    nacos.call("POST", "/nacos/v1/ns/instance", INSTANCE)
    nacos.call("PUT", "/nacos/v1/ns/instance", {**INSTANCE, "enabled": "false"})
    with application() as app, command_lines() as seen:
        variables = {
            "PATH": "/usr/bin:/bin",
            "REGISTRATION_ADDRESS": nacos.address,
            "REGISTRATION_SERVICE": SERVICE,
            "REGISTRATION_IP": POD_IP,
            "REGISTRATION_PORT": "80",
            "REGISTRATION_HEALTH_PORT": str(app.port),
            "REGISTRATION_HEALTH_PATH": "/actuator/health/readiness",
            "REGISTRATION_DRAIN_SECONDS": "1",
            "REGISTRATION_CREDENTIALS": str(credentials),
            "REGISTRATION_STATE": str(state),
        }
        with sidecar(variables, shell):
            wait_for(lambda: verb(variables, "ready", shell).returncode == 0, seconds=60)
            assert nacos.visible(SERVICE) == [(POD_IP, 80)]
            assert verb(variables, "offline", shell).returncode == 0
            assert nacos.visible(SERVICE) == []
    token = (state / "login").read_text().partition("accessToken=")[2].strip().strip('"')
    assert token
    asked = [line for line in seen if "curl" in line and SERVICE in line]
    assert asked, "its calls were seen"
    for secret in (PASSWORD, PASSWORD.split()[1], token):
        assert not [line for line in seen if secret in line]


def test_g16_a_wrong_password_is_said_and_the_pod_ends_all_the_same(nacos: Registry, tmp_path: Path) -> None:
    (tmp_path / "username").write_text("platform")
    (tmp_path / "password").write_text("another")
    variables = {
        "PATH": "/usr/bin:/bin",
        "REGISTRATION_ADDRESS": nacos.address,
        "REGISTRATION_SERVICE": SERVICE,
        "REGISTRATION_IP": POD_IP,
        "REGISTRATION_PORT": "80",
        "REGISTRATION_DRAIN_SECONDS": "1",
        "REGISTRATION_CREDENTIALS": str(tmp_path),
        "REGISTRATION_STATE": str(tmp_path / "state"),
    }
    ended = verb(variables, "offline")
    assert ended.returncode == 0
    assert "Nacos did not take the instance offline: curl: (22) The requested URL returned error: 403" in ended.stdout
