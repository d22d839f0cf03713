"""`ackp heapdump` of a real JVM, where *restricted* is enforced (row G25)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.heapdump
from cli.app import app
from components.manifests.security import UID
from tests.cluster.api import Object
from tests.cluster.bound import bound
from tests.docs.documents import Page
from tests.lifecycle.scene import PROVIDER
from tests.node.conftest import LifeCycle
from tests.node.pods import run_in, status_of
from tests.settings import ROOT

PAGE = Page(ROOT / "docs" / "how-to" / "take-a-heap-dump.md")


@pytest.fixture(autouse=True)
def stack(debug_stack: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stack's file, of which the command reads."""
    monkeypatch.setattr(cli.heapdump, "ROOT", debug_stack)
    return debug_stack / "Pulumi.test.yaml"


@pytest.fixture
def dumps(life_cycle: LifeCycle) -> Iterator[Path]:
    """Where the provider's dumps lie on the volume; what a test leaves there goes."""
    folder = life_cycle.scene.stack.volume / "product" / "test" / PROVIDER / "dumps"
    yield folder
    for each in folder.glob("*/heapdump-*"):
        each.unlink()


def run(life_cycle: LifeCycle, *arguments: str, kubeconfig: Path | None = None) -> Result:
    place = str(kubeconfig or life_cycle.node.kubeconfig)
    return CliRunner().invoke(app, ["heapdump", PROVIDER, *arguments, "-s", "test", "--kubeconfig", place])


def companions(life_cycle: LifeCycle, pod: Object) -> list[Object]:
    live = life_cycle.scene.api.live(pod) or {}
    found: list[Object] = live["spec"].get("ephemeralContainers") or []
    return [each for each in found if each["name"].startswith("heapdump-")]


def test_g25_a_heap_dump_is_written_on_the_nas_where_restricted_is_enforced(life_cycle: LifeCycle, dumps: Path) -> None:
    scene = life_cycle.scene
    namespace = scene.api.read("v1", "Namespace", scene.namespace)
    assert namespace
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    pod = sorted(scene.pods(), key=lambda each: str(each["metadata"]["name"]))[1]
    name = pod["metadata"]["name"]
    before = sorted(run_in(life_cycle.node.kubeconfig, pod, ["ls", "-A", "/tmp"]).split())
    done = run(life_cycle, name, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    (file,) = dumps.glob(f"{name}/heapdump-*.hprof")
    assert said["path"] == f"/product/test/{PROVIDER}/dumps/{name}/{file.name}"
    assert said["nas"].endswith(f":/test/product/test/{PROVIDER}/dumps/{name}/{file.name}")
    assert said["bytes"] == file.stat().st_size > 1 << 20
    assert (file.stat().st_uid, file.read_bytes()[:12]) == (UID, b"JAVA PROFILE")
    (companion,) = companions(life_cycle, pod)
    assert f"the container {companion['name']} stays listed in {name} until the pod ends" in done.stderr
    assert "its liveness probe waits" in done.stderr
    assert status_of(scene.api.live(pod) or {}, PROVIDER)["restartCount"] == status_of(pod, PROVIDER)["restartCount"]
    left = set(run_in(life_cycle.node.kubeconfig, pod, ["ls", "-A", "/tmp"]).split()) - set(before)
    assert left <= {".java_pid1"}  # the JVM's own socket, made once and kept while it runs


def plain(text: str) -> str:
    """What a command says of a dump, without the names, the time and the size that differ each time."""
    text = re.sub(r"resource-[0-9a-z]+-[0-9a-z]{5}", "POD", text)
    return re.sub(r"\d+ bytes", "N bytes", re.sub(r"\d{8}T\d{6}Z", "TIME", text))


@pytest.mark.usefixtures("dumps")
def test_g25_the_rights_of_a_debugger_are_enough_and_without_any_the_file_that_gives_it_is_named(
    life_cycle: LifeCycle,
) -> None:
    scene = life_cycle.scene
    with bound(scene.api, life_cycle.node.kubeconfig, "debugger", scene.namespace) as account:
        done = run(life_cycle, kubeconfig=account.kubeconfig)
        assert done.exit_code == 0, done.output
        (shown,) = [block.text for block in PAGE.blocks if block.language == "text"]
        assert plain(done.stdout) == plain(shown)
        for verb, resource, less in account.each_less():
            if resource == "pods/attach":  # of Arthas
                continue
            with account.holding(less):
                done = run(life_cycle, kubeconfig=account.kubeconfig)
            assert done.exit_code == 1, (verb, resource)
            assert f"the verb {verb} on {resource} there: docs/rbac/debugger.yaml" in done.stderr


def test_an_image_that_cannot_be_pulled_is_given_up_with_its_reason(
    life_cycle: LifeCycle, debug_image: str, stack: Path
) -> None:
    stack.write_text(stack.read_text(encoding="utf-8").replace(debug_image, f"{debug_image}-none"), encoding="utf-8")
    done = run(life_cycle)
    assert done.exit_code == 1
    assert "does not start: ErrImagePull" in done.stderr
    assert "debug.image is what it runs" in done.stderr
    assert "Traceback" not in done.output


def test_a_pod_of_another_name_is_refused_with_the_nearest(life_cycle: LifeCycle) -> None:
    pod = life_cycle.scene.pods()[0]["metadata"]["name"]
    done = run(life_cycle, f"{pod}x")
    assert done.exit_code == 1
    assert f"{pod}x is no pod of {PROVIDER}; did you mean {pod}?" in done.stderr
