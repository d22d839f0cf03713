"""What no setting can say of a service's objects: strategic merge patches of those that the settings make."""

from collections.abc import Mapping

from pydantic import JsonValue

from config.merge_keys import MERGE_KEYS
from config.model import Model

Patch = dict[str, JsonValue]

ORDER = "$setElementOrder/"
"""Begins the key that says a list's order."""
KINDS = {
    "deployment": "Deployment",
    "service": "Service",
    "ingress": "Ingress",
    "autoscaler": "HorizontalPodAutoscaler",
    "disruptionBudget": "PodDisruptionBudget",
    "networkPolicy": "NetworkPolicy",
    "serviceAccount": "ServiceAccount",
}
"""The kind of each object that may have a patch. A ConfigMap's name follows from its content, so it has none."""


class ServicePatch(Model):
    """Strategic merge patches of a service's objects: what a live object has and no setting can say.

    ``null`` removes a key; a list with a merge key is merged by it, other lists are replaced; ``$patch: delete``
    removes an element. Other checks do not read patches, so each is a debt to pay off.

    Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
    """

    deployment: Patch | None = None
    """Of the Deployment."""
    service: Patch | None = None
    """Of the Kubernetes Service."""
    ingress: Patch | None = None
    """Of the Ingress."""
    autoscaler: Patch | None = None
    """Of the HorizontalPodAutoscaler."""
    disruption_budget: Patch | None = None
    """Of the PodDisruptionBudget."""
    network_policy: Patch | None = None
    """Of the NetworkPolicy."""
    service_account: Patch | None = None
    """Of the ServiceAccount."""

    @property
    def stated(self) -> Mapping[str, Patch]:
        """The patches that say something, by key."""
        patches = {key: getattr(self, name) for key, name in self.model_fields_by_alias().items()}
        return {key: patch for key, patch in patches.items() if patch}

    @property
    def fields(self) -> int:
        """How many fields of the objects stand in patches."""
        return sum(_fields(KINDS[key], (), patch) for key, patch in self.stated.items())


def merge_key(kind: str, field: tuple[str, ...]) -> str | None:
    """The key by which a list of a kind is merged; None where it is replaced as a whole."""
    return MERGE_KEYS.get(kind, {}).get(".".join(field))


def _fields(kind: str, field: tuple[str, ...], patch: JsonValue) -> int:
    if isinstance(patch, dict) and patch:
        return sum(_fields(kind, (*field, key), value) for key, value in patch.items())
    key = merge_key(kind, field)
    if isinstance(patch, list) and key is not None and {"$patch": "replace"} not in patch:
        elements = [
            {name: value for name, value in each.items() if name != key} for each in patch if isinstance(each, dict)
        ]
        return sum(_fields(kind, field, element) for element in elements)
    return 1
