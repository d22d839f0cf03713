"""What holds data, or what others share, is neither replaced nor deleted: the engine refuses, and says what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from sandbox.attachment import running_cloud
from sandbox.command import EngineCommand
from sandbox.engine import Engine
from sandbox.place import Place
from sandbox.problem import SandboxError
from sandbox.run import Sandbox
from tests.engine.stacks import SEED, Cloud, Project, operations, state
from tests.settings import REMOVED, ROOT

GIVEN_NAS = {
    "ownership": "given",
    "id": "example0nas",
    "mountTarget": "example0nas-uat01.cn-hangzhou.nas.aliyuncs.com",
}

CHANGES: dict[str, tuple[dict[str, object], tuple[str, ...]]] = {
    "the NAS storage type": ({"nas.fileSystem.storageType": "Performance"}, ("nas-file-system",)),
    "the NAS encryption": ({"nas.fileSystem.encryption": "none"}, ("nas-file-system",)),
    "the mount target's vSwitch": ({"nas.fileSystem.vSwitch": "vsw-example000000000000k"}, ("nas-mount-target",)),
    "the claim's name": ({"nas.volume.name": "other"}, ("nas-volume-volume", "nas-volume-claim")),
    "the namespace's name": ({"environment.namespace.name": "other"}, ("environment-namespace",)),
    "the ALB's address allocation": ({"alb.addressAllocatedMode": "Dynamic"}, ("alb-load-balancer",)),
    "the ingress class's name": ({"alb.ingressClass": "other"}, ("alb-alb-config", "alb-ingress-class")),
    "an ALB that is owned no more": (
        {"alb": {"ownership": "givenByIngressClass", "ingressClass": "alb", "listeners": []}},
        ("alb-load-balancer", "alb-alb-config"),
    ),
    "a file system that is owned no more": (
        {"nas.fileSystem": GIVEN_NAS},
        ("nas-volume-volume", "nas-file-system"),
    ),
    "a claim that is owned no more": (
        {"nas": {"volume": {"ownership": "given", "claim": "test-nas"}}},
        ("nas-volume-volume",),
    ),
    "another cluster": ({"cluster.id": f"c{'0' * 32}"}, ("kubernetes",)),
    "an add-on that is owned no more": (
        {"addons.albIngressController": {"ownership": "given"}},
        ("alb-ingress-controller-addon",),
    ),
}


@pytest.fixture(scope="module")
def up(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Place]:
    """The stack test with one service, up; the tests only try to change it."""
    folder = tmp_path_factory.mktemp("protected")
    project, place = Project.copy(folder / "project", "test", small=True), Place(folder / "sandbox")
    Sandbox(project.root, "test", place=place, engine=engine).up()
    return project, place


@pytest.mark.parametrize("case", CHANGES)
def test_replacing_or_deleting_what_is_protected_is_refused_by_name(
    up: tuple[Project, Place], engine: Engine, tmp_path: Path, case: str
) -> None:
    changes, names = CHANGES[case]
    place = up[1]
    project = Project.copy(tmp_path / "project", "test", small=True)
    listeners = project.values["alb"]["listeners"]
    project.edit(changes)
    if case == "an ALB that is owned no more":
        project.edit({"alb.listeners": listeners})
    with pytest.raises(SandboxError) as refused:
        Sandbox(project.root, "test", place=place, engine=engine).preview()
    report = str(refused.value)
    assert any(f"::{name}" in report for name in names), report
    assert "protect" in report
    assert "Traceback" not in report
    protected = {each["urn"].rpartition("::")[2] for each in state(place, "test") if each.get("protect")}
    assert protected >= set(names)


def test_a_refused_up_leaves_what_is_protected_as_it_was(
    engine: Engine, up: tuple[Project, Place], tmp_path: Path
) -> None:
    place = up[1]
    project = Project.copy(tmp_path / "project", "test", small=True)
    project.edit({"nas.fileSystem.storageType": "Performance"})
    before = Cloud(place).objects()
    with pytest.raises(SandboxError, match="nas-file-system"):
        Sandbox(project.root, "test", place=place, engine=engine).up()
    assert Cloud(place).objects() == before
    assert operations(Sandbox(up[0].root, "test", place=place, engine=engine).up()) == {}


def test_destroy_is_refused_and_lists_what_is_protected(up: tuple[Project, Place], engine: Engine) -> None:
    place = up[1]
    before = Cloud(place).objects()
    command = EngineCommand(engine, place)
    with running_cloud(place, ROOT, seed=SEED) as providers:
        extra = {"PULUMI_DEBUG_PROVIDERS": providers()}
        done = command.run(["destroy", "--yes", "--stack", "test"], extra=extra)
    assert done.code != 0
    said = done.stdout + done.stderr
    protected = {each["urn"] for each in state(place, "test") if each.get("protect")}
    named = {urn for urn in protected if f"`pulumi state unprotect '{urn}'`" in said}
    # What others that are protected depend on is not reached.
    assert {urn.rpartition("::")[2] for urn in named} >= {
        "alb-ingress-class",
        "environment-pull-secret",
        "environment-quota",
        "extend-network-controller-release",
        "nas-volume-claim",
    }
    assert Cloud(place).objects() == before


def test_down_removes_everything_and_up_brings_it_back(engine: Engine, tmp_path: Path) -> None:
    project, place = Project.copy(tmp_path / "project", "test", small=True), Place(tmp_path / "sandbox")
    first = operations(Sandbox(project.root, "test", place=place, engine=engine).up())
    gone = operations(Sandbox(project.root, "test", place=place, engine=engine).down())
    assert gone == dict.fromkeys(first, "delete")
    assert Cloud(place).created_by("test") == set()
    assert operations(Sandbox(project.root, "test", place=place, engine=engine).up()) == first


def until() -> str:
    """A last day that has not passed, on the calendar that `load` reads."""
    return (date.today() + timedelta(days=14)).isoformat()  # noqa: DTZ011 -- the calendar of this machine, as there


def lift(resource: str) -> dict[str, object]:
    """The entry that lets a resource go."""
    return {"allowReplace": [{"resource": resource, "reason": "a drill of the replacement", "until": until()}]}


@pytest.fixture
def run(engine: Engine, tmp_path: Path, place: Place) -> Callable[..., dict[str, str]]:
    """Bring up the stack test with changes: what happened, by resource."""

    def up(*changes: dict[str, object]) -> dict[str, str]:
        project = Project.copy(tmp_path / "project", "test", small=True)
        for each in changes:
            project.edit(each)
        return operations(Sandbox(project.root, "test", place=place, engine=engine).up())

    return up


def is_protected(place: Place, name: str) -> bool:
    """Whether the state says so of a resource."""
    [found] = [each for each in state(place, "test") if each["urn"].endswith(f"::{name}")]
    return bool(found.get("protect"))


def test_what_may_go_for_a_while_is_replaced_and_then_protected_again(
    run: Callable[..., dict[str, str]], place: Place
) -> None:
    dynamic: dict[str, object] = {"alb.addressAllocatedMode": "Dynamic"}
    run()
    with pytest.raises(SandboxError, match=r"allowReplace: .*resource: alb-load-balancer") as refused:
        run(dynamic)
    page = (ROOT / "docs" / "how-to" / "replace-on-purpose.md").read_text(encoding="utf-8")
    assert str(refused.value) in page
    assert run(lift("alb-load-balancer")) == {}
    assert not is_protected(place, "alb-load-balancer")
    assert run(lift("alb-load-balancer"), dynamic)["alb-load-balancer"] == "replace"
    assert run(dynamic) == {}
    assert is_protected(place, "alb-load-balancer")
    # As the page says: a lift and a replacement go in one run.
    assert run(lift("alb-load-balancer"))["alb-load-balancer"] == "replace"


def test_what_may_go_for_a_while_is_deleted_in_the_run_after_the_one_that_allows_it(
    run: Callable[..., dict[str, str]], place: Place
) -> None:
    gone: dict[str, object] = {"environment.quota": REMOVED}
    run()
    with pytest.raises(SandboxError, match=r"allowReplace: .*resource: environment-quota"):
        run(gone)
    with pytest.raises(SandboxError, match="must name a protected resource of this stack"):
        run(gone, lift("environment-quota"))
    assert run(lift("environment-quota")) == {}
    assert not is_protected(place, "environment-quota")
    assert run(gone) == {"environment-quota": "delete"}
