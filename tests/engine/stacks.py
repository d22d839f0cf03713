"""Shipped stacks for the real engine: their files in a folder where they may be edited, and what a run left behind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from config.files import parse_path
from sandbox.cloud.contents import Contents, Entry
from sandbox.place import Place
from sandbox.run import Result
from tests.program.stacks import FOLDERS
from tests.settings import ROOT, change

SEED = ROOT / "sandbox" / "seed.yaml"


@dataclass(frozen=True)
class Project:
    """A copy of Pulumi.yaml, `__main__.py` and a stack file.

    Attributes:
        root: the folder.
        stack: the stack's name.
    """

    root: Path
    stack: str

    @classmethod
    def copy(cls, root: Path, stack: str, *, small: bool = False) -> Project:
        """Copy a shipped stack; a small one runs only the gateway, where the number of services does not matter."""
        root.mkdir(exist_ok=True)
        for source in (ROOT / "Pulumi.yaml", ROOT / "__main__.py", FOLDERS[stack] / f"Pulumi.{stack}.yaml"):
            shutil.copy(source, root)
        project = cls(root, stack)
        if small:
            project.edit({"services": {"gateway": project.values["services"]["gateway"]}})
        return project

    @property
    def file(self) -> Path:
        """The stack file."""
        return self.root / f"Pulumi.{self.stack}.yaml"

    @property
    def values(self) -> dict[str, Any]:
        """The settings in it."""
        config = yaml.safe_load(self.file.read_text(encoding="utf-8"))["config"]
        return {key.removeprefix("ack-platform:"): value for key, value in config.items() if key.startswith("ack-")}

    def edit(self, changes: Mapping[str, object]) -> None:
        """Change settings by key path, as `tests.settings` does."""
        document = yaml.safe_load(self.file.read_text(encoding="utf-8"))
        for path, value in changes.items():
            first, *rest = parse_path(path)
            change(document["config"], (f"ack-platform:{first}", *rest), value)
        self.file.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")


@dataclass
class Cloud:
    """What exists in a sandbox's cloud after a command."""

    place: Place
    entries: dict[str, Entry] = field(init=False)

    def __post_init__(self) -> None:
        self.entries = {entry.key: entry for entry in Contents(self.place.contents)}

    def get(self, kind: str, identity: str) -> dict[str, Any]:
        """The properties of the one thing of a kind with an id: ``get("apps/Deployment", "uat/gateway")``."""
        found = [key for key in self.entries if key.endswith(f":{kind}::{identity}")]
        assert len(found) == 1, f"{kind} {identity}: {found}"
        return self.entries[found[0]].object

    def of(self, kind: str, namespace: str = "") -> dict[str, dict[str, Any]]:
        """The properties of everything of a kind by id, in a namespace."""
        found = {entry.id: entry.object for key, entry in self.entries.items() if f":{kind}::" in key}
        return {identity: each for identity, each in found.items() if identity.startswith(namespace)}

    def created_by(self, stack: str) -> set[str]:
        """The keys of everything that a stack created."""
        return {key for key, entry in self.entries.items() if entry.urn.startswith(f"urn:pulumi:{stack}::")}

    def objects(self) -> dict[str, dict[str, Any]]:
        """All properties by key."""
        return {key: entry.object for key, entry in self.entries.items()}


def state(place: Place, stack: str) -> list[dict[str, Any]]:
    """The resources in a stack's state."""
    file = place.state / ".pulumi" / "stacks" / "ack-platform" / f"{stack}.json"
    latest = json.loads(file.read_text(encoding="utf-8"))["checkpoint"]["latest"]
    assert not latest.get("pending_operations"), latest["pending_operations"]
    resources: list[dict[str, Any]] = latest.get("resources", [])
    return resources


def operations(result: Result | None) -> dict[str, str]:
    """What happened to each resource by name; what stayed as it was, or was only read, is left out."""
    assert result is not None
    steps = [step for step in result.changes.steps if not step.is_stack]
    return {step.name: step.op for step in steps if step.op not in {"same", "read"}}


def seed_without(path: Path, kind: str, name: str) -> Path:
    """Write a seed in which one thing, by kind or type and by name or id, is missing, and what cannot be without it."""
    document = yaml.safe_load(SEED.read_text(encoding="utf-8"))
    before = len(list(_things(document)))
    document["kubernetes"] = [
        each
        for each in document["kubernetes"]
        if (each["kind"], each["metadata"]["name"]) != (kind, name)
        and (kind != "Namespace" or each["metadata"].get("namespace") != name)
        and (kind != "cs/kubernetesAddon" or each["kind"] not in {"AlbConfig", "IngressClass"})
    ]
    for type_, things in document["alicloud"].items():
        document["alicloud"][type_] = [
            each for each in things if (type_, each["id"]) != (kind, name) and each.get("fileSystemId") != name
        ]
    assert len(list(_things(document))) < before, f"not in the seed: {kind} {name}"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def _things(document: Mapping[str, Any]) -> Iterator[object]:
    yield from document["kubernetes"]
    for things in document["alicloud"].values():
        yield from things
