"""What a namespace and its cluster say about the stack as a whole; all of it is given, none is ever written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar, get_args

from adopt.deployment import Settings, Surroundings, claimed, image_settings, live_data_dir, variable
from adopt.exposure import listeners_of
from adopt.finding import AdoptError, Finding, labels_of, named
from adopt.known import Known, Unknown, Yaml
from adopt.nacos import address
from adopt.snapshot import Object
from adopt.workload import Workload, ingress_class
from components.manifests.ingress_class import CONTROLLER
from config.checks.environment import belongs
from config.image import Image
from config.scalars import DataDirPattern, EnvironmentName, KubernetesVersion
from config.text import Text

if TYPE_CHECKING:
    from adopt.snapshot import Snapshot

T = TypeVar("T")
_CONSOLE = "ACK console, cluster information"
_USUAL_DATA_DIR = "/product/{environment}/{service}"


def environment_name(snapshot: Snapshot, stack: str) -> str:
    """The environment's name: the label ``env`` of its Deployments, the namespace's or the stack's, whichever fits."""
    stated = _most(labels_of(each).get("env") for each in snapshot.deployments)
    for each in (stated, snapshot.namespace["metadata"]["name"], stack):
        if each is not None and allows(EnvironmentName, each) and belongs(stack, each):
            return str(each)
    raise AdoptError(
        f'"{stack}" cannot be the name of this stack',
        ["it must be an environment's name, perhaps with a word before or after it: for example uat, or shop-uat"],
    )


def surroundings(workloads: Sequence[Workload], environment: str) -> Surroundings:
    """What the services have in common: where their data and their images are."""
    patterns = [
        pattern
        for each in workloads
        if (live := live_data_dir(each.pod, each.container)) is not None
        and allows(DataDirPattern, pattern := _pattern(live, environment, each.name))
    ]
    repositories = [
        image_settings(each.container["image"], "")["repository"].removesuffix(f"/{each.name}") for each in workloads
    ]
    return Surroundings(environment, _most(patterns) or _unknown_data_dir(), _most(repositories) or "")


def _unknown_data_dir() -> Unknown:
    return Unknown(f"where services keep their data, for example {_USUAL_DATA_DIR}", _USUAL_DATA_DIR)


def _pattern(path: str, environment: str, service: str) -> str:
    names = {environment: "{environment}", service: "{service}"}
    return "/".join(names.get(part, part) for part in path.split("/"))


def platform_settings(
    snapshot: Snapshot, workloads: Sequence[Workload], around: Surroundings, known: Known
) -> Settings:
    """The sections of the stack file beside the services.

    Raises:
        AdoptError: the cluster's version is not supported, or the network plug-in is not known.
    """
    claims = [found[1] for each in workloads if (found := claimed(each.pod, each.container)) is not None]
    eip = any("k8s.aliyun.com/pod-with-eip" in _template_annotations(each) for each in workloads)
    nacos = _most(map(address, workloads))
    claim = _most(claims) or Unknown("a claim of the namespace, kubectl get pvc", "data")
    return {
        "cluster": _cluster(snapshot, workloads, around, known),
        "addons": {
            "albIngressController": {"ownership": "given"},
            **({"extendNetworkController": {"ownership": "given"}} if eip else {}),
        },
        "alb": _alb(snapshot, workloads),
        "nas": {"volume": {"ownership": "given", "claim": claim}},
        "environment": {
            "name": around.environment,
            "dataDir": around.data_dir,
            "namespace": _namespace(snapshot, around.environment),
            **_profiles(workloads, around.environment),
            **_host_suffix(workloads),
            **_limits(snapshot),
            **_pull_secret(workloads),
        },
        "registry": {"repository": around.repository},
        **({"nacos": {"address": nacos, "version": known.nacos_version}} if nacos and known.nacos_version else {}),
    }


def platform_findings(snapshot: Snapshot, settings: Settings, workloads: Sequence[Workload]) -> Iterator[Finding]:
    """What is given and what is left alone of everything around the services."""
    environment = settings["environment"]
    yield Finding("given", named(snapshot.namespace), note="environment.namespace; its labels are never changed")
    if snapshot.nodes:
        note = "their labels say cluster.region and the zones of cluster.vSwitches"
        yield Finding("given", f"{len(snapshot.nodes)} nodes", note=note)
    given = {
        "ResourceQuota": (snapshot.quotas, (environment.get("quota") or {}).get("name"), "environment.quota"),
        "LimitRange": (
            snapshot.limit_ranges,
            (environment.get("limitRange") or {}).get("name"),
            "environment.limitRange",
        ),
        "PersistentVolumeClaim": (snapshot.claims, settings["nas"]["volume"]["claim"], "nas.volume.claim"),
        "AlbConfig": (snapshot.alb_configs, settings["alb"]["ingressClass"], "alb.ingressClass"),
    }
    for objects, name, setting in given.values():
        for each in objects:
            phase = (each.get("status") or {}).get("phase")
            lost = "; it has lost its volume: pods that are made from now on will not start" if phase == "Lost" else ""
            if each["metadata"]["name"] == name:
                yield Finding("given", named(each), note=setting + lost)
            elif each["kind"] != "AlbConfig":
                yield Finding("left alone", named(each), note=f"the stack names one, {name}" + lost)
    if secret := (environment.get("pullSecret") or {}).get("name"):
        yield Finding("given", f"Secret/{secret}", note="environment.pullSecret; never read")
    nacos = _most(map(address, workloads))
    if nacos and "nacos" not in settings:
        yield Finding(
            "left alone", f"Nacos {nacos}", note="--nacos-version 1.x, 2.x or 3.x writes it into the stack file"
        )
    for gap in snapshot.gaps:
        yield Finding("left alone", gap.kind, note=str(gap))


def unknown_findings(values: Yaml, path: str = "") -> Iterator[Finding]:
    """The placeholders in a stack file's values."""
    if isinstance(values, Unknown):
        yield Finding("to be filled in", path, note=str(values))
    for key, value in values.items() if isinstance(values, dict) else ():
        yield from unknown_findings(value, f"{path}.{key}" if path else str(key))
    for index, value in enumerate(values) if isinstance(values, list) else ():
        yield from unknown_findings(value, f"{path}[{index}]")


def allows(scalar: object, value: str) -> bool:
    """Whether a scalar type accepts a text."""
    rules = [each for each in get_args(scalar) if isinstance(each, Text)]
    return all(rule.allows(value) for rule in rules)


def _most(found: Iterable[T | None]) -> T | None:
    """The most frequent of these, the first of several; None is none of them."""
    counted = Counter(each for each in found if each is not None)
    return counted.most_common(1)[0][0] if counted else None


def _template_annotations(workload: Workload) -> dict[str, str]:
    return dict((workload.deployment["spec"]["template"].get("metadata") or {}).get("annotations") or {})


def _cluster(snapshot: Snapshot, workloads: Sequence[Workload], around: Surroundings, known: Known) -> Settings:
    version = ".".join(snapshot.server_version.removeprefix("v").split(".")[:2])
    if not allows(KubernetesVersion, version):
        rule = next(each.rule for each in get_args(KubernetesVersion) if isinstance(each, Text))
        raise AdoptError(
            "The cluster's version is not supported", [f"it has {snapshot.server_version}; it must be {rule}"]
        )
    region = known.region or region_of(snapshot) or _region(around.repository)
    v_switches: list[Settings] = [vars(each) for each in known.v_switches]
    zones = sorted({each for each in _located(snapshot, "zone") if each.startswith(f"{region}-")})
    missing = [
        {
            "id": Unknown(f"a vSwitch of the nodes, {_CONSOLE}, or --v-switch", f"vsw-unknown{number}"),
            "zone": zone,
            "cidr": Unknown("its network", f"10.{number}.0.0/24"),
        }
        for number, zone in enumerate(zones or [Unknown("its zone", f"{region or 'cn-hangzhou'}-a")])
    ]
    return {
        "id": known.cluster_id or Unknown(f"{_CONSOLE}, or --cluster-id", "c" + 32 * "0"),
        "region": region or Unknown(f"{_CONSOLE}, or --region", "cn-hangzhou"),
        "version": version,
        "network": known.network or _network(workloads),
        "vpc": known.vpc or Unknown(f"{_CONSOLE}, or --vpc", "vpc-unknown"),
        "vSwitches": v_switches or missing,
        "kubeconfig": {"source": "file", "path": known.kubeconfig},
    }


def region_of(snapshot: Snapshot) -> str | None:
    """Where most nodes are; None where none tells."""
    return _most(_located(snapshot, "region"))


def _located(snapshot: Snapshot, what: str) -> list[str]:
    """The regions or zones of the nodes.

    Source: https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesioregion
    """
    found = (labels_of(each).get(f"topology.kubernetes.io/{what}") for each in snapshot.nodes)
    return [each for each in found if each]


def _region(repository: str) -> str | None:
    """A VPC address of the registry is reached from its own region only."""
    match = re.match(r"(?:[a-z0-9-]+-)?registry-vpc\.([a-z0-9-]+)\.", repository)
    return match[1] if match else None


def _network(workloads: Sequence[Workload]) -> str:
    """Terway where an ALB leads to a ClusterIP Service: on Flannel it needs a NodePort.

    Source: https://www.alibabacloud.com/help/en/ack/serverless-kubernetes/user-guide/alb-ingress-overview
    """
    for each in workloads:
        if "ingress" in each.objects and each.objects["service"]["spec"].get("type", "ClusterIP") == "ClusterIP":
            return "terway"
    raise AdoptError(
        "The cluster does not tell its network plug-in",
        [f"{_CONSOLE} shows it: --network terway or --network flannel; it decides the type of Services"],
    )


def _alb(snapshot: Snapshot, workloads: Sequence[Workload]) -> Settings:
    classes = {
        each["metadata"]["name"]: (each["spec"].get("parameters") or {}).get("name")
        for each in snapshot.ingress_classes
        if each["spec"].get("controller") == CONTROLLER
    }
    used = [ingress_class(each.objects["ingress"]) for each in workloads if "ingress" in each.objects]
    chosen = _most(each for each in used if each in classes) or next(iter(sorted(classes)), None)
    config = next(
        (each for each in snapshot.alb_configs if each["metadata"]["name"] == classes.get(chosen or "")), None
    )
    listeners = [_listener(each) for each in (config or {"spec": {}})["spec"].get("listeners") or ()]
    if not listeners:  # the AlbConfig is not there, or may not be read
        stated = sorted(
            {each for one in workloads if "ingress" in one.objects for each in listeners_of(one.objects["ingress"])}
        )
        listeners = [{"port": port, "protocol": protocol} for port, protocol in stated]
    if not listeners:
        listeners = [{"port": Unknown("a port of the AlbConfig's listeners", 80), "protocol": "HTTP"}]
    name = chosen or Unknown("the ALB's IngressClass, kubectl get ingressclass", "alb")
    return {"ownership": "givenByIngressClass", "ingressClass": name, "listeners": listeners}


def _listener(live: Object) -> Settings:
    certificates = [each["CertificateId"] for each in live.get("certificates") or () if "CertificateId" in each]
    found: Settings = {"port": int(live["port"]), "protocol": live["protocol"]}
    return found | ({"certificates": certificates} if certificates else {})


def _namespace(snapshot: Snapshot, environment: str) -> Settings:
    name = snapshot.namespace["metadata"]["name"]
    level = labels_of(snapshot.namespace).get("pod-security.kubernetes.io/enforce", "privileged")
    return {"ownership": "given", **({} if name == environment else {"name": name}), "podSecurity": level}


def _profiles(workloads: Sequence[Workload], environment: str) -> Settings:
    spring = _most(variable(each.container, "ENVIRONMENT") for each in workloads) or environment
    tags = (image_settings(each.container["image"], "").get("tag") for each in workloads)
    image = _most(Image.model_construct(tag=tag).profile for tag in tags) or spring
    found = {} if spring == environment else {"springProfile": spring}
    return found | ({} if image == spring else {"imageProfile": image})


def _host_suffix(workloads: Sequence[Workload]) -> Settings:
    """The suffix with which every host is ``{service}.{suffix}``, if there is one."""
    suffixes = set()
    for each in workloads:
        if "ingress" in each.objects:
            host = (each.objects["ingress"]["spec"].get("rules") or [{}])[0].get("host") or ""
            suffixes.add(host.removeprefix(f"{each.name}.") if host.startswith(f"{each.name}.") else None)
    suffix = suffixes.pop() if len(suffixes) == 1 else None
    return {"hostSuffix": suffix} if suffix else {}


def _limits(snapshot: Snapshot) -> Settings:
    found = {"quota": snapshot.quotas, "limitRange": snapshot.limit_ranges}
    return {
        key: {"ownership": "given", "name": min(each["metadata"]["name"] for each in objects)}
        for key, objects in found.items()
        if objects
    }


def _pull_secret(workloads: Sequence[Workload]) -> Settings:
    name = _most(each["name"] for workload in workloads for each in workload.pod.get("imagePullSecrets") or ())
    return {"pullSecret": {"ownership": "given", "name": name}} if name else {}
