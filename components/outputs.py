"""What a stack exports: the contract's fields, filled from settings and from what was created."""

from collections.abc import Mapping
from typing import Any

from components.application_load_balancer import ApplicationLoadBalancer
from components.environment import Environment
from components.nas_file_system import NasFileSystem
from components.nas_volume import NasVolume
from components.spring_service import SpringService
from config import StackSettings
from contract import SCHEMA_VERSION


def platform_outputs(
    settings: StackSettings,
    *,
    alb: ApplicationLoadBalancer,
    file_system: NasFileSystem,
    environment: Environment,
    volume: NasVolume,
    services: Mapping[str, SpringService],
) -> dict[str, Any]:
    """The outputs by name, in the shape of ``contract.PlatformOutputs``; no secrets among them."""
    hosts = {name: host for name in services if (host := settings.host(name))}
    return {
        "schemaVersion": SCHEMA_VERSION,
        "environment": settings.environment.name,
        "namespace": environment.namespace,
        "alb": {"id": alb.alb_id, "dnsName": alb.dns_name, "ingressClass": alb.ingress_class},
        "nas": {
            "fileSystemId": file_system.file_system_id,
            "mountTarget": file_system.mount_target,
            "claim": volume.claim,
        },
        "dnsRecords": {host: services[name].dns_name for name, host in hosts.items()},
        "services": {name: _service(settings, name, service) for name, service in services.items()},
    }


def _service(settings: StackSettings, name: str, service: SpringService) -> dict[str, Any]:
    urls, port = settings.urls(name), settings.services[name].service
    return {
        "image": service.image,
        "port": port.port if port else None,
        "host": settings.host(name),
        "url": urls[0] if urls else None,
        "urls": list(urls),
    }
