"""The properties of a Kubernetes object: laid over one another, cut to shape, looked into; secrets stay secrets."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.cloud.cloud import Properties
from sandbox.cloud.wire import UNKNOWN, Secret, Value, reveal


def shielded(inputs: Properties) -> Properties:
    """Return a Secret object's values as secrets, and stringData as the API server stores it; others unchanged."""
    if inputs.get("kind") != "Secret" or UNKNOWN in (reveal(inputs.get("data")), reveal(inputs.get("stringData"))):
        return inputs
    written = reveal(inputs.get("stringData") or {})
    encoded = {name: base64.b64encode(str(text).encode()).decode() for name, text in written.items() if text != UNKNOWN}
    data = {**reveal(inputs.get("data") or {}), **encoded}
    shielded = {**inputs, "data": Secret(data)}
    if "stringData" in inputs:
        shielded["stringData"] = Secret(written)
    return shielded


def merged(base: Value, extra: Mapping[str, Any]) -> Value:
    """Return a mapping with another one laid over it, deeply; what is secret stays secret."""
    if isinstance(base, Secret):
        return Secret(merged(base.value, extra))
    result = dict(base)
    for name, value in extra.items():
        below = result.get(name)
        inner = below.value if isinstance(below, Secret) else below
        result[name] = merged(below, value) if isinstance(value, dict) and isinstance(inner, dict) else value
    return result


def added(state: Properties, inputs: Properties) -> Properties:
    """Return the part of a state that no input asked for: status, and what the server writes into metadata."""
    server = ("uid", "creationTimestamp", "resourceVersion", "generation")
    metadata = reveal(state.get("metadata") or {})
    kept: Properties = {"metadata": {name: metadata[name] for name in server if name in metadata}}
    if "status" in state and "status" not in inputs:
        kept["status"] = state["status"]
    return kept


def shaped(outputs: Value, inputs: Value) -> Value:
    """Return the outputs cut to the shape of the inputs: what a refresh compares with them."""
    if isinstance(inputs, Secret):
        return Secret(shaped(outputs.value if isinstance(outputs, Secret) else outputs, inputs.value))
    plain = outputs.value if isinstance(outputs, Secret) else outputs
    if isinstance(inputs, dict) and isinstance(plain, dict):
        return {name: shaped(plain[name], value) for name, value in inputs.items() if name in plain}
    return outputs


def present(value: Value, path: Sequence[str]) -> bool:
    """Tell whether something stands at a path, or will: a value that preview does not know yet counts."""
    for part in path:
        value = value.value if isinstance(value, Secret) else value
        if value == UNKNOWN:
            return True
        if not isinstance(value, dict) or value.get(part) in (None, {}, []):
            return False
        value = value[part]
    return True


def without(metadata: Value, name: str) -> Value:
    """Return a mapping without one of its names."""
    if isinstance(metadata, Secret):
        return Secret(without(metadata.value, name))
    return {key: value for key, value in metadata.items() if key != name}


def names(inputs: Properties) -> tuple[Any, ...]:
    """Return namespace and name of an object or of a Helm release."""
    metadata = reveal(inputs.get("metadata") or inputs)
    return (metadata.get("namespace"), metadata.get("name")) if isinstance(metadata, dict) else (metadata,)
