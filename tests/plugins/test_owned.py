"""The stack that owns ALB, NAS and add-ons: a preview, in which the plug-ins check every input. No account is asked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import yaml

from tests.cluster.api import Api
from tests.plugins.cloud import DUMMY
from tests.plugins.situation import kubeconfig as reached_by
from tests.plugins.stack import RealStack
from tests.plugins.tools import Tools

CHART = {"apiVersion": "v2", "name": "ack-extend-network-controller", "version": "0.13.0"}


def test_what_it_would_create_in_the_cloud_passes_the_checks_of_the_plug_ins(
    tools: Tools, kubeconfig: Path, api: Api, tmp_path: Path
) -> None:
    chart = tmp_path / "chart"
    chart.mkdir()
    (chart / "Chart.yaml").write_text(yaml.safe_dump(CHART), encoding="utf-8")
    stack = RealStack(tools, tmp_path, "test", api)
    stack.edit(reached_by(kubeconfig))
    stack.edit({"addons.extendNetworkController.chart": {"source": "path", "location": str(chart)}})
    stack.environment |= DUMMY
    stack.begin()
    found = stack.preview()
    assert {step.op for step in found.steps} == {"create"}
    clouds = Counter(step.type for step in found.steps if step.type.startswith("alicloud:"))
    assert clouds == {
        "alicloud:alb/loadBalancer:LoadBalancer": 1,
        "alicloud:cs/kubernetesAddon:KubernetesAddon": 1,
        "alicloud:nas/accessGroup:AccessGroup": 1,
        "alicloud:nas/accessRule:AccessRule": 2,
        "alicloud:nas/fileSystem:FileSystem": 1,
        "alicloud:nas/mountTarget:MountTarget": 1,
    }
    kinds = {step.type.rpartition(":")[2] for step in found.steps if step.type.startswith("kubernetes:")}
    assert kinds >= {"AlbConfig", "Deployment", "Ingress", "Namespace", "PersistentVolume", "Release", "Secret"}
    assert found.errors == []
