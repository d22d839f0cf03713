"""By which key Kubernetes' strategic merge patch finds the elements of a list, for the objects of a service."""

from collections.abc import Mapping

_CONTAINER_LISTS = {"env": "name", "ports": "containerPort", "volumeDevices": "devicePath", "volumeMounts": "mountPath"}
_CONTAINERS = ("containers", "ephemeralContainers", "initContainers")
_POD_LISTS = {
    "hostAliases": "ip",
    "imagePullSecrets": "name",
    "resourceClaims": "name",
    "schedulingGates": "name",
    "topologySpreadConstraints": "topologyKey",
    "volumes": "name",
    **dict.fromkeys(_CONTAINERS, "name"),
    **{f"{containers}.{name}": key for containers in _CONTAINERS for name, key in _CONTAINER_LISTS.items()},
}

MERGE_KEYS: Mapping[str, Mapping[str, str]] = {
    "Deployment": {f"spec.template.spec.{path}": key for path, key in _POD_LISTS.items()},
    "Service": {"spec.ports": "port"},
    "ServiceAccount": {"secrets": "name"},
}
"""The merge key of each list that has one, by kind and path; every other list is replaced as a whole.

``metadata.finalizers`` and ``metadata.ownerReferences``, which the API merges too, are not among them: no object of a
service states any, so there is nothing to merge with.

Source: the fields' ``x-kubernetes-patch-merge-key`` in
https://github.com/kubernetes/kubernetes/blob/v1.36.0/api/openapi-spec/swagger.json
"""

REPLACED: Mapping[str, frozenset[str]] = {"PodDisruptionBudget": frozenset({"spec.selector"})}
"""The mappings that are replaced as a whole, by kind and path (``x-kubernetes-patch-strategy: replace``)."""

APPLY_KEYS: Mapping[str, tuple[str, str]] = {
    "ports": ("protocol", "TCP"),
    "topologySpreadConstraints": ("whenUnsatisfiable", "DoNotSchedule"),
}
"""What server-side apply knows an element by beside its merge key, and its value where none is stated; by list.

Source: ``x-kubernetes-list-map-keys``, in the same file.
"""
