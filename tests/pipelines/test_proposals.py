"""All images of a stack that are to be others, proposed by the step, with a real registry and a real git."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from tests.answering import answering
from tests.pipelines.platform import Platform, git, platform_of
from tests.pipelines.servers import HostServer
from tests.pipelines.steps import step
from tests.registry.registries import distribution, docker_config, push

OLDER, NEWER = "uat-1.9.4-b2c3d4e5-20261110T090000", "uat-1.9.5-c3d4e5f6-20261112T090000"


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Platform, Mapping[str, str], dict[str, str]]]:
    """The platform, a step's variables, and the digests of study's images by tag."""
    folder = tmp_path_factory.mktemp("proposals")
    for each in ("registry", "login"):
        (folder / each).mkdir()
    with distribution(folder / "registry") as registry:
        platform = platform_of(folder, registry)
        digests = {tag: push(registry, folder, tag, tag) for tag in (OLDER, NEWER)}
        docker_config(folder / "login", registry.address)
        yield platform, {"DOCKER_CONFIG": str(folder / "login")}, digests


@pytest.fixture
def host() -> Iterator[HostServer]:
    with answering(HostServer("github")) as found:
        yield found


def proposals(
    platform: Platform, *arguments: str, host: HostServer, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    every = {**variables, **host.variables}
    return step("proposals.sh", *arguments, variables=every, cwd=platform.clone, root=platform.clone)


def proposed(platform: Platform, branch: str = "ackp/uat-study") -> dict[str, str]:
    """The image of study on a branch that was pushed."""
    text = git(platform.origin, "show", f"{branch}:Pulumi.uat.yaml")
    image: dict[str, str] = yaml.safe_load(text)["config"]["ack-platform:services"]["study"]["image"]
    return image


def test_g23_what_test_runs_and_uat_does_not_is_proposed_for_uat_as_it_was_tried(
    pushed: tuple[Platform, Mapping[str, str], dict[str, str]], host: HostServer, tmp_path: Path
) -> None:
    platform, variables, digests = pushed
    file = platform.clone / "Pulumi.test.yaml"
    text = file.read_text(encoding="utf-8")
    was, is_now = "test-1.9.3-a1b2c3d4-20261101T080000", "test-1.9.4-b2c3d4e5-20261109T100000"
    assert was in text
    file.write_text(text.replace(was, is_now), encoding="utf-8")
    git(platform.clone, "commit", "--quiet", "--all", "--message", "test: another image of study")
    git(platform.clone, "push", "--quiet", "origin", "HEAD:main")
    tried = git(platform.clone, "rev-parse", "HEAD")
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", platform.origin, other)
    (other / "Pulumi.test.yaml").write_text(text.replace(was, "test-9.0.0-dddddddd-20261113T100000"), encoding="utf-8")
    git(other, "commit", "--quiet", "--all", "--message", "merged since, and not tried")
    git(other, "push", "--quiet", "origin", "HEAD:main")

    done = proposals(platform, "uat", "--from", "test", host=host, variables=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(host.proposals) == ["ackp/uat-study"], "the others are the same in both"
    assert proposed(platform) == {"tag": OLDER, "digest": digests[OLDER]}
    assert git(platform.origin, "rev-parse", "ackp/uat-study^") == tried


def test_g12_the_newest_build_of_each_is_proposed_and_one_without_does_not_keep_the_others_from_theirs(
    pushed: tuple[Platform, Mapping[str, str], dict[str, str]], host: HostServer
) -> None:
    platform, variables, digests = pushed
    done = proposals(platform, "uat", host=host, variables=variables)
    assert done.returncode == 1
    assert list(host.proposals) == ["ackp/uat-study"]
    assert proposed(platform) == {"tag": NEWER, "digest": digests[NEWER]}
    for service in ("admin", "exam", "gateway", "resource"):
        assert f"/example/{service} has no image uat-" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("uat", "--from"), ("uat", "test"), ("uat", "--to", "test")])
def test_wrong_usage_is_said(arguments: tuple[str, ...]) -> None:
    done = step("proposals.sh", *arguments, variables={})
    assert done.returncode == 2
    assert "usage: pipelines/steps/proposals.sh STACK [--from OTHER]" in done.stderr
