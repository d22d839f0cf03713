"""The guide's namespace as a stack file: settings where they say it, and a patch for the rest, as adopting does."""

from __future__ import annotations

import copy
import functools
from typing import Any

import yaml

from adopt.entries import entries
from adopt.known import Known, VSwitch
from components.manifests.objects import objects_of
from components.manifests.patch import patch_between
from config import CATALOGUE
from config.files import parse_yaml, read_yaml
from config.load import source_of
from improvements.improvement import Improvement, Stack, improvements
from improvements.items import ITEMS
from tests.adopt.snapshots import guide, inferred

KNOWN = Known(
    "uat",
    cluster_id=f"c{'1' * 32}",
    vpc="vpc-1",
    v_switches=(VSwitch("vsw-1", "cn-hangzhou-h", "10.1.0.0/20"),),
    nacos_version="2.x",
)
DIGEST = f"sha256:{'a' * 64}"
NAME = "Pulumi.uat.yaml"
_KEYS = {"disruption-budget": "disruptionBudget"}


@functools.cache
def text(*only: str) -> str:
    """The stack file, with all services of the guide or only some; with comments as people write them."""
    result = inferred(guide(), KNOWN)
    for name, workload in result.workloads.items():
        made = objects_of(result.settings, name)
        patches = {
            _KEYS.get(role, role): patch_between(_plain(made[role]), _plain(live, made[role]))
            for role, live in workload.objects.items()
        }
        result.services[name]["patch"] = {key: patch for key, patch in patches.items() if patch}
    placed = entries(result.services, read_yaml(CATALOGUE).values, None)
    services = {name: entry for name, entry in placed.services.items() if name in (only or placed.services)}
    sections = {**result.sections, "serviceDefaults": placed.defaults, "services": services}
    config = {f"ack-platform:{key}": value for key, value in sections.items()}
    dumped = yaml.safe_dump({"config": config}, sort_keys=False, allow_unicode=True, width=1 << 20)
    return _commented(dumped)


def stack(content: str | None = None) -> Stack:
    """The stack of a stack file's text, the guide's if none is given."""
    file = parse_yaml(NAME, text() if content is None else content)
    return Stack.load(source_of("uat", file), read_yaml(CATALOGUE))


def found(loaded: Stack, service: str) -> dict[str, Improvement]:
    """The improvements that are open for a service, by name; the image is told."""
    return {each.item.name: each for each in improvements(loaded, service, ITEMS, {"image": DIGEST})}


def entry_of(loaded: Stack, service: str) -> Any:
    """A service's entry."""
    return loaded.subject(service).own


def _plain(manifest: Any, built: Any = None) -> Any:
    """An object without the engine's annotations; without replicas where the built one leaves them to an autoscaler."""
    plain = copy.deepcopy(manifest)
    notes = plain["metadata"].get("annotations") or {}
    plain["metadata"]["annotations"] = {key: value for key, value in notes.items() if not key.startswith("pulumi.com/")}
    if built is not None and built["kind"] == "Deployment" and "replicas" not in built["spec"]:
        del plain["spec"]["replicas"]
    return plain


def _commented(dumped: str) -> str:
    """With comments above an entry, in it, in its patch, and behind a value."""
    lines = []
    for line in dumped.splitlines():
        if line == "    gateway:":
            lines.append("    # the way in")
        if line.strip().startswith("strategy:"):
            lines.append(f"{line[: len(line) - len(line.lstrip())]}# as the console made it")
        lines.append(f"{line} # never asks" if line.strip() == "terminationGracePeriodSeconds: null" else line)
    return "\n".join([*lines, ""])
