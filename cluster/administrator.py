"""The administrator of a plane: what whoever starts one asks of its API, before anything but Python is at hand."""

from __future__ import annotations

import json
import ssl
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from cluster.components import Plane

_COLLECTIONS = {
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "CSIDriver": "/apis/storage.k8s.io/v1/csidrivers",
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "Node": "/api/v1/nodes",
}


def request(plane: Plane, path: str, body: object = None) -> bytes:
    """GET a path, or POST a body to it.

    Raises:
        OSError: The API server does not answer, or not with success.
    """
    connection = json.loads(plane.kubeconfig("admin").read_text(encoding="utf-8"))
    asked = urllib.request.Request(  # noqa: S310 - the plane's own address
        plane.server + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {connection['users'][0]['user']['token']}",
            "Content-Type": "application/json",
        },
    )
    context = ssl.create_default_context(cafile=str(plane.certificate))
    opener = urllib.request.build_opener(  # no proxy: the address is this machine's
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
    )
    with opener.open(asked, timeout=10) as answer:
        read: bytes = answer.read()
        return read


def create_all(plane: Plane, file: Path) -> None:
    """Create every object of a YAML file."""
    import yaml  # noqa: PLC0415 - not needed to report a wrong argument

    for each in yaml.safe_load_all(file.read_text(encoding="utf-8")):
        request(plane, _COLLECTIONS[each["kind"]], each)


def nodes_are_ready(plane: Plane) -> bool:
    """Whether there are nodes, and all are Ready."""
    items: list[Mapping[str, Mapping[str, list[Mapping[str, str]]]]]
    items = json.loads(request(plane, "/api/v1/nodes"))["items"]
    conditions = [each["status"].get("conditions", []) for each in items]
    ready = [any(each["type"] == "Ready" and each["status"] == "True" for each in found) for found in conditions]
    return bool(ready) and all(ready)
