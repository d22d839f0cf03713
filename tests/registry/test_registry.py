"""The registry is asked as its specification says, with the login of Docker's file, and every wait has an end."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from components.manifests.pull_secret import docker_config as docker_login
from registry.credentials import login_of
from registry.problem import RegistryError
from registry.registry import Registry
from sandbox.network import VARIABLE
from tests.bundle.servers import crawling, hanging, serving
from tests.registry.conftest import TAGS, Pushed
from tests.registry.registries import PASSWORD, REPOSITORY, USER, docker_config, with_tokens


@pytest.fixture(autouse=True)
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of Docker's own, with no login yet."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def test_tags_and_digests_are_those_that_were_pushed(pushed: Pushed, docker: Path) -> None:
    docker_config(docker, pushed.registry.address)
    registry = Registry(pushed.registry.address)
    assert sorted(registry.tags(REPOSITORY)) == sorted(TAGS)
    for tag, digest in pushed.digests.items():
        assert registry.digest(REPOSITORY, tag) == registry.digest(REPOSITORY, digest) == digest


def test_more_tags_than_fit_a_page_are_all_there(pushed: Pushed, docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker_config(docker, pushed.registry.address)
    monkeypatch.setattr("registry.registry._A_PAGE", 3)
    assert sorted(Registry(pushed.registry.address).tags(REPOSITORY)) == sorted(TAGS)
    monkeypatch.setattr("registry.registry._MOST_PAGES", 2)
    with pytest.raises(RegistryError, match="more than 6 tags"):
        Registry(pushed.registry.address).tags(REPOSITORY)


def test_what_is_not_there_is_none_and_no_error(pushed: Pushed, docker: Path) -> None:
    docker_config(docker, pushed.registry.address)
    registry = Registry(pushed.registry.address)
    assert registry.digest(REPOSITORY, "none") is None
    assert registry.digest(REPOSITORY, f"sha256:{'0' * 64}") is None
    assert registry.tags("example/none") == []


def test_g9_the_pull_secrets_own_file_is_a_login(pushed: Pushed, docker: Path) -> None:
    (docker / "config.json").write_text(docker_login(pushed.registry.address, USER, PASSWORD), encoding="utf-8")
    assert Registry(pushed.registry.address).digest(REPOSITORY, "2.0.0") == pushed.digests["2.0.0"]


def test_a_registry_with_tokens_gets_the_login_at_its_login_server_and_the_token_after(
    pushed: Pushed, docker: Path
) -> None:
    with with_tokens(pushed.registry) as address:
        docker_config(docker, address)
        registry = Registry(address)
        assert sorted(registry.tags(REPOSITORY)) == sorted(TAGS)
        assert registry.digest(REPOSITORY, "2.0.0") == pushed.digests["2.0.0"]


def test_a_login_server_without_tls_elsewhere_does_not_get_the_login(pushed: Pushed, docker: Path) -> None:
    with with_tokens(pushed.registry, "http://elsewhere.example.com/token") as address:
        docker_config(docker, address)
        with pytest.raises(RegistryError, match="without TLS; it was not sent"):
            Registry(address).tags(REPOSITORY)


def test_the_login_of_the_other_name_is_used_where_the_registry_is_asked_by_another_address(
    pushed: Pushed, docker: Path
) -> None:
    docker_config(docker, "registry-vpc.example.com")
    registry = Registry(pushed.registry.address, "registry-vpc.example.com")
    assert registry.digest(REPOSITORY, "2.0.0") == pushed.digests["2.0.0"]


def test_a_wrong_login_and_a_missing_one_are_told_with_the_file_and_without_the_password(
    pushed: Pushed, docker: Path
) -> None:
    with pytest.raises(RegistryError, match=r"wants a login .*config.json does not exist; docker login 127"):
        Registry(pushed.registry.address).tags(REPOSITORY)
    docker_config(docker, pushed.registry.address, password="wrong-word")
    with pytest.raises(RegistryError, match=r"does not accept the login of .*config.json") as raised:
        Registry(pushed.registry.address).tags(REPOSITORY)
    assert "wrong-word" not in str(raised.value)
    with with_tokens(pushed.registry) as address:
        docker_config(docker, address, password="wrong-word")
        with pytest.raises(RegistryError, match="does not accept the login"):
            Registry(address).digest(REPOSITORY, "2.0.0")


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "has no login for r.example.com"),
        ('{"auths": {"other.example.com": {"auth": "YTpi"}}}', "has no login for r.example.com"),
        ('{"auths": {"r.example.com": {"auth": "no base64"}}}', "has no login for r.example.com"),
        ('{"auths": {"r.example.com": {}}, "credsStore": "none"}', "docker-credential-none cannot be run"),
        ('{"credHelpers": {"r.example.com": "../acr"}}', "docker-credential-../acr is no program's name"),
        ('{"credHelpers": {"other.example.com": "acr"}}', "has no login for r.example.com"),
    ],
)
def test_a_file_without_a_login_says_why(docker: Path, text: str, origin: str) -> None:
    (docker / "config.json").write_text(text, encoding="utf-8")
    login = login_of("r.example.com")
    assert login.basic is None
    assert origin in login.origin


@pytest.mark.parametrize(
    "text",
    [
        '{"auths": {"https://r.example.com/": {"auth": "YTpi"}}}',
        '{"auths": {"r.example.com": {"username": "a", "password": "b"}}}',
    ],
)
def test_older_forms_of_the_file_are_read_and_the_login_is_never_shown(docker: Path, text: str) -> None:
    (docker / "config.json").write_text(text, encoding="utf-8")
    login = login_of("r.example.com")
    assert login.basic == "YTpi"
    assert "YTpi" not in repr(login)
    assert PASSWORD not in repr(login)


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A credential helper on PATH, which answers with a file beside it if it is asked for the registry in another."""
    program = tmp_path / "docker-credential-acr"
    program.write_text(
        '#!/bin/sh\n[ "$1" = get ] && [ "$(cat)" = "$(cat "$0-registry")" ] && cat "$0-answer"\n', encoding="utf-8"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return program


@pytest.mark.parametrize("way", ["credHelpers", "credsStore"])
def test_a_credential_helper_has_the_login(pushed: Pushed, docker: Path, helper: Path, way: str) -> None:
    address = pushed.registry.address
    named = {"credHelpers": {address: "acr"}, "credsStore": "acr"}[way]
    (docker / "config.json").write_text(json.dumps({"auths": {address: {}}, way: named}), encoding="utf-8")
    Path(f"{helper}-registry").write_text(address, encoding="utf-8")
    Path(f"{helper}-answer").write_text(json.dumps({"Username": USER, "Secret": PASSWORD}), encoding="utf-8")
    assert login_of(address).origin == "docker-credential-acr"
    assert Registry(address).digest(REPOSITORY, "2.0.0") == pushed.digests["2.0.0"]


@pytest.mark.parametrize(
    ("registry", "answer", "origin"),
    [
        ("other.example.com", "{}", "docker-credential-acr has no login for r.example.com"),
        ("r.example.com", "{}", "docker-credential-acr answers with no login"),
        ("r.example.com", "canary", "docker-credential-acr answers with no login"),
        ("r.example.com", '{"Username": "<token>", "Secret": "canary"}', "has an identity token"),
    ],
)
def test_a_credential_helper_without_a_login_says_why(
    docker: Path, helper: Path, registry: str, answer: str, origin: str
) -> None:
    (docker / "config.json").write_text('{"credsStore": "acr"}', encoding="utf-8")
    Path(f"{helper}-registry").write_text(registry, encoding="utf-8")
    Path(f"{helper}-answer").write_text(answer, encoding="utf-8")
    login = login_of("r.example.com")
    assert login.basic is None
    assert origin in login.origin
    assert "canary" not in login.origin


@pytest.mark.parametrize("server", [hanging, crawling], ids=["hangs", "crawls"])
def test_a_registry_that_hangs_or_crawls_is_given_up(server: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "2")  # a byte a second comes often enough for a socket's own bound
    begin = time.monotonic()
    with server() as address, pytest.raises(RegistryError, match="does not answer in time"):  # type: ignore[operator] # one of the two
        Registry(address.removeprefix("http://")).tags(REPOSITORY)
    assert time.monotonic() - begin < 30


def test_what_is_no_registry_or_not_there_is_one_line() -> None:
    page = {"/v2/example/study/tags/list?n=1000": b"<html>"}
    with serving(page) as address, pytest.raises(RegistryError, match="is no container registry"):
        Registry(address.removeprefix("http://")).tags(REPOSITORY)
    with pytest.raises(RegistryError, match="cannot be reached") as raised:
        Registry(address.removeprefix("http://")).tags(REPOSITORY)
    assert "\n" not in str(raised.value)
