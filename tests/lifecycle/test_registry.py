"""The registry that the life cycle is tested with behaves as Nacos does where the tests rest on it."""

import socket
from pathlib import Path

import pytest

from tests.lifecycle.addresses import address
from tests.lifecycle.registry import CONSOLE_PORT, GRPC_PORT, PORT, Registry, RegistryError, registry

INSTANCE = {"serviceName": "provider", "ip": "10.0.0.1", "port": "80", "ephemeral": "true"}
PATH = "/nacos/v1/ns/instance"


def test_an_instance_that_is_disabled_is_registered_still_but_not_visible(nacos: Registry) -> None:
    nacos.call("POST", PATH, INSTANCE)
    assert nacos.visible("provider") == [("10.0.0.1", 80)]
    nacos.call("PUT", PATH, {**INSTANCE, "enabled": "false"})
    assert nacos.visible("provider") == []
    assert nacos.instance("provider", "10.0.0.1", 80)["enabled"] is False
    nacos.call("PUT", PATH, {**INSTANCE, "enabled": "true"})
    assert nacos.visible("provider") == [("10.0.0.1", 80)]


@pytest.mark.parametrize("port", [PORT, GRPC_PORT, CONSOLE_PORT])
def test_it_listens_on_its_own_address_only(nacos: Registry, port: int) -> None:
    socket.create_connection((nacos.host, port), timeout=5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address(), port), timeout=5)


def test_where_a_login_is_needed_a_call_without_token_is_refused(tmp_path: Path) -> None:
    with registry(address(), tmp_path / "registry", username="nacos", password="a&b=c d") as nacos:
        assert nacos.visible("provider") == []
        with pytest.raises(RegistryError, match="403"):
            Registry(nacos.host, nacos.directory).visible("provider")


def test_an_address_that_is_taken_is_said(nacos: Registry, tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=f"cannot listen on {nacos.host}:8848: Address already in use"):
        Registry(nacos.host, tmp_path / "second").start()


def test_a_registry_that_does_not_come_up_is_ended_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "data").write_text("a file where its folder should be")
    broken = Registry(address(), tmp_path / "registry")
    with pytest.raises(RegistryError, match="did not come up on 127"):
        broken.start()
