"""What the cluster demands of an object before it takes it, and what would keep it from becoming ready."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.cloud import load_balancing, quota, workload
from sandbox.cloud.contents import Contents, Entry, key
from sandbox.cloud.kinds import Kind
from sandbox.cloud.refusal import Refusal, still_there

NAMESPACE = "kubernetes:core/Namespace"
VOLUME = "kubernetes:core/PersistentVolume"
CLAIM = "kubernetes:core/PersistentVolumeClaim"


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer to an object that the API server takes.

    Attributes:
        uses: keys of what it needs while it exists.
        demand: what it takes from the quotas of its namespace.
        problems: why it will not become ready, in the words of the events; empty when it will.
    """

    uses: tuple[str, ...] = ()
    demand: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def admit(contents: Contents, kind: Kind, plain: dict[str, Any], old: dict[str, Any] | None) -> Admission:
    """Judge an object to be created (``old`` is None) or changed.

    Raises:
        Refusal: it exists already, or the API server would not take it.
    """
    if old is None and contents.get(kind.type, kind.identity(plain["metadata"])):
        raise Refusal(f'{kind.resource} "{plain["metadata"]["name"]}" already exists')
    if kind.namespaced:
        namespace = plain["metadata"]["namespace"]
        if contents.get(NAMESPACE, namespace) is None:
            raise Refusal(f'namespaces "{namespace}" not found')
    rule = _RULES.get(kind.type)
    return rule(contents, plain, old) if rule else Admission()


def settle(contents: Contents, entry: Entry) -> None:
    """Do what the controllers do once an object is there."""
    if entry.type == CLAIM:
        _bind(contents, entry)
    if entry.type == load_balancing.ALB_CONFIG:
        load_balancing.tag(contents, entry)


def release(contents: Contents, entry: Entry) -> None:
    """Do what the controllers do once an object is gone."""
    if entry.type == load_balancing.ALB_CONFIG:
        load_balancing.release(contents, entry)
    if entry.type == CLAIM:
        volume = contents.get(VOLUME, entry.object["spec"].get("volumeName", ""))
        if volume:
            contents.put(_in_phase(volume, "Released"))


def refuse_deletion(contents: Contents, entry: Entry) -> None:
    """Refuse to delete what others need.

    Raises:
        Refusal: an Ingress or a Deployment still uses it.
    """
    if entry.type == CLAIM:
        for user in contents.users(entry.key, workload.DEPLOYMENT):
            raise still_there("kubernetes.io/pvc-protection", f"the pods of Deployment {user.id} use it")
    load_balancing.refuse_deletion(contents, entry)


def _admit_workload(contents: Contents, plain: dict[str, Any], old: dict[str, Any] | None) -> Admission:
    workload.demand_matching_selector(plain)
    references = workload.references(plain)
    namespace = plain["metadata"]["namespace"]
    demand = workload.demand(contents, plain)
    problems = [reference.problem for reference in references if contents.find(reference.key) is None]
    problems += quota.problems(contents, plain, demand, surge=workload.surge(plain, old))
    uses = {reference.key for reference in references}
    return Admission(tuple(sorted({*uses, key(NAMESPACE, namespace)})), demand, problems)


def _admit_claim(contents: Contents, plain: dict[str, Any], _old: dict[str, Any] | None) -> Admission:
    name = plain["spec"].get("volumeName")
    if not name:
        return Admission()
    volume = contents.get(VOLUME, name)
    uses = (key(VOLUME, name),)
    identity = f"{plain['metadata']['namespace']}/{plain['metadata']['name']}"
    if volume is None:
        return Admission(uses, problems=[f'volume "{name}" not found'])  # no event; the real one stays silent
    if any(user.id != identity for user in contents.users(volume.key, CLAIM)):
        return Admission(uses, problems=[f'FailedBinding: volume "{name}" already bound to a different claim.'])
    wanted = plain["spec"].get("resources", {}).get("requests", {}).get("storage", "0")
    offered = volume.object["spec"].get("capacity", {}).get("storage", "0")
    if workload.thousandths(wanted) > workload.thousandths(offered):
        text = f'VolumeMismatch: Cannot bind to requested volume "{name}": requested PV is too small'
        return Admission(uses, problems=[text])
    return Admission(uses)


def _admit_ingress(contents: Contents, plain: dict[str, Any], _old: dict[str, Any] | None) -> Admission:
    uses, problems = load_balancing.ingress_needs(contents, plain)
    return Admission(uses, problems=problems)


def _admit_alb_config(contents: Contents, plain: dict[str, Any], _old: dict[str, Any] | None) -> Admission:
    uses, problems = load_balancing.alb_config_needs(contents, plain)
    return Admission(uses, problems=problems)


def _bind(contents: Contents, claim: Entry) -> None:
    volume = contents.get(VOLUME, claim.object["spec"].get("volumeName", ""))
    if volume and claim.object.get("status", {}).get("phase") == "Bound":
        contents.put(_in_phase(volume, "Bound"))


def _in_phase(volume: Entry, phase: str) -> Entry:
    changed = {**volume.object, "status": {"phase": phase}}
    return Entry(volume.type, volume.id, changed, volume.urn, volume.uses, volume.demand)


_Rule = Callable[[Contents, dict[str, Any], dict[str, Any] | None], Admission]
_RULES: dict[str, _Rule] = {
    workload.DEPLOYMENT: _admit_workload,
    CLAIM: _admit_claim,
    load_balancing.INGRESS: _admit_ingress,
    load_balancing.ALB_CONFIG: _admit_alb_config,
}
