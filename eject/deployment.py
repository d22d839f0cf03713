"""What a stack's state stands for, sorted by what becomes of it without Pulumi."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from components.manifests.metadata import Manifest
from sandbox.problem import SandboxError
from sandbox.urn import Urn

ORDER = (
    "Namespace",
    "ResourceQuota",
    "LimitRange",
    "ServiceAccount",
    "Secret",
    "ConfigMap",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "AlbConfig",
    "IngressClass",
    "Role",
    "RoleBinding",
    "NetworkPolicy",
    "Service",
    "Deployment",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "CronJob",
    "Ingress",
)
"""Kinds, each after all that its objects need; a kind that is not here comes last."""

_RELEASE = "kubernetes:helm.sh/v3:Release"
_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
"""How the engine marks a special value in a state, and that it is a secret one.

Source: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
"""


@dataclass(frozen=True)
class Left:
    """A resource that is no Kubernetes object with a file.

    Attributes:
        type: Its type token, `alicloud:nas/fileSystem:FileSystem`.
        name: Its name in the program.
        id: Its id at the provider; empty where it never got one.
    """

    type: str
    name: str
    id: str


@dataclass(frozen=True)
class Release:
    """A Helm release.

    Attributes:
        name: The release's name.
        namespace: Its namespace.
        chart: The chart, as it was given to Helm.
        version: The chart's version; empty if none was stated.
        values: Its values.
    """

    name: str
    namespace: str
    chart: str
    version: str
    values: Manifest

    @property
    def file(self) -> str:
        """Where its values lie in the folder."""
        return f"helm/{self.namespace}-{self.name}.yaml"


@dataclass(frozen=True)
class Deployment:
    """A stack's state.

    Attributes:
        stack: The stack.
        count: Resources in the state, the engine's own ones too.
        objects: Kubernetes objects as they were last applied, without Pulumi's annotations, in the order of `ORDER`.
        secrets: Objects that hold encrypted values; each without them.
        releases: Helm releases.
        cloud: What exists in the account.
        given: What the stack only reads.
        unfinished: What an operation was cut off at: it may exist, or be a copy that was to go.
        outputs: The stack's outputs; secret ones are masked.
    """

    stack: str
    count: int
    objects: tuple[Manifest, ...]
    secrets: tuple[Manifest, ...]
    releases: tuple[Release, ...]
    cloud: tuple[Left, ...]
    given: tuple[Left, ...]
    unfinished: tuple[Left, ...]
    outputs: dict[str, Any]

    def __str__(self) -> str:
        """What there is of each, for people."""
        found = {
            "Kubernetes object": len(self.objects),
            "Secret left out": len(self.secrets),
            "Helm release": len(self.releases),
            "cloud resource listed": len(self.cloud),
            "cut off in the middle": len(self.unfinished),
        }
        return ", ".join(f"{name}: {count}" for name, count in found.items() if count)


def read(stack: str, exported: str) -> Deployment:
    """Sort a state.

    Args:
        stack: The stack.
        exported: What `pulumi stack export` prints.

    Raises:
        SandboxError: It is no state that this program can have made.
    """
    try:
        deployment = json.loads(exported)["deployment"] or {}
        resources = list(map(_plain, deployment.get("resources") or ()))
        pending = [_left(_plain(each["resource"])) for each in deployment.get("pending_operations") or ()]
        alive = [each for each in resources if _is_alive(each)]
        objects = [each["inputs"] for each in alive if _is_object(each)]
        return Deployment(
            stack=stack,
            count=len(resources) + len(pending),
            objects=_ordered(each for each in objects if not _is_secret(each)),
            secrets=_ordered(_without_secrets(each) for each in objects if _is_secret(each)),
            releases=tuple(_release(each["inputs"]) for each in _by_name(alive) if each["type"] == _RELEASE),
            cloud=tuple(_left(each) for each in _by_name(alive) if not each["type"].startswith("kubernetes:")),
            given=tuple(_left(each) for each in _by_name(resources) if each.get("external")),
            unfinished=(*pending, *(_left(each) for each in _by_name(resources) if each.get("delete"))),
            outputs=next((_masked(each.get("outputs") or {}) for each in resources if _is_stack(each)), {}),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SandboxError(f"The state of the stack {stack} cannot be understood: {error!r}") from None


def _is_alive(resource: dict[str, Any]) -> bool:
    """Whether it is something outside the engine that the stack owns."""
    engines_own = resource["type"].startswith("pulumi:")
    return (
        bool(resource.get("custom")) and not engines_own and not resource.get("external") and not resource.get("delete")
    )


def _is_object(resource: dict[str, Any]) -> bool:
    return str(resource["type"]).startswith("kubernetes:") and resource["type"] != _RELEASE


def _is_stack(resource: dict[str, Any]) -> bool:
    return bool(resource["type"] == "pulumi:pulumi:Stack")


def _left(resource: dict[str, Any]) -> Left:
    return Left(resource["type"], Urn(resource["urn"]).name, resource.get("id") or "")


def _by_name(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In an order that does not depend on which resource was made first."""
    return sorted(resources, key=lambda each: (each["type"], each["urn"], each.get("id") or ""))


def _release(inputs: dict[str, Any]) -> Release:
    repository = (inputs.get("repositoryOpts") or {}).get("repo", "").rstrip("/")
    return Release(
        name=inputs["name"],
        namespace=inputs["namespace"],
        chart=f"{repository}/{inputs['chart']}" if repository else inputs["chart"],
        version=inputs.get("version") or "",
        values=_masked(inputs.get("values") or {}),
    )


def _ordered(manifests: Iterator[Manifest]) -> tuple[Manifest, ...]:
    return tuple(sorted(map(_without_bookkeeping, manifests), key=_place))


def _place(manifest: Manifest) -> tuple[int, str, str, str]:
    kind, metadata = manifest["kind"], manifest["metadata"]
    rank = ORDER.index(kind) if kind in ORDER else len(ORDER)
    return rank, kind, metadata.get("namespace") or "", metadata["name"]


def _without_bookkeeping(manifest: Manifest) -> Manifest:
    """The object without what only Pulumi's provider reads; what it is stands first."""
    metadata = dict(manifest["metadata"])
    annotations = {
        key: value
        for key, value in (metadata.pop("annotations", None) or {}).items()
        if not key.startswith("pulumi.com/")
    }
    metadata = {"name": metadata.pop("name"), **metadata, **({"annotations": annotations} if annotations else {})}
    rest = {key: value for key, value in manifest.items() if key not in {"apiVersion", "kind", "metadata"}}
    return {"apiVersion": manifest["apiVersion"], "kind": manifest["kind"], "metadata": metadata, **rest}


@dataclass(frozen=True)
class _Encrypted:
    """A value that the state holds encrypted."""


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a JSON document
    """The value with each encrypted part replaced by a mark."""
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            return _Encrypted()
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _is_secret(manifest: Manifest) -> bool:
    return manifest["kind"] == "Secret" or _holds_secret(manifest)


def _holds_secret(value: Any) -> bool:  # noqa: ANN401 - any value of a JSON document
    if isinstance(value, dict):
        return any(map(_holds_secret, value.values()))
    return any(map(_holds_secret, value)) if isinstance(value, list) else isinstance(value, _Encrypted)


def _without_secrets(manifest: Manifest) -> Manifest:
    return {
        key: value for key, value in manifest.items() if key not in {"data", "stringData"} and not _holds_secret(value)
    }


def _masked(value: Any) -> Any:  # noqa: ANN401 - any value of a JSON document
    if isinstance(value, dict):
        return {key: _masked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_masked(each) for each in value]
    return "[secret]" if isinstance(value, _Encrypted) else value
