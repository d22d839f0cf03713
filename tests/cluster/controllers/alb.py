"""The ALB Ingress Controller, imitated: AlbConfig to ALB, Ingress to listeners and backends, the pods' readiness gate.

What is imitated, and from where (the open-source controller is called OSS, the help pages of ACK are called help):

- An AlbConfig gets the finalizer `ingress.k8s.alibaba/resources`, a status with id, DNS name and listeners, and the
  label `alb.ingress.kubernetes.io/hash`. One with `spec.config.id` reuses that ALB. OSS:
  https://github.com/alibaba/alibaba-load-balancer-controller
- An Ingress belongs to the AlbConfig that its IngressClass names; the class's controller is
  `ingress.k8s.alibabacloud/alb`. It gets the ALB's DNS name in its status. OSS, and help:
  https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/use-albconfigs-to-configure-alb-instances
- A listener that an Ingress asks for and the AlbConfig does not declare is refused: `listener is not exist in alb`
  (managed add-on from 2.11). Help, the same page.
- An HTTPS listener needs a certificate: from the AlbConfig, from the Ingress's TLS Secret, or found for the host among
  those that were uploaded. Help:
  https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/use-an-alb-ingress-to-configure-certificates-for-an-https-listener
- One fault anywhere stops the whole AlbConfig: nothing of it is written until all of it is right. OSS builds one model
  for an ALB, and applies it or does not.
- The gate `target-health.alb.k8s.alibabacloud` opens for a pod once an Ingress that is served routes to it. Help:
  https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/use-readinessgate-to-check-pod-readiness
- A deleted AlbConfig stays until no Ingress uses it. OSS.

Not imitated: traffic, rules, health checks, access logs, certificates' contents, tags, quotas.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from tests.cluster.api import MERGE, Api, Object, name_of
from tests.cluster.controllers.controller import Controller, met

CLASS_CONTROLLER = "ingress.k8s.alibabacloud/alb"
FINALIZER = "ingress.k8s.alibaba/resources"
GATE = "target-health.alb.k8s.alibabacloud"
PREFIX = "alb.ingress.kubernetes.io/"
REGION = "cn-hangzhou"

Listener = tuple[str, int]


class FaultError(Exception):
    """Something keeps an ALB from being served; the text is the event's message."""


@dataclass(frozen=True)
class Seen:
    """The objects that a pass works on."""

    classes: list[Object]
    ingresses: list[Object]
    services: dict[tuple[str, str | None], Object]
    secrets: dict[tuple[str, str | None], Object]

    def ingresses_of(self, alb_config: Object) -> list[Object]:
        """The Ingresses whose class names the AlbConfig, those that are being deleted left out."""
        name = alb_config["metadata"]["name"]
        classes = {
            each["metadata"]["name"]
            for each in self.classes
            if each["spec"].get("controller") == CLASS_CONTROLLER
            and (each["spec"].get("parameters") or {}).get("kind") == "AlbConfig"
            and each["spec"]["parameters"]["name"] == name
        }
        return [
            each
            for each in self.ingresses
            if each["spec"].get("ingressClassName") in classes and "deletionTimestamp" not in each["metadata"]
        ]


class AlbIngressController(Controller):
    """The controller.

    Args:
        api: The cluster.
        uploaded: The certificates in Certificate Management Service: id, and the hosts that each is for.
    """

    def __init__(self, api: Api, uploaded: Mapping[str, Collection[str]] | None = None) -> None:
        super().__init__(api)
        self._uploaded = dict(uploaded or {})
        self._warned: set[tuple[str, str]] = set()

    def reconcile(self) -> None:
        """One pass over every AlbConfig, and over the Ingresses of none."""
        seen = Seen(
            classes=self.api.objects("networking.k8s.io/v1", "IngressClass"),
            ingresses=self.api.objects("networking.k8s.io/v1", "Ingress"),
            services={name_of(each): each for each in self.api.objects("v1", "Service")},
            secrets={name_of(each): each for each in self.api.objects("v1", "Secret")},
        )
        existing = {each["metadata"]["name"] for each in seen.classes}
        for ingress in seen.ingresses:
            if ingress["spec"].get("ingressClassName") not in existing:
                self._warn_once(ingress, f"ingress class {ingress['spec'].get('ingressClassName')!r} is not found")
        for alb_config in self.api.objects("alibabacloud.com/v1", "AlbConfig"):
            if "deletionTimestamp" in alb_config["metadata"]:
                self._release(alb_config, seen)
                continue
            try:
                served = self._model(alb_config, seen)
            except FaultError as fault:
                self._warn_once(alb_config, str(fault))
            else:
                self._write(alb_config, served, seen)

    def _model(self, alb_config: Object, seen: Seen) -> dict[Listener, set[str]]:
        """The certificates of every listener.

        Raises:
            FaultError: The first thing that is wrong.
        """
        listeners: dict[Listener, set[str]] = {}
        for listener in alb_config["spec"].get("listeners") or ():
            stated = {each["CertificateId"] for each in listener.get("certificates") or ()}
            if missing := sorted(stated - set(self._uploaded)):
                raise FaultError(f"certificate {missing[0]} is not found")
            listeners[listener["protocol"], listener["port"]] = stated
        stated_for = {key for key, certificates in listeners.items() if certificates}
        for ingress in seen.ingresses_of(alb_config):
            for key in listen_ports(ingress):
                if key not in listeners:
                    raise FaultError(f"listener is not exist in alb: {key[1]} {key[0]}, asked for by {_full(ingress)}")
                if key[0] == "HTTPS":
                    listeners[key] |= set(self._secrets(ingress, seen))
                    if key not in stated_for:  # certificates in the AlbConfig switch the search off
                        listeners[key] |= set(self._discovered(ingress))
            for service, port in backends(ingress):
                found = seen.services.get((service, ingress["metadata"]["namespace"]))
                if found is None or port not in {each["port"] for each in found["spec"]["ports"]}:
                    raise FaultError(f"service {service}:{port} of {_full(ingress)} is not found")
        return listeners

    def _secrets(self, ingress: Object, seen: Seen) -> Iterator[str]:
        """The certificates that an Ingress's TLS Secrets bring."""
        for tls in ingress["spec"].get("tls") or ():
            if secret := tls.get("secretName"):
                found = seen.secrets.get((secret, ingress["metadata"]["namespace"]))
                if found is None or found.get("type") != "kubernetes.io/tls":
                    raise FaultError(f"TLS secret {secret} of {_full(ingress)} is not found")
                yield f"{ingress['metadata']['namespace']}-{secret}"

    def _discovered(self, ingress: Object) -> Iterator[str]:
        """The uploaded certificates for hosts that have no TLS Secret; a host without any is a fault."""
        with_secret = {
            host for tls in ingress["spec"].get("tls") or () if tls.get("secretName") for host in tls.get("hosts") or ()
        }
        for host in {rule.get("host", "") for rule in ingress["spec"].get("rules") or ()} - with_secret:
            wildcard = "*." + host.partition(".")[2]
            found = sorted(each for each, hosts in self._uploaded.items() if host in hosts or wildcard in hosts)
            if not found:
                raise FaultError(f"no certificate for host {host} of {_full(ingress)} is found")
            yield from found

    def _write(self, alb_config: Object, listeners: dict[Listener, set[str]], seen: Seen) -> None:
        name = alb_config["metadata"]["name"]
        alb = (alb_config["spec"].get("config") or {}).get("id") or f"alb-{_hash(name)}"
        status = {
            "id": alb,
            "dnsname": f"{alb}.{REGION}.alb.aliyuncs.com",
            "listeners": [
                {
                    "portAndProtocol": f"{port}/{protocol}",
                    "certificates": [{"certificateId": each} for each in sorted(certificates)],
                }
                for (protocol, port), certificates in sorted(listeners.items())
            ],
        }
        self._mark(alb_config, {"finalizers": [FINALIZER]})
        if (alb_config.get("status") or {}).get("loadBalancer") != status:
            self.api.patch(alb_config, {"status": {"loadBalancer": status}}, part="status")
        for ingress in seen.ingresses_of(alb_config):
            self._mark(ingress, {})
            served = {"ingress": [{"hostname": status["dnsname"]}]}
            if (ingress.get("status") or {}).get("loadBalancer") != served:
                self.api.patch(ingress, {"status": {"loadBalancer": served}}, part="status")
            for service, _ in backends(ingress):
                self._open_gates(seen.services[service, ingress["metadata"]["namespace"]])

    def _open_gates(self, service: Object) -> None:
        for pod in self.api.objects("v1", "Pod", service["metadata"]["namespace"], service["spec"].get("selector")):
            if "deletionTimestamp" not in pod["metadata"] and met(pod, "ContainersReady"):
                self.open_gate(pod, GATE)

    def _mark(self, stated: Object, extra: Object) -> None:
        """The label with the hash of the specification, and a finalizer where the controller sets one."""
        wanted = {"labels": {f"{PREFIX}hash": _hash(stated["spec"])}, **extra}
        metadata = stated["metadata"]
        if metadata.get("labels", {}).get(f"{PREFIX}hash") != wanted["labels"][f"{PREFIX}hash"] or any(
            metadata.get(key) != value for key, value in extra.items()
        ):
            self.api.patch(stated, {"metadata": wanted}, form=MERGE)

    def _release(self, alb_config: Object, seen: Seen) -> None:
        users = seen.ingresses_of(alb_config)
        if users:
            self._warn_once(alb_config, f"still used by {_full(users[0])}")
        else:
            left = [each for each in alb_config["metadata"].get("finalizers", ()) if each != FINALIZER]
            # The garbage collector takes its own finalizer away meanwhile; an old list would bring it back.
            version = alb_config["metadata"]["resourceVersion"]
            self.api.patch(
                alb_config, {"metadata": {"finalizers": left or None, "resourceVersion": version}}, form=MERGE
            )

    def _warn_once(self, about: Object, message: str) -> None:
        if (about["metadata"]["uid"], message) not in self._warned:
            self._warned.add((about["metadata"]["uid"], message))
            self.warn(about, "FailedBuildModel", message)


def listen_ports(ingress: Object) -> list[Listener]:
    """The listeners that an Ingress asks for; without the annotation 443 for hosts with TLS, and 80 for others.

    Source: https://www.alibabacloud.com/help/en/ack/serverless-kubernetes/user-guide/alb-ingress-configuration-dictionary
    """
    stated = (ingress["metadata"].get("annotations") or {}).get(f"{PREFIX}listen-ports")
    if stated:
        return [(protocol, port) for entry in json.loads(stated) for protocol, port in entry.items()]
    secure = {host for tls in ingress["spec"].get("tls") or () for host in tls.get("hosts") or ()}
    hosts = {rule.get("host") for rule in ingress["spec"].get("rules") or ()}
    return [*([("HTTPS", 443)] if secure else []), *([("HTTP", 80)] if hosts - secure else [])]


def backends(ingress: Object) -> Iterator[tuple[str, int]]:
    """Service and port of every path. Port names are not read: the controller reads numbers only."""
    for rule in ingress["spec"].get("rules") or ():
        for path in rule["http"]["paths"]:
            service = path["backend"]["service"]
            yield service["name"], service["port"].get("number", 0)


def _full(ingress: Object) -> str:
    return f"{ingress['metadata']['namespace']}/{ingress['metadata']['name']}"


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
