"""Whether two YAML streams hold the same Kubernetes objects."""

from typing import Any

import yaml

Key = tuple[str, str | None, str]


def objects(stream: str) -> dict[Key, dict[str, Any]]:
    """The objects of a YAML stream by kind, namespace and name."""
    found = {}
    for manifest in yaml.load_all(stream, Loader=yaml.CSafeLoader):
        if manifest:
            metadata = manifest["metadata"]
            found[manifest["kind"], metadata.get("namespace"), metadata["name"]] = manifest
    return found


def differences(one: str, other: str) -> list[str]:
    """What differs between the objects of two streams, one line each; order and spelling of YAML do not count."""
    ours, theirs = objects(one), objects(other)
    keys = sorted({*ours, *theirs}, key=str)
    return [line for key in keys for line in _differences(ours.get(key), theirs.get(key), " ".join(map(str, key)))]


def _differences(one: Any, other: Any, path: str) -> list[str]:  # noqa: ANN401 - any YAML value
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        return [line for key in keys for line in _differences(one.get(key), other.get(key), f"{path}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for index, pair in pairs for line in _differences(*pair, f"{path}[{index}]")]
    return [] if one == other else [f"{path}: {one!r} and {other!r}"]
