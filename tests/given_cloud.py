"""What exists before a stack comes up: everything that its settings say it is given, and nothing more."""

from collections.abc import Iterator
from typing import Any

from components.manifests.ingress_class import CONTROLLER
from config import StackSettings
from config.alb import AlbById, AlbByIngressClass
from config.exposure import TlsCertificate
from config.nas import GivenNas


def answers(settings: StackSettings) -> dict[str, Any]:
    """What the cloud's data sources answer, by the last part of their token."""
    cluster = settings.cluster
    found: dict[str, Any] = {"getKubernetesAddons": {"addons": []}}
    if settings.addons.alb_ingress_controller.ownership == "given":
        found["getKubernetesAddons"] = {"addons": [{"name": "alb-ingress-controller", "currentVersion": "v2.20.0"}]}
    if isinstance(settings.alb, AlbById):
        balancer = {
            "id": settings.alb.id,
            "vpcId": cluster.vpc,
            "loadBalancerEdition": "Standard",
            "dnsName": f"{settings.alb.id}.{cluster.region}.alb.aliyuncs.com",
        }
        found["getLoadBalancers"] = {"balancers": [balancer]}
    found["getServiceCertificates"] = {"certificates": list(_certificates(settings))}
    nas = settings.nas.file_system
    if isinstance(nas, GivenNas):
        found["getFileSystems"] = {"systems": [{"id": nas.id, "protocolType": "NFS"}]}
        found["getMountTargets"] = {"targets": [{"mountTargetDomain": nas.mount_target, "vpcId": cluster.vpc}]}
    return found


def _certificates(settings: StackSettings) -> Iterator[dict[str, str]]:
    for service in settings.services.values():
        if service.ingress is not None and isinstance(service.ingress.tls, TlsCertificate):
            tls = service.ingress.tls
            yield {"id": tls.id.partition("-")[0], "common": tls.covers[0], "sans": ",".join(tls.covers)}


def live(settings: StackSettings) -> dict[str, dict[str, Any]]:
    """The state of the Kubernetes objects that are read, by id."""
    objects: dict[str, dict[str, Any]] = {
        settings.namespace: {"metadata": {"name": settings.namespace, "labels": {}}},
    }
    if isinstance(settings.alb, AlbByIngressClass):
        objects[settings.ingress_class] = {
            "metadata": {"name": settings.ingress_class},
            "spec": {"controller": CONTROLLER},
        }
    return objects
