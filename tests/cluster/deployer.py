"""The identity that runs `pulumi up`, with the rights that docs/rbac gives it and no other."""

from __future__ import annotations

import copy
from pathlib import Path

import yaml

from tests.cluster.account import Account
from tests.cluster.api import Api, Object
from tests.cluster.roles import Roles
from tests.settings import ROOT

FOLDER = ROOT / "docs" / "rbac"
NAME, NAMESPACE = "deployer", "ack-platform"


def stated(file: str) -> list[Object]:
    """The objects of a file in docs/rbac."""
    return list(yaml.safe_load_all((FOLDER / file).read_text(encoding="utf-8")))


def cluster_roles(file: str = "deployer.yaml") -> dict[str, list[Object]]:
    """The rules of each ClusterRole of a file in docs/rbac, by its name."""
    return {each["metadata"]["name"]: each["rules"] for each in stated(file) if each["kind"] == "ClusterRole"}


class Deployer:
    """The deployer on a cluster, as an administrator made it after docs/how-to/deployer-rights.md.

    Args:
        admin: The cluster, as its administrator.
        kubeconfig: The administrator's kubeconfig.

    Attributes:
        account: Its service account.
        api: The cluster, as the deployer.
        roles: What it holds.
    """

    def __init__(self, admin: Api, kubeconfig: Path) -> None:
        self._admin = admin
        for each in stated("deployer.yaml"):
            admin.create(each)
        self.account = Account(admin, kubeconfig, NAME, NAMESPACE)
        self.api = self.account.api
        self.roles = Roles(admin, self.account, cluster_roles())
        self.roles.wait("create", "albconfigs", "alibabacloud.com")

    def admit(self, namespace: str) -> None:
        """Give it its rights in a namespace."""
        for each in stated("environment.yaml"):
            bound = copy.deepcopy(each)
            bound["metadata"]["namespace"] = namespace
            self._admin.create(bound)
        self.roles.wait("create", "deployments", "apps", namespace)
        self.roles.wait("create", "roles", "rbac.authorization.k8s.io", namespace)
