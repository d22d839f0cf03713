"""A moving tag on the real engine, with a real registry: what a preview shows is the image that the tag names then."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cluster.node.registry import Registry
from sandbox.place import Place
from sandbox.problem import SandboxError
from sandbox.run import Sandbox
from tests.docs.documents import Page
from tests.engine.conftest import MakeSandbox
from tests.engine.stacks import Cloud, Project, operations
from tests.registry.registries import distribution, docker_config, push
from tests.settings import ROOT

TAG = "uat-latest"
VPC = "registry-vpc.cn-hangzhou.aliyuncs.com"
DEPLOYMENT = "study-deployment"
PAGE = Page(ROOT / "docs" / "how-to" / "roll-out-an-image.md")


@dataclass
class Moving:
    """A stack whose one service has a moving tag, and the registry that knows the tag."""

    project: Project
    sandbox: Sandbox
    registry: Registry
    folder: Path
    place: Place

    def push(self, content: str) -> str:
        return push(self.registry, self.folder, TAG, content)

    @property
    def containers(self) -> list[dict[str, str]]:
        """Of the live Deployment, init containers too."""
        spec = Cloud(self.place).get("apps/Deployment", "uat/study")["spec"]["template"]["spec"]
        return [*spec["containers"], *spec.get("initContainers", ())]

    @property
    def images(self) -> set[str]:
        return {each["image"] for each in self.containers}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with distribution(tmp_path_factory.mktemp("registry")) as found:
        yield found


@pytest.fixture
def moving(
    sandbox: MakeSandbox, registry: Registry, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Moving:
    """The tag names the first image, and the login is Docker's; the images' own host is one of a VPC."""
    project = Project.copy(tmp_path / "project", "uat")
    project.edit({"services": {"study": {"image": {"tag": TAG}}}, "registry.address": registry.address})
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    docker_config(tmp_path, registry.address)
    return Moving(project, sandbox(root=project.root), registry, tmp_path, place)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def test_g12_a_moving_tag_runs_as_the_digest_that_it_names_and_rolls_when_it_names_another(moving: Moving) -> None:
    first = f"{VPC}/example/study:{TAG}@{moving.push('one')}"
    outputs = moving.sandbox.up().outputs
    assert moving.images == {first}
    assert outputs["services"]["study"]["image"] == first
    assert {each["imagePullPolicy"] for each in moving.containers} == {"IfNotPresent"}
    assert operations(moving.sandbox.up()) == {}
    second = f"{VPC}/example/study:{TAG}@{moving.push('two')}"
    previewed = moving.sandbox.preview()
    assert operations(previewed) == {DEPLOYMENT: "update"}
    assert moving.images == {first}
    assert operations(moving.sandbox.up()) == {DEPLOYMENT: "update"}
    assert moving.images == {second} != {first}


@pytest.mark.parametrize("fault", ["the registry is away", "the login is refused", "the tag is gone"])
def test_g12_a_tag_that_cannot_be_resolved_leaves_a_running_service_its_image_and_says_why(
    moving: Moving, fault: str
) -> None:
    digest = moving.push("one")
    before = moving.sandbox.up().outputs["services"]
    if fault == "the registry is away":
        moving.project.edit({"registry.address": f"127.0.0.1:{closed_port()}"})
        reason = "cannot be reached: "
    elif fault == "the login is refused":
        docker_config(moving.folder, moving.registry.address, password="wrong")
        reason = "does not accept the login"
    else:
        moving.project.edit({"services.study.image.tag": "uat-2-latest", "environment.imageProfile": "uat-2"})
        reason = "has no example/study:uat-2-latest"
    moving.project.edit({"services.study.replicas": 3})
    result = moving.sandbox.up()
    assert operations(result)[DEPLOYMENT] == "update", "what else changed is rolled out"
    assert moving.images == {f"{VPC}/example/study:{TAG}@{digest}"}
    assert result.outputs["services"] == before
    (said,) = [each.message for each in result.changes.warnings if each.message.startswith("study: ")]
    assert said.partition(". ")[0].replace("uat-2-latest", TAG) in PAGE.text
    assert reason in said
    assert "wrong" not in said
    assert "pass:word" not in said


def test_g12_a_new_service_whose_tag_cannot_be_resolved_is_refused_at_preview(moving: Moving) -> None:
    address = f"127.0.0.1:{closed_port()}"
    moving.project.edit({"registry.address": address})
    for command in (moving.sandbox.preview, moving.sandbox.up):
        with pytest.raises(SandboxError) as refusal:
            command()
        text = str(refusal.value)
        shown = next(block.text for block in PAGE.blocks if block.text.startswith("study is new"))
        assert shown.strip().replace("127.0.0.1:5000", address) in text
        assert "Traceback" not in text
    assert not Cloud(moving.place).created_by("uat")


def test_g12_where_the_stack_accepts_it_the_new_service_runs_what_the_tag_names(moving: Moving) -> None:
    address = moving.registry.address
    moving.project.edit({"registry.address": f"127.0.0.1:{closed_port()}", "registry.unresolvedTags": "accept"})
    first = moving.sandbox.up()
    assert first.outputs["services"]["study"]["image"] == f"{VPC}/example/study:{TAG}"
    assert any("and a new one runs the tag" in each.message for each in first.changes.warnings)
    assert {each["imagePullPolicy"] for each in moving.containers} == {"Always"}
    moving.project.edit({"registry.address": address})
    digest = moving.push("one")
    assert operations(moving.sandbox.up()) == {DEPLOYMENT: "update"}
    assert moving.images == {f"{VPC}/example/study:{TAG}@{digest}"}


def test_g12_with_a_rollout_token_no_registry_is_asked(moving: Moving) -> None:
    moving.project.edit({"registry.address": f"127.0.0.1:{closed_port()}", "services.study.image.rollout": "1"})
    result = moving.sandbox.up()
    assert not [each for each in result.changes.warnings if each.message.startswith("study: ")]
    assert moving.images == {f"{VPC}/example/study:{TAG}"}
