"""What a pod asks a node for, counted from its spec in wire format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from config import quantity

Object = Mapping[str, Any]


def pod_demand(pod: Object, part: str, resource: str, limits: Sequence[Object] = ()) -> Fraction:
    """What a pod asks for: its containers and sidecars together, or the largest container that runs before them.

    Source: https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers

    Args:
        pod: its spec.
        part: what is summed, ``requests`` or ``limits``.
        resource: such as ``memory``.
        limits: the entries of the namespace's LimitRange, which fill in what a container leaves out.

    Returns:
        In the resource's unit: cores, bytes.
    """
    first = [each for each in pod.get("initContainers") or () if each.get("restartPolicy") != "Always"]
    sidecars = [each for each in pod.get("initContainers") or () if each not in first]
    lasting = [*sidecars, *(pod.get("containers") or ())]
    together = sum((_demand(each, part, resource, limits) for each in lasting), Fraction(0))
    return max([together, *(_demand(each, part, resource, limits) for each in first)])


def _demand(container: Object, part: str, resource: str, limits: Sequence[Object]) -> Fraction:
    """What a container states; else its limit for a request, else what the LimitRange fills in."""
    stated = container.get("resources") or {}
    places = [stated.get(part) or {}]
    places += [stated.get("limits") or {}] if part == "requests" else []
    places += [each.get("defaultRequest" if part == "requests" else "default") or {} for each in limits]
    return next((quantity.parse(str(place[resource])) for place in places if resource in place), Fraction(0))
