"""The shipped stacks where everything of the cloud is given, which is the guide's own situation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from tests.cluster.api import Api, Object
from tests.engine.stacks import SEED
from tests.settings import REMOVED

STACKS = ("test", "uat", "prod")
"""Both shipped stacks, and the example of an existing cluster, in which Kubernetes' part is given too."""

CERTIFICATES = {
    "10000001-cn-hangzhou": ("*.test.example.com",),
    "10000002-cn-hangzhou": ("*.uat.example.com",),
    "10000003-cn-hangzhou": ("*.example.com",),
}
"""The certificates that the stacks are given."""

_BY_STACK: Mapping[str, Mapping[str, object]] = {
    "test": {
        "addons": {"albIngressController": {"ownership": "given"}, "extendNetworkController": {"ownership": "given"}},
        "alb.ownership": "givenById",
        "alb.id": "alb-exampletest00001",
        "nas.fileSystem": {
            "ownership": "given",
            "id": "example1nas",
            "mountTarget": "example1nas-test1.cn-hangzhou.nas.aliyuncs.com",
        },
    },
    "uat": {},  # as it is shipped
    "prod": {},  # as it is shipped
}


def kubeconfig(path: Path) -> dict[str, object]:
    """The changes that let a stack reach a cluster."""
    return {"cluster.kubeconfig": {"source": "file", "path": str(path)}}


def given(stack: str, path: Path) -> dict[str, object]:
    """The changes to a shipped stack, by key path."""
    owned = ("addressType", "vSwitches", "accessLog") if stack == "test" else ()
    return {**_BY_STACK[stack], **{f"alb.{key}": REMOVED for key in owned}, **kubeconfig(path)}


def create_given_objects(api: Api) -> None:
    """Create what is given in Kubernetes: what a sandbox begins with, but for what a cluster has anyway."""
    for stated in _seeded():
        if api.live(stated) is None:
            api.create(stated)


def _seeded() -> Iterator[Object]:
    yield from yaml.safe_load(SEED.read_text(encoding="utf-8"))["kubernetes"]
