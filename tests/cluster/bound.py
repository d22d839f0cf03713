"""An account with the role of a file in docs/rbac, bound in one namespace as the file's first lines say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.account import Account
from tests.cluster.api import Api, Object
from tests.cluster.deployer import cluster_roles, stated
from tests.cluster.roles import Roles, without

_ACCOUNTS = "ack-platform"


@dataclass(frozen=True)
class Bound:
    """The account.

    Attributes:
        kubeconfig: The file that it connects with.
        role: The ClusterRole's name.
        rules: Its rules.
        namespace: Where it is bound.
    """

    kubeconfig: Path
    role: str
    rules: list[Object]
    namespace: str
    _roles: Roles

    def holding(self, rules: list[Object]) -> AbstractContextManager[None]:
        """Give it other rules while the block runs."""
        return self._roles.holding(self.role, rules, self.namespace)

    def each_less(self) -> Iterator[tuple[str, str, list[Object]]]:
        """Each verb on each resource of its rules, and the rules without it."""
        for number, rule in enumerate(self.rules):
            for resource in rule["resources"]:
                rest = [each for each in rule["resources"] if each != resource]
                for verb in rule["verbs"]:
                    less = without(self.rules, number, verb)
                    yield verb, resource, [*less, {**rule, "resources": rest, "verbs": [verb]}] if rest else less


@contextmanager
def bound(admin: Api, kubeconfig: Path, name: str, namespace: str) -> Iterator[Bound]:
    """Make and bind the account of docs/rbac/NAME.yaml until the block ends; the API server decides by it throughout.

    Args:
        admin: The cluster, as its administrator.
        kubeconfig: The administrator's kubeconfig.
        name: The account's name, and the file's.
        namespace: Where to bind it.
    """
    for each in stated(f"{name}.yaml"):
        admin.apply(each)
    ((role, rules),) = cluster_roles(f"{name}.yaml").items()
    account = Account(admin, kubeconfig, name, _ACCOUNTS)
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": role, "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": _ACCOUNTS}],
    }
    admin.create(binding)
    try:
        found = Bound(account.kubeconfig, role, rules, namespace, Roles(admin, account, {role: rules}))
        with found.holding(rules):
            yield found
    finally:
        admin.delete(binding)
        # Its rules were changed by another hand than the one that applies the file the next time.
        admin.delete({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": role}})
