"""Objects that exist already and that the stack is about to create: the preview does not see them, the `up` fails.

Source: https://github.com/pulumi/pulumi-kubernetes/issues/4278
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from adopt.connection import RefusedError
from adopt.server import ApiServer
from report.steps import UNKNOWN, Step

_MEND = "the `up` would fail at it: `ackp adopt` takes it over, else delete or rename one of them"


def existing(steps: Iterable[Step], server: ApiServer) -> tuple[list[str], list[str]]:
    """Look up each object that would be created.

    Args:
        steps: the preview.
        server: the cluster's API server; it is only asked.

    Returns:
        A line for each object that exists, and one for each that may not be looked up.

    Raises:
        ClusterError: the cluster does not answer.
    """
    found, hidden = [], []
    for api_version, kind, name, namespace in _created(steps):
        where = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
        try:
            live = server.read(api_version, kind, name, namespace)
        except RefusedError as error:
            hidden.append(f"{where} could not be looked up: {error}")
            continue
        if live is not None:
            found.append(f"{where} exists already; {_MEND}")
    return found, hidden


def _created(steps: Iterable[Step]) -> Iterator[tuple[str, str, str, str | None]]:
    for step in steps:
        metadata = step.new.get("metadata")
        if step.op != "create" or not step.urn.type.startswith("kubernetes:") or not isinstance(metadata, Mapping):
            continue
        stated = [step.new.get("apiVersion"), step.new.get("kind"), metadata.get("name")]
        if all(isinstance(each, str) for each in stated) and UNKNOWN not in (*stated, metadata.get("namespace")):
            api_version, kind, name = map(str, stated)
            yield api_version, kind, name, metadata.get("namespace")
