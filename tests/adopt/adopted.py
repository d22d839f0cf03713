"""An environment of the guide's cluster, adopted as `ackp adopt` does, with a stack file and a catalogue of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from adopt.adoption import Adoption, Taken, adopt
from adopt.cluster import read
from adopt.connection import Connection
from adopt.files import Files, files_of
from adopt.known import Known, VSwitch
from config import CATALOGUE, StackSettings, load_stack, read_stack
from config.files import read_yaml
from sandbox.progress import Lines
from tests.adopt.guide_cluster import GuideCluster
from tests.cluster.api import Object

KNOWN = {
    "cluster_id": f"c{'1' * 32}",
    "vpc": "vpc-1",
    "v_switches": (VSwitch("vsw-1", "cn-hangzhou-h", "10.1.0.0/20"),),
}


T = TypeVar("T")

_QUIET_SECONDS = 8
_PATIENCE_SECONDS = 180


@dataclass(frozen=True)
class Place:
    """Where an environment is adopted: the cluster, and a folder for the files.

    Attributes:
        guide: The guide's cluster.
        kubeconfig: The administrator's.
        root: The folder.
        environment: The environment, its namespace and its stack.
    """

    guide: GuideCluster
    kubeconfig: Path
    root: Path
    environment: str

    @classmethod
    def make(cls, guide: GuideCluster, kubeconfig: Path, root: Path, environment: str) -> Place:
        """An environment of a test's own, as clicks make it, at rest."""
        guide.make(environment)
        guide.settle(environment)
        (root / "services.yaml").write_text(CATALOGUE.read_text(encoding="utf-8"), encoding="utf-8")
        return cls(guide, kubeconfig, root, environment)

    @property
    def catalogue(self) -> Path:
        """The catalogue."""
        return self.root / "services.yaml"

    @property
    def connection(self) -> Connection:
        """A connection to the cluster."""
        return Connection(self.kubeconfig)

    def adopt(self, **changes: object) -> tuple[Adoption, Files]:
        """Work out the adoption and its files; nothing is written."""
        known = Known(self.environment, **{**KNOWN, **changes})  # type: ignore[arg-type] # a test names what Known has
        file = self.root / f"Pulumi.{self.environment}.yaml"
        said = dict(read_stack(self.environment, self.root).values) if file.exists() else {}
        snapshot = read(self.kubeconfig, self.environment, progress=Lines())
        adoption = adopt(snapshot, self.connection, known, read_yaml(self.catalogue).values, said)
        return adoption, files_of(adoption, known, self.root, self.catalogue, said)

    def settings(self) -> StackSettings:
        """What the files say."""
        return load_stack(self.environment, self.root, catalogue=self.catalogue)

    def live(self, taken: Taken) -> Object:
        """An adopted object, as it is now."""
        found = self.guide.api.live(taken.stated)
        assert found is not None, taken.stated["metadata"]
        return found

    def versions(self, adoption: Adoption) -> list[str]:
        """The resource versions of the adopted objects."""
        return [self.live(each)["metadata"]["resourceVersion"] for each in adoption.taken]

    def versions_at_rest(self, adoption: Adoption) -> list[str]:
        """The resource versions of the adopted objects once no controller writes any more."""
        return at_rest(lambda: self.versions(adoption))

    def pods(self) -> dict[str, str]:
        """The pods and their uids."""
        return {each["metadata"]["name"]: each["metadata"]["uid"] for each in self.guide.pods(self.environment)}


def at_rest(look: Callable[[], T]) -> T:
    """What is seen once it has been the same for a while: an autoscaler looks every two seconds, and scales first."""
    seen, since = look(), time.monotonic()
    deadline = since + _PATIENCE_SECONDS
    while time.monotonic() - since < _QUIET_SECONDS:
        assert time.monotonic() < deadline, "it does not come to rest"
        time.sleep(0.5)
        if (now := look()) != seen:
            seen, since = now, time.monotonic()
    return seen


_OF_THE_WRITE = ("managedFields", "resourceVersion", "generation")
"""A Deployment's generation counts changes of its annotations too: `deploymentStrategy.PrepareForUpdate` in
https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/apps/deployment/strategy.go"""


def apart(live: Object) -> Object:
    """An object without what adopting may change of it: who owns its fields, and the engine's own annotations."""
    metadata = {key: value for key, value in live["metadata"].items() if key not in _OF_THE_WRITE}
    notes = metadata.get("annotations") or {}
    metadata["annotations"] = {key: value for key, value in notes.items() if not key.startswith("pulumi.com/")}
    return {**{key: value for key, value in live.items() if key != "status"}, "metadata": metadata}


def managers(live: Object) -> set[tuple[str, str]]:
    """Who owns fields of an object, and how; not its parts (status, scale)."""
    entries = live["metadata"]["managedFields"]
    return {(each["manager"], each["operation"]) for each in entries if "subresource" not in each}
