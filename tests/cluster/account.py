"""A service account: a connection with a token of its own, and what the API server says that it may do."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cluster.api import Api, Object

_REVIEW = "authorization.k8s.io/v1"


class Account:
    """A service account that exists.

    Args:
        admin: The cluster, as its administrator.
        kubeconfig: The administrator's kubeconfig; the account's own is written beside it.
        name: The account's name.
        namespace: Its namespace.

    Attributes:
        api: The cluster, as the account.
        user: Its user name.
        token: Its token, for an hour.
        kubeconfig: The file that it connects with.
    """

    def __init__(self, admin: Api, kubeconfig: Path, name: str, namespace: str) -> None:
        stated = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        self.user = f"system:serviceaccount:{namespace}:{name}"
        self.token = str(admin.post(stated, "token", request)["status"]["token"])
        own = kubeconfig.with_name(f"{namespace}.{name}.kubeconfig")
        connection = json.loads(kubeconfig.read_text(encoding="utf-8"))
        connection["users"] = [{"name": each["name"], "user": {"token": self.token}} for each in connection["users"]]
        own.touch(mode=0o600)
        own.write_text(json.dumps(connection), encoding="utf-8")
        self.kubeconfig = own
        self.api = Api(own, discovered=kubeconfig)

    def may(self, verb: str, resource: str, group: str = "", namespace: str = "") -> bool:
        """Whether the API server would let it: one verb on all objects of a resource."""
        attributes = {"verb": verb, "group": group, "resource": resource, "namespace": namespace}
        review = {"kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}}
        return bool(self.api.create({"apiVersion": _REVIEW, **review})["status"]["allowed"])

    def rules(self, namespace: str) -> list[Object]:
        """All that it may do in a namespace, and in the cluster."""
        review = {"kind": "SelfSubjectRulesReview", "spec": {"namespace": namespace}}
        status = self.api.create({"apiVersion": _REVIEW, **review})["status"]
        assert not status["incomplete"], status
        rules: list[Object] = status["resourceRules"]
        return rules
