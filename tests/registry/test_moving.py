"""Moving tags are asked of a real registry, with the login of the pull Secret where Docker has none."""

from __future__ import annotations

import base64
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from registry.credentials import Login
from registry.moving import moving, resolve
from sandbox.network import VARIABLE
from tests.registry.conftest import Pushed
from tests.registry.registries import PASSWORD, USER, docker_config, with_tokens
from tests.settings import settings

PULL = Login(base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(), "the pull Secret")
NOBODY = Login(base64.b64encode(b"nobody:wrong").decode(), "the pull Secret")


@pytest.fixture(autouse=True)
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of Docker's own, with no login yet."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def changes(address: str, **more: object) -> dict[str, object]:
    return {"registry.address": address, "services.study.image": {"tag": "uat-latest"}, **more}


def test_g12_only_moving_tags_without_a_rollout_token_are_resolved(pushed: Pushed) -> None:
    rolling = {"services.exam.image": {"tag": "uat-latest", "rollout": "1"}}
    stated = settings("uat", changes=changes(pushed.registry.address, **rolling))
    assert moving(stated) == ("study",)
    found = resolve(stated, PULL)
    assert found.unresolved == {}
    digest = pushed.digests["uat-latest"]
    repository = "registry-vpc.cn-hangzhou.aliyuncs.com/example"
    assert found.settings.image("study") == f"{repository}/study:uat-latest@{digest}"
    assert found.settings.pull_policy("study") == "IfNotPresent"
    others = [name for name in stated.services if name != "study"]
    assert [found.settings.image(name) for name in others] == [stated.image(name) for name in others]


def test_g9_a_registry_with_tokens_takes_the_pull_secrets_login(pushed: Pushed) -> None:
    with with_tokens(pushed.registry) as address:
        assert resolve(settings("uat", changes=changes(address)), PULL).unresolved == {}
        refused = resolve(settings("uat", changes=changes(address)), NOBODY).unresolved["study"]
    assert "does not accept the login of the pull Secret" in refused
    assert "wrong" not in refused


def test_dockers_own_login_comes_first(pushed: Pushed, docker: Path) -> None:
    docker_config(docker, pushed.registry.address)
    assert resolve(settings("uat", changes=changes(pushed.registry.address)), NOBODY).unresolved == {}


def test_each_service_has_its_own_answer(pushed: Pushed) -> None:
    several = {f"services.{name}.image": {"tag": "uat-latest"} for name in ("exam", "file", "admin")}
    stated = settings("uat", changes=changes(pushed.registry.address, **several))
    found = resolve(stated, PULL)
    assert set(found.unresolved) == {"exam", "file", "admin"}
    assert all(f"has no example/{name}:uat-latest" in why for name, why in found.unresolved.items())
    assert found.settings.services["study"].image.digest == pushed.digests["uat-latest"]


def test_a_registry_that_is_silent_is_waited_for_once_and_not_for_each_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    monkeypatch.setattr("registry.moving._AT_ONCE", 1)  # as where a stack has many times that many services
    several = {f"services.{name}.image": {"tag": "uat-latest"} for name in ("exam", "file", "admin")}
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        found = resolve(settings("uat", changes=changes(address, **several)), PULL)
        server.settimeout(0)
        asked = 0
        with suppress(BlockingIOError):
            while True:
                server.accept()[0].close()
                asked += 1
    assert asked == 1
    assert set(found.unresolved) == {"admin", "exam", "file", "study"}
    assert all(f"{address} does not answer in time" in why for why in found.unresolved.values())


def test_the_pull_secrets_login_is_for_the_stacks_own_registry_only(pushed: Pushed) -> None:
    elsewhere = {"repository": f"{pushed.registry.address}/example/study", "tag": "uat-latest"}
    given = {"environment.pullSecret": {"ownership": "given", "name": "acr"}, "registry.username": None}
    stated = settings("uat", changes={"services.study.image": elsewhere, **given})
    assert "wants a login" in resolve(stated, PULL).unresolved["study"]
