"""The identity that runs `pulumi up`, with the rights that docs/rbac gives it and no other."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from tests.cluster.account import Account
from tests.cluster.api import MERGE, Api, Object
from tests.settings import ROOT

FOLDER = ROOT / "docs" / "rbac"
NAME, NAMESPACE = "deployer", "ack-platform"

_SECONDS = 30
_MARK = "marks.tests.ack-platform"


def stated(file: str) -> list[Object]:
    """The objects of a file in docs/rbac."""
    return list(yaml.safe_load_all((FOLDER / file).read_text(encoding="utf-8")))


def cluster_roles() -> dict[str, list[Object]]:
    """The rules of each ClusterRole by its name."""
    return {
        each["metadata"]["name"]: each["rules"] for each in stated("deployer.yaml") if each["kind"] == "ClusterRole"
    }


class Deployer:
    """The deployer on a cluster, as an administrator made it after docs/how-to/deployer-rights.md.

    Args:
        admin: The cluster, as its administrator.
        kubeconfig: The administrator's kubeconfig.

    Attributes:
        account: Its service account.
        api: The cluster, as the deployer.
    """

    def __init__(self, admin: Api, kubeconfig: Path) -> None:
        self._admin = admin
        self._marks = 0
        for each in stated("deployer.yaml"):
            admin.create(each)
        self.account = Account(admin, kubeconfig, NAME, NAMESPACE)
        self.api = self.account.api
        self._wait("create", "albconfigs", "alibabacloud.com")

    def admit(self, namespace: str) -> None:
        """Give it its rights in a namespace."""
        for each in stated("environment.yaml"):
            bound = copy.deepcopy(each)
            bound["metadata"]["namespace"] = namespace
            self._admin.create(bound)
        self._wait("create", "deployments", "apps", namespace)
        self._wait("create", "roles", "rbac.authorization.k8s.io", namespace)

    @contextmanager
    def holding(self, role: str, rules: list[Object], namespace: str = "") -> Iterator[None]:
        """Give a ClusterRole other rules while the block runs; the API server decides by them throughout.

        Args:
            role: The ClusterRole's name.
            rules: Its rules for that time.
            namespace: A namespace where it is bound; empty where it is bound for the cluster.
        """
        self._hold(role, rules, namespace)
        try:
            yield
        finally:
            self._hold(role, cluster_roles()[role], namespace)

    def _hold(self, role: str, rules: list[Object], namespace: str) -> None:
        """The API server's authorizer learns of a change a moment after it was written: a mark tells that it has."""
        self._marks += 1
        mark = f"mark-{self._marks}"
        seen: Object = {"apiGroups": [_MARK], "resources": [mark], "verbs": ["get"]}
        changed: Object = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
        changed["metadata"] = {"name": role}
        self._admin.patch(changed, {"rules": [*rules, seen]}, form=MERGE)
        self._wait("get", mark, _MARK, namespace)

    def _wait(self, verb: str, resource: str, group: str, namespace: str = "") -> None:
        deadline = time.monotonic() + _SECONDS
        while not self.account.may(verb, resource, group, namespace):
            assert time.monotonic() < deadline, f"the deployer may still not {verb} {resource} in {namespace or 'all'}"
            time.sleep(0.02)
