"""The ClusterRoles of an account, which a test may change for a while."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.cluster.account import Account
from tests.cluster.api import MERGE, Api, Object

_SECONDS = 30
_MARK = "marks.tests.ack-platform"


class Roles:
    """The ClusterRoles that an account holds.

    Args:
        admin: The cluster, as its administrator.
        account: Who holds them.
        rules: The rules of each by its name.
    """

    def __init__(self, admin: Api, account: Account, rules: Mapping[str, list[Object]]) -> None:
        self._admin, self._account, self._rules = admin, account, rules
        self._marks = 0

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
            self._hold(role, self._rules[role], namespace)

    def wait(self, verb: str, resource: str, group: str, namespace: str = "") -> None:
        """Wait until the account may do something."""
        deadline = time.monotonic() + _SECONDS
        while not self._account.may(verb, resource, group, namespace):
            who, where = self._account.user, namespace or "all"
            assert time.monotonic() < deadline, f"{who} may still not {verb} {resource} in {where}"
            time.sleep(0.02)

    def _hold(self, role: str, rules: list[Object], namespace: str) -> None:
        """The API server's authorizer learns of a change a moment after it was written: a mark tells that it has."""
        self._marks += 1
        mark = f"mark-{self._marks}"
        seen: Object = {"apiGroups": [_MARK], "resources": [mark], "verbs": ["get"]}
        changed: Object = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
        changed["metadata"] = {"name": role}
        self._admin.patch(changed, {"rules": [*rules, seen]}, form=MERGE)
        self.wait("get", mark, _MARK, namespace)


def without(rules: list[Object], number: int, verb: str) -> list[Object]:
    """The rules of a role, one of them without a verb."""
    kept = [dict(each) for each in rules]
    kept[number]["verbs"] = [each for each in kept[number]["verbs"] if each != verb]
    return [each for each in kept if each["verbs"]]
