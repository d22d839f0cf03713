"""The kinds of Kubernetes that the cluster serves, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.cloud.contents import Contents

_METADATA = (("metadata", "name"), ("metadata", "namespace"))
_POD_TEMPLATE = (("spec", "selector"), ("spec", "template", "spec"))


@dataclass(frozen=True, slots=True)
class Kind:
    """What there is to know about one kind.

    Attributes:
        group: API group, empty for the core group.
        kind: its name.
        plural: its name in error texts.
        namespaced: whether its objects live in a namespace.
        immutable: paths whose change replaces the object, as pulumi-kubernetes has them
            (https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go).
        required: paths without which the API server refuses it.
    """

    group: str
    kind: str
    plural: str
    namespaced: bool = True
    immutable: tuple[tuple[str, ...], ...] = ()
    required: tuple[tuple[str, ...], ...] = ()

    @property
    def type(self) -> str:
        """The type of its entries in the cloud's contents."""
        return f"kubernetes:{self.group or 'core'}/{self.kind}"

    @property
    def resource(self) -> str:
        """Its name in error texts: ``deployments.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def identity(self, metadata: Mapping[str, Any]) -> str:
        """Return the id of an object: ``namespace/name``, or ``name``."""
        return (
            f"{metadata.get('namespace', 'default')}/{metadata['name']}" if self.namespaced else str(metadata["name"])
        )


_APPS, _NET, _RBAC, _STORE = "apps", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io"
_KINDS = (
    Kind("", "Namespace", "namespaces", namespaced=False),
    Kind("", "ConfigMap", "configmaps", immutable=(("data",), ("binaryData",))),
    Kind("", "Secret", "secrets", immutable=(("data",), ("stringData",), ("type",))),
    Kind("", "Service", "services", immutable=(("spec", "clusterIP"),), required=(("spec", "ports"),)),
    Kind("", "ServiceAccount", "serviceaccounts"),
    Kind(
        "",
        "PersistentVolume",
        "persistentvolumes",
        namespaced=False,
        immutable=(("spec", "csi"), ("spec", "nfs"), ("spec", "hostPath"), ("spec", "local")),
        required=(("spec", "capacity"), ("spec", "accessModes")),
    ),
    Kind(
        "",
        "PersistentVolumeClaim",
        "persistentvolumeclaims",
        immutable=(
            ("spec", "accessModes"),
            ("spec", "selector"),
            ("spec", "storageClassName"),
            ("spec", "volumeName"),
        ),
        required=(("spec", "accessModes"), ("spec", "resources")),
    ),
    Kind("", "ResourceQuota", "resourcequotas"),
    Kind("", "LimitRange", "limitranges", required=(("spec", "limits"),)),
    Kind("", "Pod", "pods", required=(("spec", "containers"),)),
    Kind(_APPS, "Deployment", "deployments", immutable=(("spec", "selector"),), required=_POD_TEMPLATE),
    Kind(_APPS, "StatefulSet", "statefulsets", immutable=(("spec", "selector"),), required=_POD_TEMPLATE),
    Kind(_APPS, "DaemonSet", "daemonsets", immutable=(("spec", "selector"),), required=_POD_TEMPLATE),
    Kind(
        "batch",
        "Job",
        "jobs",
        immutable=(("spec", "selector"), ("spec", "template"), ("spec", "completions"), ("spec", "parallelism")),
        required=(("spec", "template"),),
    ),
    Kind("batch", "CronJob", "cronjobs", required=(("spec", "schedule"), ("spec", "jobTemplate"))),
    Kind(_NET, "Ingress", "ingresses"),
    Kind(_NET, "IngressClass", "ingressclasses", namespaced=False, immutable=(("spec", "controller"),)),
    Kind(_NET, "NetworkPolicy", "networkpolicies"),
    Kind("policy", "PodDisruptionBudget", "poddisruptionbudgets"),
    Kind(
        "autoscaling",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        required=(("spec", "scaleTargetRef"), ("spec", "maxReplicas")),
    ),
    Kind(_RBAC, "Role", "roles"),
    Kind(_RBAC, "RoleBinding", "rolebindings", immutable=(("roleRef",),), required=(("roleRef",),)),
    Kind(_RBAC, "ClusterRole", "clusterroles", namespaced=False),
    Kind(
        _RBAC,
        "ClusterRoleBinding",
        "clusterrolebindings",
        namespaced=False,
        immutable=(("roleRef",),),
        required=(("roleRef",),),
    ),
    Kind(_STORE, "StorageClass", "storageclasses", namespaced=False, immutable=(("provisioner",), ("parameters",))),
    Kind("scheduling.k8s.io", "PriorityClass", "priorityclasses", namespaced=False, immutable=(("value",),)),
    Kind("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions", namespaced=False),
)
_BY_NAME = {(kind.group, kind.kind): kind for kind in _KINDS}
HELM_RELEASE = Kind("helm.sh", "Release", "releases")
CRD = _BY_NAME["apiextensions.k8s.io", "CustomResourceDefinition"]

# The definitions that come with an add-on or a chart: its controller brings them when it is installed.
ALB_CONFIG_CRD = ("alibabacloud.com", "AlbConfig", "albconfigs", "Cluster", "v1")
POD_EIP_CRD = ("alibabacloud.com", "PodEIP", "podeips", "Namespaced", "v1beta1")
ADDON_CRDS = {"alb-ingress-controller": ALB_CONFIG_CRD}
CHART_CRDS = {"ack-extend-network-controller": POD_EIP_CRD}


def kind_of(token: str, contents: Contents) -> Kind | None:
    """Return the kind of a resource type (``kubernetes:apps/v1:Deployment``), or None where the cluster has no such.

    A kind that is not built in exists once its CustomResourceDefinition does.
    """
    _, group_version, name = token.split(":")
    group = group_version.rpartition("/")[0]
    group = "" if group == "core" else group
    if group == HELM_RELEASE.group:
        return HELM_RELEASE if name == HELM_RELEASE.kind else None
    return _BY_NAME.get((group, name)) or _defined(group, name, contents)


def _defined(group: str, name: str, contents: Contents) -> Kind | None:
    for entry in contents.of_type(CRD.type):
        spec = entry.object.get("spec", {})
        if spec.get("group") == group and spec.get("names", {}).get("kind") == name:
            return Kind(group, name, str(spec["names"]["plural"]), namespaced=spec.get("scope") == "Namespaced")
    return None


def definition(group: str, kind: str, plural: str, scope: str, version: str) -> dict[str, Any]:
    """Return the CustomResourceDefinition of a kind."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": scope,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                    },
                }
            ],
        },
    }


def plural_of(api_version: str, kind: str) -> str:
    """Return the plural of a kind, as paths of the API have it; one that is not known takes an s."""
    known = _BY_NAME.get((api_version.rpartition("/")[0], kind))
    return known.plural if known else f"{kind.lower()}s"
