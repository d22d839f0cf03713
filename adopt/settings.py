"""From what is live to settings that are accepted: what no setting can say stays for the patch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adopt.deployment import Settings, Surroundings, deployment_settings
from adopt.exposure import exposure_settings
from adopt.finding import AdoptError, Finding
from adopt.known import Known, Yaml, standing_in
from adopt.platform import environment_name, platform_findings, platform_settings, surroundings, unknown_findings
from adopt.stated import Stated
from adopt.variables import option_settings, variable_settings
from adopt.workload import Workload, group
from config import PROJECT, SettingsError, StackSettings, load
from config.errors import Problem
from config.exposure import TlsCertificate
from config.files import KeyPath, YamlFile, parse_path, show_path
from config.load import Source
from config.merge import deep_merge

if TYPE_CHECKING:
    from adopt.snapshot import Snapshot

_FALLBACKS: Mapping[str, Settings] = {"image": {"tag": "adopted"}}
"""What stands for a required setting that cannot say what is live; the patch says it."""
_IDENTITY = (
    ("environment", "namespace", "name"),
    ("names", "deployment"),
    ("names", "autoscaler"),
    ("names", "disruptionBudget"),
    ("service", "name"),
    ("ingress", "name"),
)
"""Settings without which another object would be meant."""
_MOST_ROUNDS = 100
_STACK = "the stack"


@dataclass(frozen=True)
class Inferred:
    """A stack that describes what is live."""

    sections: Settings
    """The stack file's keys beside the services; what is not known is a placeholder."""
    services: dict[str, Settings]
    """Each service's complete entry, the catalogue's among it."""
    workloads: dict[str, Workload]
    """The live objects of each service."""
    settings: StackSettings
    """The same, validated, with something in the place of each placeholder."""
    findings: list[Finding]
    """What people are told."""
    contradictions: Mapping[str, list[str]]
    """By service, the settings in which the stack file says something else than the cluster."""


def infer(
    snapshot: Snapshot, known: Known, catalogue: Mapping[str, object], stated: Mapping[str, object] | None = None
) -> Inferred:
    """Infer the settings of a stack from its namespace.

    Args:
        snapshot: the namespace.
        known: what people told beside it.
        catalogue: the entries of ``config/services.yaml``.
        stated: what the stack file says already; it stands, whatever is live.

    Raises:
        AdoptError: the cluster cannot be adopted as it is.
    """
    environment = environment_name(snapshot, known.stack)
    grouped = group(snapshot, environment, catalogue, known.leave)
    around = surroundings(grouped.workloads, environment)
    sections = platform_settings(snapshot, grouped.workloads, around, known)
    said = Stated.of(stated or {})
    findings = grouped.findings
    findings += said.differing_sections(sections)
    sections = deep_merge(sections, said.sections)
    workloads = {each.name: each for each in grouped.workloads}
    services = {name: _entry(each, around, sections, catalogue) for name, each in workloads.items()}
    contradictions = {name: said.differing(name, entry) for name, entry in services.items()}
    services = {name: deep_merge(entry, said.services.get(name) or {}) for name, entry in services.items()}
    settings = accepted(sections, services, known.stack, findings)
    for name, each in workloads.items():
        options = option_settings(settings, name, each.container)
        services[name] = deep_merge(deep_merge(services[name], options), said.services.get(name) or {})
    settings = accepted(sections, services, known.stack, findings)
    findings += platform_findings(snapshot, sections, grouped.workloads)
    findings += unknown_findings(sections)
    findings += _certificates(settings)
    return Inferred(sections, services, workloads, settings, findings, contradictions)


def _entry(workload: Workload, around: Surroundings, sections: Settings, catalogue: Mapping[str, object]) -> Settings:
    certificates = {
        f"{each['protocol']}/{each['port']}": list(each.get("certificates") or ())
        for each in sections["alb"]["listeners"]
    }
    base = catalogue.get(workload.name)
    entry = dict(base) if isinstance(base, Mapping) else {}
    variables = variable_settings(workload.container)
    for settings in (
        deployment_settings(workload, around),
        variables,
        exposure_settings(workload, certificates, sections["environment"].get("hostSuffix")),
    ):
        entry = deep_merge(entry, settings)
    if entry["autoscaler"] is not None:
        del entry["replicas"]  # the autoscaler's, and another number at every look
    return entry if "jvm" in variables else deep_merge(entry, {"patch": _own_options(workload)})


def _certificates(settings: StackSettings) -> Iterator[Finding]:
    """What is known of a certificate by id is that it serves the host today."""
    for name, service in settings.services.items():
        if service.ingress is not None and isinstance(service.ingress.tls, TlsCertificate):
            note = f"services.{name}.ingress.tls.covers names the host that it serves; Certificate Management has all"
            yield Finding("given", f"Certificate/{service.ingress.tls.id}", note=note)


def _own_options(workload: Workload) -> Settings:
    """Says already that the patch will be about the JVM's options: their sum is checked where settings write them."""
    variable = {"name": "JVM_OPTIONS_BASE", "$patch": "delete"}
    container = {"name": workload.container["name"], "env": [variable]}
    return {"deployment": {"spec": {"template": {"spec": {"containers": [container]}}}}}


def accepted(sections: Settings, services: dict[str, Settings], stack: str, findings: list[Finding]) -> StackSettings:
    """Take out what the rules refuse until the rest is accepted.

    Raises:
        AdoptError: what is refused cannot be taken out.
    """
    catalogue = YamlFile("services.yaml", dict.fromkeys(services))
    for _ in range(_MOST_ROUNDS):
        values: Any = standing_in({**sections, "services": services})
        try:
            return load(Source(stack, values, {}, YamlFile(f"Pulumi.{stack}.yaml", {})), catalogue, secrets="generated")
        except SettingsError as error:
            removed = [each for each in error.problems if _taken_out(sections, services, each)]
            if not removed:
                before = (f"{each.field}: {each.note}" for each in findings if each.subject == _STACK)
                raise AdoptError("The rules refuse what is live", [*before, *map(str, error.problems)]) from None
            findings += map(_inexpressible, removed)
    raise AdoptError("The rules refuse what is live", ["and taking out what they refuse does not end"])


def _taken_out(sections: Settings, services: dict[str, Settings], problem: Problem) -> bool:
    """Take out the setting that a problem is about, or the one above it that is there; tell whether there was one."""
    path = _path(problem)
    inside = path[:1] == ("services",)
    root: Any = services if inside else sections
    place = _deepest(root, path[1:] if inside else path)
    if len(place) <= inside or place[inside:] in _IDENTITY:
        return False
    fallback = _FALLBACKS.get(str(place[1])) if inside else None
    if fallback is not None:
        changed: bool = root[place[0]][place[1]] != fallback
        root[place[0]][place[1]] = fallback
        return changed
    for part in place[:-1]:
        root = root[part]
    del root[place[-1]]
    return True


def _inexpressible(problem: Problem) -> Finding:
    path = _path(problem)
    inside = path[:1] == ("services",)
    note = f"{problem.rule}; {problem.mend}" if problem.mend else problem.rule
    subject = show_path(path[:2]) if inside else _STACK
    return Finding("not expressible", subject, show_path(path[2:] if inside else path), note)


def _path(problem: Problem) -> KeyPath:
    return parse_path(problem.path.removeprefix(f"{PROJECT}:"))


def _deepest(root: Yaml, path: KeyPath) -> KeyPath:
    """The longest beginning of a path that is there and is not null."""
    for index, part in enumerate(path):
        present = (isinstance(root, Mapping) and part in root) or (isinstance(root, list) and int(part) < len(root))
        if not present or root[part] is None:
            return path[:index]
        root = root[part]
    return path
