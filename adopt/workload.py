"""Which live objects make up one service: a Deployment, and what leads to its pods or counts them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from adopt.finding import AdoptError, Finding, annotations_of, labels_of, named
from adopt.owner import owner_of
from adopt.snapshot import Object
from components.manifests.ingress_class import CONTROLLER
from config.scalars import SERVICE_NAME

if TYPE_CHECKING:
    from adopt.snapshot import Snapshot

_LONGEST = 40
_LEGACY_CLASS = "kubernetes.io/ingress.class"


@dataclass(frozen=True)
class Workload:
    """The live objects of one service, by the roles under which ``spring_service`` places them."""

    name: str
    """The service's name in the stack."""
    objects: Mapping[str, Object]
    """By role: always ``deployment``; perhaps ``service``, ``ingress``, ``autoscaler``, ``disruption-budget``."""

    @property
    def deployment(self) -> Object:
        """The Deployment."""
        return self.objects["deployment"]

    @property
    def pod(self) -> Object:
        """The specification of its pods."""
        spec: Object = self.deployment["spec"]["template"]["spec"]
        return spec

    @property
    def pod_labels(self) -> dict[str, str]:
        """The labels of its pods."""
        return labels_of({"metadata": self.deployment["spec"]["template"].get("metadata") or {}})

    @property
    def container(self) -> Object:
        """The application's container: the one of the Deployment's or the service's name, else the first."""
        containers: list[Object] = self.pod["containers"]
        wanted = (self.deployment["metadata"]["name"], self.name)
        return next((each for each in containers if each["name"] in wanted), containers[0])


@dataclass
class Grouped:
    """The services of a namespace, and what belongs to none."""

    workloads: list[Workload] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def group(snapshot: Snapshot, environment: str, catalogue: Collection[str], leave: Collection[str] = ()) -> Grouped:
    """Group the objects of a namespace by service.

    Args:
        snapshot: the namespace.
        environment: the environment's name, which names of Deployments may begin or end with.
        catalogue: the services that are known already.
        leave: names of Deployments that are not this stack's.

    Raises:
        AdoptError: two Deployments for one service, a Deployment that somebody else keeps, none at all.
    """
    deployments = [each for each in snapshot.deployments if each["metadata"]["name"] not in leave]
    missing = sorted(set(leave) - {each["metadata"]["name"] for each in snapshot.deployments})
    problems = [f"--leave {each}: the namespace has no such Deployment" for each in missing]
    problems += _kept_by_others(deployments, environment)
    chosen = {each["metadata"]["name"]: service_name(each, environment, catalogue) for each in deployments}
    problems += _twice(chosen)
    problems += _other_selectors(deployments)
    problems += _two_behind_one_service(deployments, snapshot.services)
    if not deployments:
        problems.append(f"the namespace {snapshot.namespace['metadata']['name']} has no Deployment to adopt")
    if problems:
        raise AdoptError("The cluster cannot be adopted as it is", problems)
    grouped = Grouped()
    for each in snapshot.deployments:
        if each["metadata"]["name"] in leave:
            grouped.findings.append(Finding("left alone", named(each), note="as --leave says"))
    taken: set[str] = set()
    free = _Free.of(snapshot, environment)
    for each in sorted(deployments, key=lambda one: chosen[one["metadata"]["name"]]):
        workload = _workload(free, chosen[each["metadata"]["name"]], each)
        taken.update(named(one) for one in workload.objects.values())
        grouped.workloads.append(workload)
        live = each["metadata"]["name"]
        if not SERVICE_NAME.allows(live):
            note = f"no service may have this name: it is {workload.name} in the stack, and names.deployment keeps it"
            grouped.findings.append(Finding("adopted", named(each), "metadata.name", note))
    grouped.findings += _nobodys(snapshot, taken, environment)
    return grouped


def service_name(deployment: Object, environment: str, catalogue: Collection[str]) -> str:
    """The service's name in the stack: the Deployment's, without the environment's where the catalogue has that one.

    A name that the rules refuse is made into one that they accept; the live name stays, as ``names.deployment``.
    """
    live = str(deployment["metadata"]["name"])
    shorter = (live.removeprefix(f"{environment}-"), live.removesuffix(f"-{environment}"))
    known = [each for each in (live, *shorter) if each in catalogue]
    if known:
        return known[0]
    if SERVICE_NAME.allows(live):
        return live
    plain = re.sub(r"[^a-z0-9-]", "-", live.lower()).removeprefix("aliyun").strip("-")
    plain = plain if plain[:1].isalpha() else f"svc-{plain}"
    return plain[:_LONGEST].rstrip("-")


def ingress_class(ingress: Object) -> str | None:
    """The class of an Ingress, in the new or the old form."""
    stated = ingress["spec"].get("ingressClassName") or annotations_of(ingress).get(_LEGACY_CLASS)
    return None if stated is None else str(stated)


def selects(selector: Mapping[str, str] | None, wanted: Mapping[str, str]) -> bool:
    """Whether a selector of labels takes an object; an empty one takes none here."""
    return bool(selector) and (selector or {}).items() <= wanted.items()


def _kept_by_others(deployments: Sequence[Object], environment: str) -> Iterator[str]:
    for each in deployments:
        owner = owner_of(each, environment)
        if owner is not None:
            name = each["metadata"]["name"]
            yield f"{named(each)} is kept by {owner}: take it out there first, or leave it alone with --leave {name}"


def _other_selectors(deployments: Sequence[Object]) -> Iterator[str]:
    """A selector can never be changed, and ``selectorLabels`` says nothing but labels."""
    for each in deployments:
        selector = each["spec"]["selector"]
        if selector.get("matchExpressions") or not selector.get("matchLabels"):
            yield (
                f"{named(each)} finds its pods by matchExpressions, which no setting says and nobody can change:"
                f" leave it alone with --leave {each['metadata']['name']}"
            )


def _twice(chosen: Mapping[str, str]) -> Iterator[str]:
    for service in sorted(set(chosen.values())):
        owners = sorted(name for name, each in chosen.items() if each == service)
        if len(owners) > 1:
            yield (
                f"the service {service} has several Deployments: {', '.join(owners)}; leave alone all but one of them"
                f" with --leave {owners[-1]}"
            )


def _two_behind_one_service(deployments: Sequence[Object], services: Sequence[Object]) -> Iterator[str]:
    for service in services:
        behind = [
            each["metadata"]["name"] for each in deployments if selects(service["spec"].get("selector"), _pods(each))
        ]
        if len(behind) > 1:
            yield (
                f"{named(service)} leads to several Deployments: {', '.join(sorted(behind))}; a service has one, so"
                f" leave alone all but one of them with --leave {max(behind)}"
            )


def _pods(deployment: Object) -> dict[str, str]:
    return labels_of({"metadata": deployment["spec"]["template"].get("metadata") or {}})


@dataclass(frozen=True)
class _Free:
    """What leads to pods or counts them, and is kept by nobody else."""

    services: Sequence[Object]
    ingresses: Sequence[Object]
    autoscalers: Sequence[Object]
    disruption_budgets: Sequence[Object]

    @classmethod
    def of(cls, snapshot: Snapshot, environment: str) -> _Free:
        routed = [each for each in snapshot.ingresses if _served_elsewhere(snapshot, each) is None]
        kinds = (snapshot.services, routed, snapshot.autoscalers, snapshot.disruption_budgets)
        return cls(*([each for each in kind if owner_of(each, environment) is None] for kind in kinds))


def _served_elsewhere(snapshot: Snapshot, ingress: Object) -> str | None:
    """The controller of an Ingress's class, if it is not the ALB's."""
    controllers = {each["metadata"]["name"]: each["spec"].get("controller") for each in snapshot.ingress_classes}
    found = controllers.get(ingress_class(ingress) or "", CONTROLLER)
    return None if found == CONTROLLER else str(found)


def _workload(snapshot: _Free, name: str, deployment: Object) -> Workload:
    live, pods = deployment["metadata"]["name"], _pods(deployment)
    objects = {"deployment": deployment}
    services = [each for each in snapshot.services if selects(each["spec"].get("selector"), pods)]
    routed = [each for each in snapshot.ingresses if _backend(each) in {one["metadata"]["name"] for one in services}]
    if ingress := _nearest(routed, live, name):
        objects["ingress"] = ingress
        objects["service"] = next(each for each in services if each["metadata"]["name"] == _backend(ingress))
    elif service := _nearest(services, live, name):
        objects["service"] = service
    scalers = [each for each in snapshot.autoscalers if _scales(each, live)]
    if scaler := _nearest(scalers, live, name):
        objects["autoscaler"] = scaler
    budgets = [each for each in snapshot.disruption_budgets if selects(_matched(each), pods)]
    if budget := _nearest(budgets, live, name):
        objects["disruption-budget"] = budget
    ordered = ("deployment", "service", "ingress", "autoscaler", "disruption-budget")
    return Workload(name, {role: objects[role] for role in ordered if role in objects})


def _nearest(found: Sequence[Object], *names: str) -> Object | None:
    """The object with one of these names, else the first by name."""
    ordered = sorted(found, key=lambda each: (each["metadata"]["name"] not in names, each["metadata"]["name"]))
    return ordered[0] if ordered else None


def _backend(ingress: Object) -> str | None:
    """The Service of an Ingress's first path."""
    for rule in ingress["spec"].get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            name = (path["backend"].get("service") or {}).get("name")
            return None if name is None else str(name)
    return None


def _scales(autoscaler: Object, deployment: str) -> bool:
    target = autoscaler["spec"]["scaleTargetRef"]
    return (target["kind"], target["name"]) == ("Deployment", deployment)


def _matched(budget: Object) -> Mapping[str, str] | None:
    matched: Mapping[str, str] | None = (budget["spec"].get("selector") or {}).get("matchLabels")
    return matched


def _nobodys(snapshot: Snapshot, taken: set[str], environment: str) -> Iterator[Finding]:
    """What stands beside the services' own objects."""
    kinds = (snapshot.services, snapshot.ingresses, snapshot.autoscalers, snapshot.disruption_budgets)
    for each in (each for kind in kinds for each in kind):
        if named(each) not in taken:
            note = "a service has one object of this kind, or it belongs to no Deployment here"
            if owner := owner_of(each, environment):
                note = f"kept by {owner}"
            elif each["kind"] == "Ingress" and (controller := _served_elsewhere(snapshot, each)):
                note = f"served by {controller}: the platform's Ingresses are the ALB's"
            yield Finding("left alone", named(each), note=note)
