"""One adoption: what the stack file will say, what keeps the objects as they are, and what people are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adopt.connection import Connection
from adopt.debt import fields, nearest_setting
from adopt.difference import Difference, difference
from adopt.finding import Finding, named
from adopt.known import Known
from adopt.ownership import transfer
from adopt.settings import Inferred, accepted, infer
from adopt.snapshot import Object
from adopt.stated import Stated
from adopt.workload import Workload
from components.manifests.metadata import Manifest
from components.manifests.objects import objects_of
from config import StackSettings

if TYPE_CHECKING:
    from adopt.snapshot import Snapshot

PATCHES = {
    "deployment": "deployment",
    "service": "service",
    "ingress": "ingress",
    "autoscaler": "autoscaler",
    "disruption-budget": "disruptionBudget",
}
"""The roles of a service's adopted objects, and the keys of their patches."""


@dataclass(frozen=True)
class Taken:
    """One object that is adopted."""

    service: str
    """The service."""
    role: str
    """Its role in the service."""
    live: Object
    """As it is."""
    stated: Manifest
    """As the program states it from now on."""
    difference: Difference
    """What stood between the settings alone and the live object."""
    unstated: tuple[str, ...]
    """Keys of its specification that the program leaves to others."""


@dataclass(frozen=True)
class Adoption:
    """A namespace as a stack."""

    inferred: Inferred
    """The settings, patches included."""
    taken: tuple[Taken, ...]
    """The objects."""
    findings: tuple[Finding, ...]
    """What people are told."""

    @property
    def open(self) -> tuple[Finding, ...]:
        """What keeps the objects from being taken over: applying them would change them."""
        return tuple(each for each in self.findings if each.outcome == "contradicts")


def adopt(
    snapshot: Snapshot,
    connection: Connection,
    known: Known,
    catalogue: Mapping[str, object],
    stated: Mapping[str, object] | None = None,
) -> Adoption:
    """Work out an adoption; nothing is written anywhere.

    Args:
        snapshot: the namespace.
        connection: to its cluster, which judges by dry runs.
        known: what people told beside it.
        catalogue: the entries of ``config/services.yaml``.
        stated: what the stack file says already.

    Raises:
        AdoptError: the cluster cannot be adopted as it is.
    """
    inferred = infer(snapshot, known, catalogue, stated)
    said = Stated.of(stated or {})
    findings: list[Finding] = []
    objects: list[tuple[str, str, Object, Difference]] = []
    for name, workload in inferred.workloads.items():
        patches = said.patches(name)
        bare = inferred.settings if patches else without_patch(inferred.settings, name)
        differences = {
            role: difference(connection, manifest, workload.objects[role], _unstated(workload, role))
            for role, manifest in objects_of(bare, name).items()
            if role in workload.objects
        }
        objects += [(name, role, workload.objects[role], found) for role, found in differences.items()]
        findings += _contradictions(inferred, name, differences, patched=bool(patches))
        if not patches and not inferred.contradictions[name]:
            patches = {PATCHES[role]: found.patch for role, found in differences.items() if found.patch is not None}
        inferred.services[name] = {**inferred.services[name], "patch": patches}
    settings = accepted(inferred.sections, inferred.services, known.stack, inferred.findings)
    inferred = replace(inferred, settings=settings)
    manifests = {name: objects_of(settings, name) for name in inferred.workloads}
    taken = tuple(
        Taken(name, role, live, manifests[name][role], found, _unstated(inferred.workloads[name], role))
        for name, role, live, found in objects
    )
    findings += _unjudged(taken)
    findings = [*_adopted(taken), *inferred.findings, *_left_alone(inferred, taken), *_secrets(taken), *findings]
    return Adoption(inferred, taken, (*findings, *_debt(inferred, taken)))


def take_over(adoption: Adoption, connection: Connection) -> list[Object]:
    """Make the program the owner of the fields that it states; the objects as they are afterwards.

    Raises:
        AdoptError: one of them would change. Those before it are taken over; running again goes on.
    """
    return [
        transfer(connection, each.stated, each.live, each.difference.withheld, each.unstated) for each in adoption.taken
    ]


def without_patch(settings: StackSettings, name: str) -> StackSettings:
    """The settings with nothing but settings for a service."""
    service = settings.services[name]
    plain = service.model_copy(update={"patch": type(service.patch).model_construct()})
    return settings.model_copy(update={"services": {**settings.services, name: plain}})


def _unstated(workload: Workload, role: str) -> tuple[str, ...]:
    """An autoscaler owns the number of pods."""
    return ("replicas",) if role == "deployment" and "autoscaler" in workload.objects else ()


def _adopted(taken: tuple[Taken, ...]) -> Iterator[Finding]:
    for each in taken:
        yield Finding("adopted", named(each.live), note=f"services.{each.service}")


def _left_alone(inferred: Inferred, taken: tuple[Taken, ...]) -> Iterator[Finding]:
    """Live objects of a service for which the settings make none."""
    roles = {(each.service, each.role) for each in taken}
    for name, workload in inferred.workloads.items():
        for role, live in workload.objects.items():
            if (name, role) not in roles:
                yield Finding("left alone", named(live), note=f"the settings of {name} cannot say it")


def _secrets(taken: tuple[Taken, ...]) -> Iterator[Finding]:
    for each in taken:
        deployment = each.live["metadata"]["name"]
        namespace = each.live["metadata"]["namespace"]
        for held in each.difference.withheld:
            variable = held.path[-1].removeprefix("env[").removesuffix("]")
            mend = (
                f"put it into a Secret under the key {variable}, run `kubectl -n {namespace} set env"
                f" deployment/{deployment} --from=secret/NAME --keys={variable}`, and adopt again: it becomes"
                f" envFromSecrets: {{{variable}: NAME/{variable}}}"
                if held.path[-1].startswith("env[")
                else "move it to a Secret and read it with envFromSecrets"
            )
            note = f"a secret in plain text: it stays as it is and with its present owner, and was not written; {mend}"
            yield Finding("left alone", named(each.live), str(held), note)


def _unjudged(taken: tuple[Taken, ...]) -> Iterator[Finding]:
    """Objects that were compared without the API server's help: their patches state its defaults too."""
    for said in [each.difference.said for each in taken if each.difference.said][:1]:
        note = f"a dry run was refused, so patches state also what the API server fills in: {said}"
        yield Finding("not expressible", "defaults of the API server", note=note)


def _contradictions(
    inferred: Inferred, name: str, differences: Mapping[str, Difference], *, patched: bool
) -> Iterator[Finding]:
    """What the stack file says of a service that the live objects are not."""
    # Where the server may not be asked, what it fills in looks like a difference.
    judged = {role: found for role, found in differences.items() if not (patched and found.said)}
    changed = {role: found.patch for role, found in judged.items() if found.patch is not None}
    if not changed:
        return
    for setting in inferred.contradictions[name] if not patched else ():
        note = "the stack file says otherwise: change it there, or bring the cluster to it with `pulumi up`"
        yield Finding("contradicts", f"services.{name}", setting, note)
    for role, patch in changed.items() if patched else ():
        live = inferred.workloads[name].objects[role]
        for field in fields(patch, live["kind"]):
            yield Finding("contradicts", named(live), field, "the stack file, its patch included, says otherwise")


def _debt(inferred: Inferred, taken: tuple[Taken, ...]) -> Iterator[Finding]:
    for each in taken:
        kind, patches = each.live["kind"], inferred.services[each.service].get("patch") or {}
        for field in fields(patches.get(PATCHES[each.role]) or {}, kind):
            yield Finding("not expressible", named(each.live), field, f"nearest setting: {nearest_setting(field)}")
        for field in fields(each.difference.unequal or {}, kind):
            said = f"; the API server says: {each.difference.said}" if each.difference.said else ""
            yield Finding("contradicts", named(each.live), field, f"applying would change it{said}")
