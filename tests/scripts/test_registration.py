"""The registration script under a real shell, with real curl, against a stand-in registry."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.scripts.nacos_server import PASSWORD, TOKEN, NacosServer
from tests.scripts.registration import POD_IP, SCRIPT, SHELLS, application, register, sidecar, verb, wait_for


@pytest.mark.parametrize("shell", SHELLS)
def test_g16_ready_comes_after_visible_in_nacos(nacos: NacosServer, variables: dict[str, str], shell: str) -> None:
    with application() as app, sidecar({**variables, "REGISTRATION_HEALTH_PORT": str(app.port)}, shell):
        time.sleep(0.5)
        assert verb(variables, "ready", shell).returncode == 1
        register(nacos)
        wait_for(lambda: verb(variables, "ready", shell).returncode == 0)


def test_g16_a_stale_offline_switch_of_an_earlier_pod_with_the_same_address_is_undone(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    register(nacos)
    nacos.switched["oauth2-server", POD_IP, 80] = False
    with application() as app, sidecar({**variables, "REGISTRATION_HEALTH_PORT": str(app.port)}):
        wait_for(lambda: nacos.visible("oauth2-server") == [(POD_IP, 80)])
        wait_for(lambda: verb(variables, "ready").returncode == 0)


def test_g16_before_the_service_answers_the_script_changes_nothing_in_nacos(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    with sidecar({**variables, "REGISTRATION_HEALTH_PORT": "1"}):
        time.sleep(0.6)
    assert nacos.switches() == []
    assert verb(variables, "ready").returncode == 1


def test_g16_an_http_readiness_that_is_not_2xx_keeps_the_instance_out(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    with application(answers=503) as app:
        env = {
            **variables,
            "REGISTRATION_HEALTH_PORT": str(app.port),
            "REGISTRATION_HEALTH_PATH": "/actuator/health/readiness",
        }
        with sidecar(env):
            time.sleep(0.6)
    assert nacos.switches() == []


@pytest.mark.parametrize("shell", SHELLS)
def test_g16_offline_comes_first_and_then_the_drain_time(
    nacos: NacosServer, variables: dict[str, str], shell: str
) -> None:
    register(nacos)
    with application() as app, sidecar({**variables, "REGISTRATION_HEALTH_PORT": str(app.port)}, shell):
        wait_for(lambda: verb(variables, "ready", shell).returncode == 0)
        began = time.monotonic()
        assert verb(variables, "offline", shell).returncode == 0
        took = time.monotonic() - began
        assert nacos.visible("oauth2-server") == []
        assert nacos.switches()[-1] == "false", "the sidecar must not put a draining instance online again"
        assert verb(variables, "ready", shell).returncode == 1
    assert 1 <= took < 4, f"drain of 2 s took {took:.1f} s"


def test_g16_a_nacos_outage_never_blocks_the_end_of_a_pod(nacos: NacosServer, variables: dict[str, str]) -> None:
    nacos.down = True
    began = time.monotonic()
    result = verb(variables, "offline")
    assert result.returncode == 0
    assert time.monotonic() - began < 6
    assert "Nacos did not take the instance offline" in result.stdout


def test_g16_a_second_server_is_asked_when_the_first_is_gone(nacos: NacosServer, variables: dict[str, str]) -> None:
    register(nacos)
    verb(
        {**variables, "REGISTRATION_ADDRESS": f"127.0.0.1:1,{nacos.address}", "REGISTRATION_DRAIN_SECONDS": "0"},
        "offline",
    )
    assert nacos.visible("oauth2-server") == []


def test_g16_an_instance_that_never_appears_opens_the_pod_after_its_patience_and_says_the_nearest_name(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    for name in ("gateway", "oauth-server"):
        nacos.register(name, POD_IP, 80)
    impatient = {**variables, "REGISTRATION_PATIENCE_SECONDS": "1"}
    with application() as app, sidecar({**impatient, "REGISTRATION_HEALTH_PORT": str(app.port)}) as process:
        wait_for(lambda: verb(variables, "ready").returncode == 0)
        process.send_signal(signal.SIGTERM)
        told = process.communicate(timeout=10)[0]
    assert "is not in Nacos after" in told
    assert 'the nearest registered name is "oauth-server"' in told


def test_g16_fail_closed_keeps_the_pod_out_and_the_probe_says_why(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    nacos.register("oauth-server", POD_IP, 80)
    env = {**variables, "REGISTRATION_FAIL_CLOSED": "true", "REGISTRATION_PATIENCE_SECONDS": "1"}
    with application() as app, sidecar({**env, "REGISTRATION_HEALTH_PORT": str(app.port)}):
        wait_for(lambda: "is not in Nacos after" in verb(env, "ready").stdout)
        answer = verb(env, "ready")
    assert answer.returncode == 1
    assert 'nearest registered name is "oauth-server"' in answer.stdout


def test_g16_a_service_that_dies_is_taken_offline(nacos: NacosServer, variables: dict[str, str]) -> None:
    register(nacos)
    with application() as app:
        process = sidecar({**variables, "REGISTRATION_HEALTH_PORT": str(app.port)})
        process.__enter__()
        wait_for(lambda: verb(variables, "ready").returncode == 0)
    wait_for(lambda: nacos.visible("oauth2-server") == [])
    assert verb(variables, "ready").returncode == 1
    process.__exit__(None, None, None)


def test_g16_credentials_come_from_files_and_never_stand_in_an_argument(
    nacos: NacosServer, variables: dict[str, str], tmp_path: Path
) -> None:
    nacos.wants_login = True
    register(nacos)
    credentials, seen = tmp_path / "credentials", tmp_path / "arguments"
    credentials.mkdir()
    (credentials / "username").write_text("ack-platform")
    (credentials / "password").write_text(PASSWORD)
    wrapper = tmp_path / "bin"
    wrapper.mkdir()
    (wrapper / "curl").write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>{seen}\nexec {shutil.which("curl")} "$@"\n')
    (wrapper / "curl").chmod(0o755)
    env = {**variables, "REGISTRATION_CREDENTIALS": str(credentials), "PATH": f"{wrapper}:{variables['PATH']}"}
    with application() as app, sidecar({**env, "REGISTRATION_HEALTH_PORT": str(app.port)}) as process:
        wait_for(lambda: verb(env, "ready").returncode == 0)
        verb(env, "offline")
        process.send_signal(signal.SIGTERM)
        told = process.communicate(timeout=10)[0]
    assert nacos.visible("oauth2-server") == []
    arguments = seen.read_text()
    assert "oauth2-server" in arguments
    for secret in (PASSWORD, TOKEN, PASSWORD.split()[0]):
        assert secret not in arguments
        assert secret not in told
    assert (tmp_path / "state" / "login").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("api", "path"), [("2", "/nacos/v1/ns/instance"), ("3", "/nacos/v3/admin/ns/instance")])
def test_g16_each_major_version_is_called_by_its_own_path(
    nacos: NacosServer, variables: dict[str, str], api: str, path: str
) -> None:
    verb({**variables, "REGISTRATION_API": api, "REGISTRATION_DRAIN_SECONDS": "0"}, "offline")
    assert [call[1] for call in nacos.calls] == [path]


def test_g16_online_waits_for_the_service_and_switches_it_on(nacos: NacosServer, variables: dict[str, str]) -> None:
    register(nacos)
    nacos.switched["oauth2-server", POD_IP, 80] = False
    with application() as app:
        assert verb({**variables, "REGISTRATION_HEALTH_PORT": str(app.port)}, "online").returncode == 0
    assert nacos.visible("oauth2-server") == [(POD_IP, 80)]


def test_g16_online_ends_with_an_error_when_the_service_never_answers(variables: dict[str, str]) -> None:
    answer = verb({**variables, "REGISTRATION_HEALTH_PORT": "1", "REGISTRATION_START_SECONDS": "1"}, "online")
    assert answer.returncode == 1
    assert "did not answer in 1 s" in answer.stdout


def test_the_script_passes_shellcheck() -> None:
    subprocess.run([Path(sys.executable).with_name("shellcheck"), "-s", "sh", str(SCRIPT)], check=True)
