"""What exists in a real cluster, and would be created, is found before the `up`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from cluster.plane import control_plane
from sandbox.progress import Lines
from tests.cluster.account import Account
from tests.cluster.api import Api
from tests.report.cases import CASES, Scene

SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "admin", "namespace": "uat"},
    "spec": {"ports": [{"port": 80}]},
}
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "uat"}}


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[Path]:
    """A cluster with a Service admin in the namespace uat, which no state knows."""
    with control_plane(Lines()) as path:
        api = Api(path)
        api.create(NAMESPACE)
        api.create(SERVICE)
        yield path


@pytest.fixture(scope="module")
def preview(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine's preview of a Service admin and an Ingress admin that are to be created."""
    copy = scene.copy(tmp_path_factory.mktemp("existing"))
    copy.project.edit(CASES["newly-public"].edits)
    path = tmp_path_factory.mktemp("preview") / "preview.json"
    path.write_text(copy.preview(), encoding="utf-8")
    return path


def run(preview: Path, kubeconfig: Path) -> Result:
    arguments = ["report", "uat", "--preview", str(preview), "--kubeconfig", str(kubeconfig)]
    return CliRunner().invoke(app, arguments)


def test_an_object_that_exists_already_is_named_and_the_report_still_stands(preview: Path, kubeconfig: Path) -> None:
    done = run(preview, kubeconfig)
    assert done.exit_code == 1
    first, refused, *rest = done.stdout.splitlines()
    assert "1 newly public, REFUSED: 1 exist already" in first
    assert refused.startswith("refused: Service uat/admin exists already; the `up` would fail at it")
    assert any("PUBLIC: new host admin.uat.example.com" in line for line in rest)
    assert "Ingress uat/admin" not in done.stdout


def test_what_may_not_be_looked_up_is_a_warning(preview: Path, kubeconfig: Path) -> None:
    metadata = {"name": "nobody", "namespace": "uat"}
    Api(kubeconfig).create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    nobody = Account(Api(kubeconfig), kubeconfig, "nobody", "uat")
    done = run(preview, nobody.kubeconfig)
    assert done.exit_code == 3
    warnings = [line for line in done.stdout.splitlines() if line.startswith("warning: ")]
    assert [each.split(":")[1] for each in warnings] == [
        " Service uat/admin could not be looked up",
        " Ingress uat/admin could not be looked up",
    ]


def test_a_cluster_that_does_not_answer_is_one_report(preview: Path, tmp_path: Path) -> None:
    done = run(preview, tmp_path / "none")
    assert (done.exit_code, done.stdout) == (1, "")
    assert str(tmp_path / "none") in done.stderr
