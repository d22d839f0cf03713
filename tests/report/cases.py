"""Changes of a stack file, each previewed by the real engine, with the report that they give.

``python -m tests.report.cases`` writes the golden files anew.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cost.prices import read_prices
from report.markdown import markdown
from report.preview import read_preview
from report.report import Report, report
from sandbox.command import EngineCommand
from sandbox.engine import Engine, find_engine
from sandbox.place import Place
from sandbox.progress import Lines
from sandbox.run import Sandbox
from tests.engine.stacks import Project
from tests.settings import REMOVED

GOLDEN = Path(__file__).with_name("golden")
STACK = "uat"
CLUSTER, OTHER_CLUSTER = "cexample0000000000000000000000001", "cexample0000000000000000000000002"
CERTIFICATE, OTHER_CERTIFICATE = "10000002-cn-hangzhou", "10000003-cn-hangzhou"
INGRESS = {"tls": {"source": "certificate", "id": CERTIFICATE, "covers": ["*.uat.example.com"]}}
LISTENERS = [
    {"port": 80, "protocol": "HTTP"},
    {"port": 443, "protocol": "HTTPS", "certificates": [CERTIFICATE]},
    {"port": 8000, "protocol": "HTTPS", "certificates": [CERTIFICATE], "requestTimeoutSeconds": 120},
]
HARD = {
    "requests.cpu": "16",
    "requests.memory": "80Gi",
    "limits.memory": "80Gi",
    "pods": "60",
    "persistentvolumeclaims": "2",
}


@dataclass(frozen=True)
class Scene:
    """A stack that is up, to be changed and previewed.

    Attributes:
        project: its stack file, and `__main__.py`.
        place: its sandbox.
        engine: the engine.
    """

    project: Project
    place: Place
    engine: Engine

    def copy(self, folder: Path) -> Scene:
        """The same once more, with a sandbox of its own."""
        place = Place(folder / "sandbox")
        shutil.copytree(self.place.directory, place.directory, symlinks=True)
        shutil.copytree(self.project.root, folder / "project")
        return Scene(Project(folder / "project", self.project.stack), place, self.engine)

    def preview(self) -> str:
        """What the engine writes about the next `up`."""
        box = Sandbox(self.project.root, self.project.stack, place=self.place, engine=self.engine, progress=Silent())
        return box.preview_json()

    def run(self, *arguments: str) -> None:
        """Run an engine command."""
        done = EngineCommand(self.engine, self.place).run([*arguments, "--stack", self.project.stack])
        assert done.code == 0, done.error

    def report(self) -> Report:
        """The report on the next `up`."""
        return report(read_preview(self.preview(), "the engine", self.project.stack), read_prices())


class Silent(Lines):
    """Progress that nobody reads."""

    def line(self, text: str) -> None:
        """Print nothing."""

    def live(self, text: str) -> None:
        """Print nothing."""


@dataclass(frozen=True)
class Case:
    """A change.

    Attributes:
        edits: settings by key path, before the preview.
        before: settings that are up before.
        prepare: what else is done to the scene.
        code: the exit code.
    """

    edits: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[Scene], None] | None = None
    code: int = 0


def _new_secrets(scene: Scene) -> None:
    """Forget the passwords that the sandbox made: the next preview makes others."""
    copy = scene.place.project / f"Pulumi.{STACK}.yaml"
    document = yaml.safe_load(copy.read_text(encoding="utf-8"))
    for key in [key for key, value in document["config"].items() if isinstance(value, dict) and "secure" in value]:
        del document["config"][key]
    copy.write_text(yaml.safe_dump(document), encoding="utf-8")


def _unprotected(scene: Scene) -> None:
    scene.run("state", "unprotect", "--all", "--yes")


def _other_cluster(scene: Scene) -> None:
    """The account has the other cluster now, with the same add-ons."""
    _unprotected(scene)
    text = scene.place.contents.read_text(encoding="utf-8")
    scene.place.contents.write_text(text.replace(CLUSTER, OTHER_CLUSTER), encoding="utf-8")


CASES: dict[str, Case] = {
    "nothing": Case(),
    "new-image": Case({"services.gateway.image.digest": "sha256:" + "2" * 64}),
    "restart": Case({"services.file.restartedAt": "2026-11-26T04:00:00Z"}),
    "more-replicas": Case({"services.file.replicas": 3}),
    "fewer-replicas": Case({"services.file.replicas": 1}),
    "variable-added": Case({"services.file.env": {"UPLOAD_LIMIT": "20MB-of-nobodys-business"}}),
    "variables-changed-and-removed": Case(
        {"services.exam.env": {"ONE": "2-of-nobodys-business"}}, {"services.exam.env": {"ONE": "1", "TWO": "2"}}
    ),
    "new-passwords": Case(prepare=_new_secrets),
    "more-memory": Case({"services.file.resources": {"limits": {"memory": "3Gi"}}}),
    "longer-start": Case({"services.file.probes": {"startupSeconds": 600}}),
    "autoscaler-added": Case({"services.file.autoscaler": {"minReplicas": 2, "maxReplicas": 4}}),
    "autoscaler-wider": Case({"services.gateway.autoscaler.maxReplicas": 8}),
    "new-service": Case({"services.study": {"image": {"tag": "uat-1.9.3-a1b2c3d4-20261109T100000"}}}),
    "service-removed": Case({"services.resource": REMOVED}),
    "public-service-removed": Case({"services.gateway": REMOVED}),
    "other-host": Case({"services.gateway.ingress.host": "www.uat.example.com"}, code=4),
    "newly-public": Case({"services.admin.service": {"port": 8080}, "services.admin.ingress": INGRESS}, code=3),
    "http-closed": Case({"services.gateway.ingress.redirectToHttps": False}, code=4),
    "https-lost": Case(
        {
            "services.gateway.ingress.redirectToHttps": False,
            "services.gateway.ingress.listeners": [
                {"port": 80, "protocol": "HTTP"},
                {"port": 443, "protocol": "HTTPS"},
                {"port": 8000, "protocol": "HTTPS"},
            ],
        },
        code=3,
    ),
    "certificate-changed": Case(
        {
            "alb.listeners": [
                {**each, "certificates": [OTHER_CERTIFICATE]} if "certificates" in each else each for each in LISTENERS
            ],
            "services.gateway.ingress.tls.id": OTHER_CERTIFICATE,
        }
    ),
    "eip-added": Case(
        {"services.file.eip": {"bandwidth": 5}, "services.file.egress": [{"cidr": "0.0.0.0/0", "ports": [443]}]}, code=3
    ),
    "new-alb-listener": Case({"alb.listeners": [*LISTENERS, {**LISTENERS[1], "port": 8443}]}, code=3),
    "alb-listener-removed": Case(
        {
            "alb.listeners": LISTENERS[:2],
            "alb.allowListenerRemoval": ["HTTPS/8000"],
            "services.gateway.ingress.listeners": [{"port": 443, "protocol": "HTTPS"}],
        },
        code=4,
    ),
    "selector-changed": Case({"services.file.selectorLabels": {"app": "file"}}, code=4),
    "cluster-ip-changed": Case({"services.gateway.patch": {"service": {"spec": {"clusterIP": "None"}}}}, code=4),
    "namespace-renamed": Case({"environment.namespace.name": "uat2"}, prepare=_unprotected, code=5),
    "larger-volume": Case({"nas.volume.capacity": "600Gi"}),
    "larger-quota": Case({"environment.quota.hard": {**HARD, "requests.cpu": "20"}}),
    "configuration-file-changed": Case(
        {"services.oauth2.configFiles": {"application.yml": "a: 2\n"}},
        {"services.oauth2.configFiles": {"application.yml": "a: 1\n"}},
    ),
    "another-cluster": Case({"cluster.id": OTHER_CLUSTER}, prepare=_other_cluster, code=5),
    "several-at-once": Case(
        {
            "services.gateway.image.digest": "sha256:" + "2" * 64,
            "services.file.replicas": 3,
            "services.exam.env": {"ONE": "1", "QUESTION_CACHE": "on"},
            "services.admin.service": {"port": 8080},
            "services.admin.ingress": INGRESS,
        },
        code=3,
    ),
    "longer-drain": Case({"services.file.registration.drainSeconds": 20}),
}


def bring_up(folder: Path, engine: Engine) -> Scene:
    """The shipped stack, up, with what the cases need before their change."""
    project = Project.copy(folder / "project", STACK)
    project.edit({"services.study": REMOVED})
    for case in CASES.values():
        project.edit(case.before)
    place = Place(folder / "sandbox")
    Sandbox(project.root, STACK, place=place, engine=engine, progress=Silent()).up()
    return Scene(project, place, engine)


def reported(scene: Scene, name: str, folder: Path) -> Report:
    """The report on a case's change."""
    case, copy = CASES[name], scene.copy(folder)
    if case.prepare:
        case.prepare(copy)
    copy.project.edit(case.edits)
    return copy.report()


def _write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        scene = bring_up(Path(folder), find_engine(Lines()))
        for name in CASES:
            copy = Path(folder) / name
            copy.mkdir()
            (GOLDEN / f"{name}.md").write_text(markdown(reported(scene, name, copy)), encoding="utf-8")


if __name__ == "__main__":
    _write()
