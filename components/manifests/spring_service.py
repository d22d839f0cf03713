"""All objects of one service, in the order in which they refer to each other."""

from collections.abc import Callable

from components.manifests.autoscaler import autoscaler
from components.manifests.deployment import deployment
from components.manifests.disruption_budget import disruption_budget
from components.manifests.ingress import ingress
from components.manifests.metadata import Manifest, Opaque, content_name, metadata, service_labels
from components.manifests.network_policy import service_policy
from components.manifests.patch import strategic_merge
from components.manifests.registration import registration_config_map
from components.manifests.service import service
from components.manifests.wiring import Siblings, Wiring
from config import StackSettings
from config.patch import ServicePatch

Place = Callable[[str, Manifest], Opaque]
"""Puts an object where it belongs under its role, and returns its name: text, or the output of who registered it."""


def spring_service(settings: StackSettings, name: str, wiring: Wiring, place: Place) -> None:
    """Build a service's objects, patch them as its settings say, and place each under its role.

    The Ingress refers to the Service, never to the Deployment: pods behind a readiness gate become Ready only after
    the Ingress routes to them.
    """
    stated = settings.services[name]
    namespace = wiring.namespace
    place = _patching(stated.patch, place)
    siblings = Siblings(
        service_account=stated.service_account or place("service-account", _service_account(settings, name, namespace)),
        config_files=place("config-files", _config_files(settings, name, namespace)) if stated.config_files else None,
        registration=place("registration", registration_config_map(settings, name, namespace))
        if settings.registration_mode(name) != "none"
        else None,
    )
    if settings.environment.network_policies is not None:
        place("network-policy", service_policy(settings, name, namespace))
    workload = place("deployment", deployment(settings, name, wiring, siblings))
    if stated.service is not None:
        service_name = place("service", service(settings, name, stated.service, namespace))
        if stated.ingress is not None:
            route = ingress(
                settings,
                name,
                stated.ingress,
                namespace=namespace,
                ingress_class=wiring.ingress_class,
                service=service_name,
            )
            place("ingress", route)
    if stated.autoscaler is not None:
        scaling = autoscaler(settings, name, stated.autoscaler, namespace=namespace, deployment=workload)
        place("autoscaler", scaling)
    if stated.disruption_budget is not None and stated.fewest_replicas >= 2:  # noqa: PLR2004 -- one pod could never be evicted
        place("disruption-budget", disruption_budget(settings, name, stated.disruption_budget, namespace))


def _patching(patch: ServicePatch, place: Place) -> Place:
    """A ``place`` that patches what it is given."""

    def patched(role: str, manifest: Manifest) -> Opaque:
        stated = getattr(patch, role.replace("-", "_"), None)
        return place(role, strategic_merge(manifest, stated) if stated else manifest)

    return patched


def _service_account(settings: StackSettings, name: str, namespace: Opaque) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(name, service_labels(settings, name), namespace=namespace),
        "automountServiceAccountToken": False,
    }


def _config_files(settings: StackSettings, name: str, namespace: Opaque) -> Manifest:
    data = dict(sorted(settings.services[name].config_files.items()))
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(content_name(f"{name}-config", data), service_labels(settings, name), namespace=namespace),
        "immutable": True,
        "data": data,
    }
