"""The identity that runs `ackp adopt`, with the rights that docs/rbac/adopter.yaml gives it and no other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.cluster.account import Account
from tests.cluster.api import Api, Object
from tests.cluster.deployer import cluster_roles, stated
from tests.cluster.roles import Roles

_FILE = "adopter.yaml"
RULES: Mapping[str, list[Object]] = cluster_roles(_FILE)
"""The rules of each ClusterRole by its name."""

IN_NAMESPACE = "ack-platform-adopter"
"""The role that is bound in namespaces."""


class Adopter:
    """The adopter on a cluster that has the namespaces test and uat.

    Args:
        admin: The cluster, as its administrator.
        kubeconfig: The administrator's kubeconfig.

    Attributes:
        account: Its service account.
        roles: What it holds.
    """

    def __init__(self, admin: Api, kubeconfig: Path) -> None:
        for each in stated(_FILE):
            admin.create(each)
        self.account = Account(admin, kubeconfig, "adopter", "ack-platform")
        self.roles = Roles(admin, self.account, RULES)
        self.roles.wait("list", "albconfigs", "alibabacloud.com")
        for namespace in ("test", "uat"):
            self.roles.wait("list", "deployments", "apps", namespace)
