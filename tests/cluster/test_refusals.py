"""The sandbox refuses in the words of a real API server and of its controllers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sandbox.cloud.cluster import Cluster
from sandbox.cloud.contents import Contents
from sandbox.cloud.refusal import NotReady, Refusal
from tests.cluster.api import Api, ApiException, Object

SPACE = "words"
LABELS = {"app": "main"}
SECONDS = 60


def stated(version: str, kind: str, name: str, namespace: str | None = SPACE, **more: Any) -> Object:
    where = {"namespace": namespace} if namespace else {}
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **where}, **more}


def deployment(name: str, *, container: Object | None = None, pod: Object | None = None, **spec: Any) -> Object:
    containers = [{"name": "main", "image": "example.com/none:1", **(container or {})}]
    template = {"metadata": {"labels": {**LABELS, "name": name}}, "spec": {"containers": containers, **(pod or {})}}
    selector = {"matchLabels": {**LABELS, "name": name}}
    return stated("apps/v1", "Deployment", name, spec={"selector": selector, "template": template, **spec})


def volume(name: str) -> Object:
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteMany"],
        "nfs": {"server": "nas.example.com", "path": "/"},
        "persistentVolumeReclaimPolicy": "Retain",
    }
    return stated("v1", "PersistentVolume", name, None, spec=spec)


def claim(name: str, of: str, storage: str = "1Gi") -> Object:
    spec = {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "",
        "volumeName": of,
        "resources": {"requests": {"storage": storage}},
    }
    return stated("v1", "PersistentVolumeClaim", name, spec=spec)


def quota(**hard: str) -> Object:
    spec = {"hard": {key.replace("_", "."): value for key, value in hard.items()}}
    return stated("v1", "ResourceQuota", "small", spec=spec)


CPU_AND_MEMORY = {"resources": {"limits": {"cpu": "1500m", "memory": "768Mi"}}}
CASES: dict[str, Sequence[Object]] = {
    "exists": [stated("v1", "ServiceAccount", "twice"), stated("v1", "ServiceAccount", "twice")],
    "a kind of a group exists": [deployment("twice"), deployment("twice")],
    "no namespace": [stated("v1", "ServiceAccount", "lost", "nowhere")],
    "selector": [deployment("wrong", selector={"matchLabels": {"app": "other"}})],
    "two amounts of a quota": [
        quota(limits_cpu="4", requests_memory="2Gi", pods="9"),  # two of three fit
        deployment("big", container=CPU_AND_MEMORY, replicas=3),
    ],
    "amounts that nobody states": [quota(limits_cpu="2", limits_memory="1Gi"), deployment("open")],
    "no service account": [deployment("nobody", pod={"serviceAccountName": "gone"})],
    "no claim": [
        deployment("empty", pod={"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "gone"}}]})
    ],
    "a volume of somebody else": [volume("words-one"), claim("first", "words-one"), claim("second", "words-one")],
    "a volume that is too small": [volume("words-small"), claim("large", "words-small", "5Gi")],
}


@pytest.mark.parametrize("case", CASES)
def test_the_sandbox_says_what_the_real_api_server_says(api: Api, tmp_path: Path, case: str) -> None:
    namespace = f"{SPACE}-{list(CASES).index(case)}"
    objects = json.loads(json.dumps(CASES[case]).replace(f'"{SPACE}"', f'"{namespace}"'))
    space = stated("v1", "Namespace", namespace, None)
    api.create(space)
    eventually(lambda: api.read("v1", "ServiceAccount", "default", namespace))
    real = asked(api, objects)
    assert real == answered(tmp_path / "contents.json", [space, *objects])
    assert re.search("exists|not found|invalid|forbidden|already bound|too small", real)
    for each in (space, *objects):
        api.delete(each, "Background")


def asked(api: Api, objects: Sequence[Object]) -> str:
    """The words of the real one: of the last object's creation, or of the last warning about it."""
    *first, last = objects
    for each in first:
        api.create(each)
        eventually(partial(settled, api, each))
    try:
        api.create(last)
    except ApiException as error:
        return words(str(json.loads(error.body or "")["message"]))
    eventually(lambda: api.last_warning(last))
    return words(api.last_warning(last) or "")


def settled(api: Api, stated: Object) -> bool:
    """Whether the controllers have acted on a quota or a claim."""
    status = (api.live(stated) or {}).get("status") or {}
    if stated["kind"] == "PersistentVolumeClaim":
        return status.get("phase") == "Bound"
    return stated["kind"] != "ResourceQuota" or "used" in status


def answered(contents: Path, objects: Sequence[Object]) -> str:
    """The words of the sandbox."""
    cluster = Cluster(Contents(contents))
    *first, last = objects
    for each in first:
        create(cluster, each)
    with pytest.raises((Refusal, NotReady)) as refused:
        create(cluster, last)
    if isinstance(refused.value, NotReady):
        return words(refused.value.reasons[-1])
    return words(str(refused.value).partition("Kubernetes API server: ")[2])


def create(cluster: Cluster, stated: Object) -> None:
    """Create an object in the sandbox."""
    version = stated["apiVersion"] if "/" in stated["apiVersion"] else f"core/{stated['apiVersion']}"
    cluster.create(f"kubernetes:{version}:{stated['kind']}", "urn", stated)


def words(text: str) -> str:
    """The text with the names of pods that are made up, and without the mark of the events that are told together."""
    text = text.replace("(combined from similar events): ", "")
    return re.sub(r'(pods "\w+)-\w+-(\w*)"', lambda match: f'{match[1]}-…-{"…" if match[2] else ""}"', text)


def eventually(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
