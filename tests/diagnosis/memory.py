"""How much memory `ackp watch` takes with a hundred pods; a test holds it, and `make bench` tells it."""

from __future__ import annotations

from pathlib import Path

from tests.cluster.api import MERGE, STRATEGIC
from tests.pod_logs.conftest import Pods
from tests.pod_logs.memory import MANY
from tests.pod_logs.running import running

GATE = "target-health.alb.k8s.alibabacloud"


def close_gate(pods: Pods) -> None:
    """Give the service a new version, whose pods have a readiness gate that nobody opens."""
    template = {"spec": {"template": {"spec": {"readinessGates": [{"conditionType": GATE}]}}}}
    pods.api.patch(pods.deployment, template, form=STRATEGIC)


def while_watching(pods: Pods, folder: Path) -> int:
    """The most bytes that it held until it said that none of a hundred pods is ready, and why.

    Args:
        pods: The service, with some pods; its gate is closed.
        folder: Where the output is kept.
    """
    pods.api.patch(pods.deployment, {"spec": {"replicas": MANY}}, form=MERGE)
    surge = {"spec": {"strategy": {"rollingUpdate": {"maxSurge": "100%", "maxUnavailable": "100%"}}}}
    pods.api.patch(pods.deployment, surge, form=STRATEGIC)
    with running(folder, "watch", "uat", "study", "--kubeconfig", pods.plane.kubeconfig) as command:
        command.until(f"study: 0 of {MANY} pods ready, a readiness gate is closed")
        most = command.most_memory()
        assert command.interrupt() == 130
        return most
