"""The identity that runs `ackp adopt`, with the rights that docs/rbac/adopter.yaml gives it and no other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.cluster.account import Account
from tests.cluster.api import Api, Object
from tests.cluster.roles import Roles
from tests.settings import ROOT

STATED: list[Object] = list(yaml.safe_load_all((ROOT / "docs/rbac/adopter.yaml").read_text(encoding="utf-8")))
RULES: Mapping[str, list[Object]] = {
    each["metadata"]["name"]: each["rules"] for each in STATED if each["kind"] == "ClusterRole"
}
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
        for each in STATED:
            admin.create(each)
        self.account = Account(admin, kubeconfig, "adopter", "ack-platform")
        self.roles = Roles(admin, self.account, RULES)
        self.roles.wait("list", "albconfigs", "alibabacloud.com")
        for namespace in ("test", "uat"):
            self.roles.wait("list", "deployments", "apps", namespace)
