"""The guide's cluster as a snapshot without a server, and changes to it."""

from __future__ import annotations

from collections.abc import Iterable

from adopt.known import Known
from adopt.settings import Inferred, infer
from adopt.snapshot import Snapshot
from config import CATALOGUE
from config.files import read_yaml
from tests.adopt.guide import guide_objects, shared_objects
from tests.cluster.api import Object


def guide(environment: str = "uat") -> list[Object]:
    """The objects of one environment, and what both share; to be changed as a test needs it."""
    return [*guide_objects(environment), *shared_objects()]


def snapshot(objects: Iterable[Object], version: str = "v1.36.1-aliyun.1") -> Snapshot:
    """A snapshot of these objects."""
    every = list(objects)

    def kind(name: str) -> tuple[Object, ...]:
        return tuple(each for each in every if each["kind"] == name)

    return Snapshot(
        kind("Namespace")[0],
        version,
        deployments=kind("Deployment"),
        services=kind("Service"),
        ingresses=kind("Ingress"),
        autoscalers=kind("HorizontalPodAutoscaler"),
        disruption_budgets=kind("PodDisruptionBudget"),
        claims=kind("PersistentVolumeClaim"),
        volumes=kind("PersistentVolume"),
        quotas=kind("ResourceQuota"),
        limit_ranges=kind("LimitRange"),
        ingress_classes=kind("IngressClass"),
        alb_configs=kind("AlbConfig"),
    )


def found(objects: Iterable[Object], kind: str, name: str) -> Object:
    """One of the objects."""
    return next(each for each in objects if (each["kind"], each["metadata"]["name"]) == (kind, name))


def container(objects: Iterable[Object], name: str) -> Object:
    """The container of a Deployment."""
    first: Object = found(objects, "Deployment", name)["spec"]["template"]["spec"]["containers"][0]
    return first


def inferred(objects: Iterable[Object], known: Known | None = None, **stated: object) -> Inferred:
    """The settings of the stack uat, or of another, from these objects."""
    return infer(snapshot(objects), known or Known("uat"), read_yaml(CATALOGUE).values, stated)
