"""Why pods are replaced, in words: a field of the pod template by what people call it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from report.difference import Difference, shown

TEMPLATE = ("spec", "template")
_CONTAINERS = ("containers", "initContainers")
_PROBES = {"startupProbe": "startup probe", "readinessProbe": "readiness probe", "livenessProbe": "liveness probe"}
_EIP = "k8s.aliyun.com/"
_RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
_MOMENT = re.compile(r"[0-9T:Z+-]{20,25}")
_SAFE = {"image", "resources", "replicas", "minReadySeconds", "hard", "limits", "capacity", "requests", "sleep", "port"}
"""Keys below which values are shown. Any other text may hold what is no reader's business: only its name is."""
_TELL = 60


def reasons(differences: Iterable[Difference]) -> tuple[str, ...]:
    """The words for each difference of a pod template, each once; environment variables are told by `variables`."""
    return tuple(dict.fromkeys(_reason(each) for each in differences if not _is_variable(each)))


def variables(differences: Iterable[Difference]) -> tuple[str, ...]:
    """Environment variables by name: ``+ NEW``, ``- GONE``, ``~ CHANGED``; never a value."""
    marks = {"added": "+", "removed": "-", "changed": "~"}
    names = {}
    for each in filter(_is_variable, differences):
        *_, named = _variable_path(each)
        whole = len(each.path) == len(_variable_path(each))
        container = _container(each)
        suffix = "" if container[0] == "containers" else f" (in {container[1]})"
        names[f"{named}{suffix}"] = marks[each.kind if whole else "changed"]
    return tuple(f"{mark} {name}" for name, mark in sorted(names.items()))


def valued(what: str, difference: Difference) -> str:
    """``what`` with the values before and after, where they may be shown."""
    if difference.kind != "changed":
        told = difference.new if difference.kind == "added" else difference.old
        return f"{what} {shown(told)} {difference.kind}" if _may_show(difference, told) else f"{what} {difference.kind}"
    if _may_show(difference, difference.old) and _may_show(difference, difference.new):
        return f"{what} {shown(difference.old)} → {shown(difference.new)}"
    return f"{what} changed"


def dotted(path: Iterable[str]) -> str:
    """A path for people: ``spec.template.metadata``."""
    return ".".join(path)


def _reason(difference: Difference) -> str:  # noqa: C901, PLR0911 - one case a field
    path = difference.path[len(TEMPLATE) :]
    match path:
        case ("spec", ("containers" | "initContainers") as where, name):
            return f"{'container' if where == 'containers' else 'init container'} {name} {difference.kind}"
        case ("spec", "containers" | "initContainers", _, *inside) if inside:
            return _in_container(inside, difference)
        case ("spec", "volumes", name, "configMap", *_):
            return f"new content of {name}"
        case ("spec", "volumes", name, *_):
            return f"volume {name} {difference.kind if len(path) == 3 else 'changed'}"  # noqa: PLR2004 - itself
        case ("spec", "readinessGates", *_):
            return f"readiness gate {path[2] if len(path) > 2 else ''} {difference.kind}".replace("  ", " ")  # noqa: PLR2004 - named
        case ("spec", "terminationGracePeriodSeconds"):
            return valued("grace period (s)", difference)
        case ("spec", "topologySpreadConstraints", *_):
            return f"spread over zones and hosts {difference.kind}"
        case ("metadata", "annotations", key) if key == _RESTARTED_AT:
            return _restart(difference)
        case ("metadata", "annotations", key) if key.startswith(_EIP):
            return f"EIP: {key.removeprefix(_EIP)} {difference.kind}"
        case ("metadata", "annotations" | "labels" as part, key):
            return f"{part[:-1]} {key} {difference.kind}"
        case ("spec", *rest):
            return valued(dotted(rest), difference)
        case _:
            return valued(dotted(path), difference)


def _restart(difference: Difference) -> str:
    """A restart that somebody asked for, and when; a text that is no time is not shown."""
    asked = difference.new if difference.kind != "removed" else None
    if isinstance(asked, str) and _MOMENT.fullmatch(asked):
        return f"restart asked for at {asked}"
    return f"time of the last restart {difference.kind}"


def _in_container(inside: list[str], difference: Difference) -> str:  # noqa: PLR0911 - one case a field
    match inside:
        case ["image"]:
            return f"image {tag(difference.old)} → {tag(difference.new)}"
        case ["resources", ("limits" | "requests") as part, what]:
            return valued(f"{what} {part[:-1]}", difference)
        case [probe, *rest] if probe in _PROBES:
            return valued(": ".join(filter(None, (_PROBES[probe], dotted(rest)))), difference)
        case ["volumeMounts", name, *_]:
            return f"mount of {name} {difference.kind if len(inside) == 2 else 'changed'}"  # noqa: PLR2004 - itself
        case ["lifecycle", "preStop", *rest]:
            return valued(f"preStop {dotted(rest)}".rstrip(), difference)
        case ["securityContext", *rest]:
            return valued(f"security context {dotted(rest)}".rstrip(), difference)
        case _:
            return valued(dotted(inside), difference)


def tag(image: object) -> str:
    """What tells two images of one repository apart: the tag and the first digits of the digest."""
    text = shown(image)
    name, _, digest = text.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    short = digest.removeprefix("sha256:")[:12]
    return "@".join(filter(None, (tag, short))) or text


def _is_variable(difference: Difference) -> bool:
    return len(_variable_path(difference)) > 0


def _variable_path(difference: Difference) -> tuple[str, ...]:
    """The path of the variable that a difference is in; empty if it is in none."""
    path = difference.path
    inside = len(TEMPLATE) + 4
    is_one = len(path) > inside and path[3:4] and path[3] in _CONTAINERS and path[inside - 1] == "env"
    return path[: inside + 1] if is_one else ()


def _container(difference: Difference) -> tuple[str, str]:
    return difference.path[3], difference.path[4]


def _may_show(difference: Difference, value: object) -> bool:
    if isinstance(value, bool | int | float):
        return True
    return isinstance(value, str) and len(value) <= _TELL and bool(_SAFE & set(difference.path))
