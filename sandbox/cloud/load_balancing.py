"""The ALB Ingress controller: AlbConfig, IngressClass and Ingress together.

An Ingress names a class, the class an AlbConfig, the AlbConfig an ALB; each link may be missing, and each has its own
words for it. Sources: https://www.alibabacloud.com/help/en/ack/serverless-kubernetes/user-guide/albconfig/ and the
controller's published code, https://github.com/alibaba/alibaba-load-balancer-controller.
"""

import hashlib
import json
import re
from dataclasses import replace
from typing import Any

from sandbox.cloud.contents import Contents, Entry, key
from sandbox.cloud.refusal import Refusal, still_there

INGRESS = "kubernetes:networking.k8s.io/Ingress"
INGRESS_CLASS = "kubernetes:networking.k8s.io/IngressClass"
ALB_CONFIG = "kubernetes:alibabacloud.com/AlbConfig"
SERVICE = "kubernetes:core/Service"
SECRET = "kubernetes:core/Secret"  # noqa: S105 - the kind's name
BALANCER = "alicloud:alb/loadBalancer"
ADDON = "alicloud:cs/kubernetesAddon"
CONTROLLER = "ingress.k8s.alibabacloud/alb"
_PREFIX = "alb.ingress.kubernetes.io"
_WEBHOOK = "ingress.alb.validate.k8s.io"
_WEBHOOK_SINCE = (2, 20)  # the controller version whose webhook protects Services and TLS Secrets


def alb_config_needs(contents: Contents, plain: dict[str, Any]) -> tuple[tuple[str, ...], list[str]]:
    """Return what an AlbConfig uses and why it would not get its load balancer."""
    if _controller(contents) is None:
        return (), ["no controller acts on AlbConfig: add-on alb-ingress-controller is not installed on the cluster"]
    identity = plain.get("spec", {}).get("config", {}).get("id")
    if not identity:
        return (), []
    balancer = contents.get(BALANCER, identity)
    uses = (key(BALANCER, identity),)
    if balancer is None:
        return uses, [f"FailedBuildModel: ResourceNotFound.LoadBalancer: load balancer {identity} is not found"]
    if balancer.object.get("loadBalancerEdition") == "Basic":
        return uses, [f"FailedBuildModel: the edition of load balancer {identity} must be Standard or StandardWithWaf"]
    others = [user.id for user in contents.users(balancer.key, ALB_CONFIG) if user.id != plain["metadata"]["name"]]
    if others:
        return uses, [f"FailedBuildModel: load balancer {identity} is reused by AlbConfig {others[0]} already"]
    return uses, []


def ingress_needs(contents: Contents, plain: dict[str, Any]) -> tuple[tuple[str, ...], list[str]]:
    """Return what an Ingress uses and why it would not get an address."""
    namespace, spec = plain["metadata"]["namespace"], plain.get("spec", {})
    uses, problems = _class_needs(contents, plain)
    for service in sorted(_services(spec)):
        name = key(SERVICE, f"{namespace}/{service}")
        uses.append(name)
        if contents.find(name) is None:
            problems.append(f'FailedBuildModel: service "{namespace}/{service}" not found')
    for secret in sorted({tls["secretName"] for tls in spec.get("tls", []) if tls.get("secretName")}):
        name = key(SECRET, f"{namespace}/{secret}")
        uses.append(name)
        if contents.find(name) is None:
            problems.append(f'FailedBuildModel: secret "{namespace}/{secret}" of spec.tls not found')
    return tuple(uses), problems


def balancer_of(contents: Contents, plain: dict[str, Any]) -> dict[str, Any] | None:
    """Return ``status.loadBalancer`` of the AlbConfig behind an Ingress."""
    config = _alb_config(contents, _class_name(plain))
    return config.object.get("status", {}).get("loadBalancer") if config else None


def alb_status(contents: Contents, plain: dict[str, Any]) -> dict[str, Any]:
    """Return ``status.loadBalancer`` of an AlbConfig; without an id the controller makes an ALB of its own."""
    spec = plain.get("spec", {})
    name = plain["metadata"]["name"]
    identity = spec.get("config", {}).get("id") or _own_id(name)
    balancer = contents.get(BALANCER, identity) or _make(contents, identity, name, spec.get("config", {}))
    listeners = [{"portAndProtocol": f"{port}/{protocol}"} for port, protocol in sorted(_listeners(plain))]
    return {"id": identity, "dnsname": balancer.object["dnsName"], "listeners": listeners}


def tag(contents: Contents, config: Entry) -> None:
    """Write the tags by which the controller finds its ALB."""
    balancer = contents.get(BALANCER, config.object.get("status", {}).get("loadBalancer", {}).get("id", ""))
    controller = _controller(contents)
    if balancer and controller:
        tags = {
            **balancer.object.get("tags", {}),
            "ack.aliyun.com": controller.object["clusterId"],
            "ingress.k8s.alibaba/albconfig": config.id,
        }
        contents.put(replace(balancer, object={**balancer.object, "tags": tags}))


def release(contents: Contents, config: Entry) -> None:
    """Untag a reused ALB; delete the one that the controller made."""
    balancer = contents.get(BALANCER, config.object.get("status", {}).get("loadBalancer", {}).get("id", ""))
    if balancer is None:
        return
    if balancer.id == _own_id(config.id):
        contents.remove(BALANCER, balancer.id)
        return
    own = {"ack.aliyun.com", "ingress.k8s.alibaba/albconfig"}
    tags = {name: value for name, value in balancer.object.get("tags", {}).items() if name not in own}
    contents.put(replace(balancer, object={**balancer.object, "tags": tags}))


def refuse_deletion(contents: Contents, entry: Entry) -> None:
    """Refuse to delete what an Ingress of the controller still needs.

    Raises:
        Refusal: the finalizer of an AlbConfig, or the controller's webhook for a Service or TLS Secret.
    """
    users = contents.users(entry.key, INGRESS)
    if not users:
        return
    if entry.type == ALB_CONFIG:
        raise still_there("ingress.k8s.alibaba/resources", f"Ingress {', '.join(user.id for user in users)} use it")
    controller = _controller(contents)
    if entry.type in {SERVICE, SECRET} and controller and _version(controller) >= _WEBHOOK_SINCE:
        used = f"{entry.id.rpartition('/')[2]} is still used by ingress {users[0].id.rpartition('/')[2]}"
        raise Refusal(f'admission webhook "{_WEBHOOK}" denied the request: {used}')


def _class_needs(contents: Contents, plain: dict[str, Any]) -> tuple[list[str], list[str]]:
    name = _class_name(plain)
    if not name:
        return [], ["no ingress class: set spec.ingressClassName; no controller takes an Ingress without one"]
    uses = [key(INGRESS_CLASS, name)]
    found = contents.get(INGRESS_CLASS, name)
    if found is None:
        return uses, [f'ingressclasses.networking.k8s.io "{name}" not found: no controller takes the Ingress']
    if found.object["spec"].get("controller") != CONTROLLER:
        stated = found.object["spec"].get("controller")
        return uses, [f'IngressClass "{name}" has controller {stated}; the ALB Ingress controller acts on {CONTROLLER}']
    config = _alb_config(contents, name)
    stated = found.object["spec"].get("parameters", {}).get("name", "")
    uses.append(key(ALB_CONFIG, stated))
    if config is None:
        return uses, [f'FailedBuildModel: albconfigs.alibabacloud.com "{stated}" not found']
    missing = sorted(_wanted_listeners(plain) - _listeners(config.object))
    return uses, [
        f"FailedBuildModel: listener is not exist in alb, port: {port} protocol: {protocol} (not in AlbConfig {stated})"
        for port, protocol in missing
    ]


def _class_name(plain: dict[str, Any]) -> str:
    annotations = plain["metadata"].get("annotations") or {}
    return str(plain.get("spec", {}).get("ingressClassName") or annotations.get("kubernetes.io/ingress.class") or "")


def _alb_config(contents: Contents, name: str) -> Entry | None:
    found = contents.get(INGRESS_CLASS, name)
    return contents.get(ALB_CONFIG, found.object["spec"].get("parameters", {}).get("name", "")) if found else None


def _wanted_listeners(plain: dict[str, Any]) -> set[tuple[int, str]]:
    annotations = plain["metadata"].get("annotations") or {}
    stated = annotations.get(f"{_PREFIX}/listen-ports")
    if stated:
        return {(int(port), protocol) for item in json.loads(stated) for protocol, port in item.items()}
    wanted = {(443, "HTTPS")} if plain["spec"].get("tls") else {(80, "HTTP")}
    return wanted | ({(80, "HTTP")} if annotations.get(f"{_PREFIX}/ssl-redirect") == "true" else set())


def _listeners(plain: dict[str, Any]) -> set[tuple[int, str]]:
    return {(int(each["port"]), str(each["protocol"])) for each in plain.get("spec", {}).get("listeners", [])}


def _services(spec: dict[str, Any]) -> set[str]:
    backends = [path["backend"] for rule in spec.get("rules", []) for path in rule.get("http", {}).get("paths", [])]
    backends += [spec["defaultBackend"]] if "defaultBackend" in spec else []
    services = [backend["service"] for backend in backends if "service" in backend]
    # The port name use-annotation means that an annotation holds the action: the Service need not exist.
    return {service["name"] for service in services if service.get("port", {}).get("name") != "use-annotation"}


def _controller(contents: Contents) -> Entry | None:
    return next((each for each in contents.of_type(ADDON) if each.id.endswith(":alb-ingress-controller")), None)


def _version(addon: Entry) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", addon.object.get("version") or "0")[:2])


def _own_id(config: str) -> str:
    return "alb-" + hashlib.sha256(f"AlbConfig {config}".encode()).hexdigest()[:18]


def _make(contents: Contents, identity: str, name: str, config: dict[str, Any]) -> Entry:
    region = next(
        (each.object["regionId"] for each in contents.of_type("alicloud:cs/managedKubernetes")), "cn-hangzhou"
    )
    entry = Entry(
        BALANCER,
        identity,
        {
            "loadBalancerName": config.get("name") or f"k8s-{name}",
            "loadBalancerEdition": config.get("edition", "Standard"),
            "addressType": config.get("addressType", "Internet"),
            "addressAllocatedMode": config.get("addressAllocatedMode", "Dynamic"),
            "zoneMappings": config.get("zoneMappings", []),
            "dnsName": f"{identity}.{region}.alb.aliyuncs.com",
            "status": "Active",
        },
    )
    contents.put(entry)
    return entry
