"""The registration script where Nacos, the service or the pod's end do not behave."""

import signal
import time
from pathlib import Path

import pytest

from tests.scripts import nacos_server as stand_in
from tests.scripts.nacos_server import PASSWORD, NacosServer, nacos_server
from tests.scripts.registration import POD_IP, SERVICE, SHELLS, application, begin, register, sidecar, verb, wait_for

VISIBLE = [(POD_IP, 80)]


def looking_at(variables: dict[str, str], port: int) -> dict[str, str]:
    health = {"REGISTRATION_HEALTH_PORT": str(port), "REGISTRATION_HEALTH_PATH": "/actuator/health/readiness"}
    return {**variables, **health}


def with_login(variables: dict[str, str], folder: Path) -> dict[str, str]:
    folder.mkdir()
    (folder / "username").write_text("ack-platform")
    (folder / "password").write_text(PASSWORD)
    return {**variables, "REGISTRATION_CREDENTIALS": str(folder)}


def ready(variables: dict[str, str]) -> bool:
    return verb(variables, "ready").returncode == 0


@pytest.mark.parametrize("shell", SHELLS)
def test_g16_a_pod_with_the_address_of_one_that_left_is_born_offline_and_comes_online(
    nacos: NacosServer, variables: dict[str, str], shell: str
) -> None:
    register(nacos)
    verb({**variables, "REGISTRATION_DRAIN_SECONDS": "0"}, "offline", shell)
    nacos.leave(SERVICE, POD_IP, 80)
    register(nacos)
    assert nacos.visible(SERVICE) == []
    with application() as app, sidecar(looking_at(variables, app.port), shell):
        wait_for(lambda: ready(variables))
        assert nacos.visible(SERVICE) == VISIBLE


def test_g16_a_hidden_start_comes_online_again_after_the_servers_forgot_it(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    nacos.register(SERVICE, POD_IP, 80, enabled=False)
    with application() as app, sidecar(looking_at(variables, app.port)):
        wait_for(lambda: ready(variables))
        nacos.restart()
        assert nacos.visible(SERVICE) == []
        wait_for(lambda: nacos.visible(SERVICE) == VISIBLE)


@pytest.mark.parametrize("shell", SHELLS)
def test_g16_what_the_servers_forget_while_a_pod_drains_is_said_again(
    nacos: NacosServer, variables: dict[str, str], shell: str
) -> None:
    register(nacos)
    end = begin({**variables, "REGISTRATION_DRAIN_SECONDS": "6"}, "offline", shell)
    wait_for(lambda: nacos.visible(SERVICE) == [])
    nacos.restart()
    assert nacos.visible(SERVICE) == VISIBLE
    wait_for(lambda: nacos.visible(SERVICE) == [])
    end.communicate(timeout=30)
    assert end.returncode == 0


def test_g16_servers_that_come_back_while_a_pod_drains_still_hear_of_it(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    register(nacos)
    nacos.down = True
    end = begin({**variables, "REGISTRATION_DRAIN_SECONDS": "20"}, "offline")
    wait_for(lambda: len(nacos.switches()) >= 2)
    nacos.down = False
    wait_for(lambda: nacos.visible(SERVICE) == [], seconds=10)
    end.kill()
    end.communicate()


@pytest.mark.parametrize("shell", SHELLS)
def test_g16_servers_that_never_answer_do_not_hold_up_the_end_of_a_pod(
    nacos: NacosServer, variables: dict[str, str], shell: str
) -> None:
    nacos.hangs = 60
    began = time.monotonic()
    result = verb({**variables, "REGISTRATION_DRAIN_SECONDS": "3"}, "offline", shell)
    assert result.returncode == 0
    assert time.monotonic() - began < 10
    assert "Nacos did not take the instance offline" in result.stdout


def test_g16_the_end_of_a_pod_has_the_last_word_over_a_call_that_was_under_way(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    register(nacos)
    nacos.switched[SERVICE, POD_IP, 80] = False
    nacos.hangs = 2
    with application() as app, sidecar(looking_at(variables, app.port)):
        wait_for(lambda: nacos.switches() == ["true"])
        verb({**variables, "REGISTRATION_DRAIN_SECONDS": "0"}, "offline")
        wait_for(lambda: nacos.switches()[:3] == ["true", "false", "false"])
        time.sleep(2.5)
    assert nacos.visible(SERVICE) == []


def test_g16_what_the_end_of_a_pod_could_not_do_is_in_the_sidecar_s_log(
    nacos: NacosServer, variables: dict[str, str], tmp_path: Path
) -> None:
    nacos.down = True
    with application() as app, sidecar(looking_at(variables, app.port)) as process:
        wait_for(lambda: nacos.looks() > 0)
        verb({**variables, "REGISTRATION_DRAIN_SECONDS": "0"}, "offline")
        wait_for(lambda: not (tmp_path / "state" / "said").exists())
        process.send_signal(signal.SIGTERM)
        told = process.communicate(timeout=10)[0]
    assert "Nacos did not take the instance offline: curl: (22) The requested URL returned error: 500" in told


def test_g16_a_service_that_dies_while_nacos_is_down_is_taken_offline_when_nacos_is_back(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    register(nacos)
    with application() as app, sidecar(looking_at(variables, app.port)):
        wait_for(lambda: ready(variables))
        nacos.down = True
        app.answers = 503
        wait_for(lambda: nacos.switches().count("false") >= 2)
        nacos.down = False
        wait_for(lambda: nacos.visible(SERVICE) == [])


def test_g16_one_answer_that_fails_changes_nothing_and_readiness_that_comes_back_brings_the_instance_back(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    register(nacos)
    slow = {**variables, "REGISTRATION_INTERVAL_SECONDS": "1"}
    with application() as app, sidecar(looking_at(slow, app.port)):
        wait_for(lambda: ready(variables))
        app.answers = 503
        time.sleep(0.5)
        app.answers = 200
        time.sleep(2)
        assert nacos.switches() == []
        app.answers = 503
        wait_for(lambda: nacos.visible(SERVICE) == [])
        assert not ready(variables)
        app.answers = 200
        wait_for(lambda: nacos.visible(SERVICE) == VISIBLE)
        wait_for(lambda: ready(variables))


def test_g16_a_token_that_is_no_longer_good_is_replaced(
    nacos: NacosServer, variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nacos.wants_login = True
    register(nacos)
    env = with_login(variables, tmp_path / "credentials")
    with application() as app, sidecar(looking_at(env, app.port)):
        wait_for(lambda: ready(env))
        monkeypatch.setattr(stand_in, "TOKEN", "another-token")
        nacos.switched[SERVICE, POD_IP, 80] = False
        wait_for(lambda: nacos.visible(SERVICE) == VISIBLE)


def test_g16_nacos_3_is_spoken_to_in_its_own_way_from_start_to_end(variables: dict[str, str], tmp_path: Path) -> None:
    env = {**with_login(variables, tmp_path / "credentials"), "REGISTRATION_API": "3"}
    with nacos_server(3) as nacos, application() as app:
        nacos.register(SERVICE, POD_IP, 80, enabled=False)
        env["REGISTRATION_ADDRESS"] = nacos.address
        with sidecar(looking_at(env, app.port)):
            wait_for(lambda: ready(env))
            assert verb(env, "offline").returncode == 0
        assert nacos.visible(SERVICE) == []
        assert all(path.startswith("/nacos/v3/") for _, path, _ in nacos.calls)


def test_g16_servers_of_3_where_2_was_said_are_named_as_the_reason(variables: dict[str, str]) -> None:
    env = {**variables, "REGISTRATION_FAIL_CLOSED": "true", "REGISTRATION_PATIENCE_SECONDS": "1"}
    with nacos_server(3) as nacos, application() as app:
        nacos.register(SERVICE, POD_IP, 80, enabled=False)
        env["REGISTRATION_ADDRESS"] = nacos.address
        with sidecar(looking_at(env, app.port)):
            wait_for(lambda: "nacos.version says 2.x" in verb(env, "ready").stdout)
            assert "error: 410" in verb(env, "ready").stdout


def test_g16_nacos_that_is_down_at_the_start_opens_the_pod_after_the_patience_and_says_so(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    nacos.down = True
    impatient = {**variables, "REGISTRATION_PATIENCE_SECONDS": "2"}
    with application() as app, sidecar(looking_at(impatient, app.port)) as process:
        wait_for(lambda: nacos.looks() > 0)
        assert not ready(variables)
        event = wait_for_event(variables)
        assert "Nacos does not tell for" in event
        wait_for(lambda: ready(variables))  # one probe tells, and a later one lets the pod in
        process.send_signal(signal.SIGTERM)
        told = process.communicate(timeout=10)[0]
    assert "Nacos does not tell for" in told
    assert nacos.switches() == [], "nobody knows that the instance is missing"


def wait_for_event(variables: dict[str, str]) -> str:
    """What the first failing probe says that gives a reason: kubelet makes an event of it."""
    said = ""

    def told() -> bool:
        nonlocal said
        probe = verb(variables, "ready")
        said = probe.stdout
        return probe.returncode == 1 and "not yet visible" not in said

    wait_for(told)
    return said


def test_g16_an_instance_is_never_deleted_for_that_would_be_without_effect(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    register(nacos)
    with application() as app, sidecar(looking_at(variables, app.port)):
        wait_for(lambda: ready(variables))
        verb(variables, "offline")
    assert {method for method, _, _ in nacos.calls} == {"GET", "PUT"}


@pytest.mark.parametrize("shell", SHELLS)
def test_g16_the_probe_waits_for_visible_and_ends_at_once_then(
    nacos: NacosServer, variables: dict[str, str], shell: str
) -> None:
    with application() as app, sidecar(looking_at(variables, app.port), shell):
        wait_for(lambda: nacos.looks() > 0)
        probe = begin(variables, "ready 60", shell)
        time.sleep(1)
        assert probe.poll() is None
        register(nacos)
        began = time.monotonic()
        probe.communicate(timeout=30)
        assert probe.returncode == 0
        assert time.monotonic() - began < 5
    assert verb(variables, "ready 1", shell).returncode == 0


def test_g16_the_probe_of_a_draining_pod_does_not_wait(nacos: NacosServer, variables: dict[str, str]) -> None:
    verb({**variables, "REGISTRATION_DRAIN_SECONDS": "0"}, "offline")
    began = time.monotonic()
    assert verb(variables, "ready 30").returncode == 1
    assert time.monotonic() - began < 10
    assert nacos.switches() == ["false"]


def test_g16_nacos_is_asked_each_second_until_the_instance_is_visible_and_every_ten_after(
    nacos: NacosServer, variables: dict[str, str]
) -> None:
    paces = ("REGISTRATION_INTERVAL_SECONDS", "REGISTRATION_UNSEEN_SECONDS", "REGISTRATION_REST_SECONDS")
    shipped = {key: value for key, value in variables.items() if key not in paces}
    with application() as app, sidecar(looking_at(shipped, app.port)):
        wait_for(lambda: nacos.looks() >= 3, seconds=8)
        register(nacos)
        wait_for(lambda: ready(variables))
        looks = nacos.looks()
        time.sleep(6)
        assert nacos.looks() == looks
        wait_for(lambda: nacos.looks() == looks + 1, seconds=12)


@pytest.mark.parametrize("shell", SHELLS[:2])
def test_an_image_without_curl_is_told_so_and_its_pods_end_all_the_same(
    variables: dict[str, str], tmp_path: Path, shell: str
) -> None:
    (tmp_path / "bin").mkdir()
    for tool in ("mkdir", "date", "sleep", "cat", "rm", "mv", "grep", shell):
        (tmp_path / "bin" / tool).symlink_to(f"/bin/{tool}")
    env = {**variables, "PATH": str(tmp_path / "bin"), "REGISTRATION_DRAIN_SECONDS": "1"}
    for word in ("run", "online", "ready"):
        result = verb(env, word, shell)
        assert result.returncode == 69
        assert "this image has no curl; name one that has it in registration.image" in result.stdout
    assert verb(env, "offline", shell).returncode == 0
