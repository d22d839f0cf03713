"""Removal, in the reverse of the order in which the stacks came up: by its name the last file on the shared plane."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.cluster.api import Object, name_of
from tests.cluster.controllers.deletion_webhook import deletion_webhook
from tests.cluster.platform import Platform

NOTHING_LEFT = (
    ("alibabacloud.com/v1", "AlbConfig"),
    ("alibabacloud.com/v1beta1", "PodEIP"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("batch/v1", "CronJob"),
    ("networking.k8s.io/v1", "Ingress"),
    ("networking.k8s.io/v1", "IngressClass"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
    ("v1", "Pod"),
    ("v1", "Secret"),
)


def test_nothing_is_left_but_the_volumes_that_are_retained(platform: Platform, kubeconfig: Path) -> None:
    """An AlbConfig goes only after its Ingresses, a Service too: another order would end in a refusal or a wait."""
    claims = platform.live("PersistentVolumeClaim")
    assert len(claims) == 2
    certificate = kubeconfig.parent / "certificates" / "apiserver.crt"
    with deletion_webhook(platform.api, certificate), ThreadPoolExecutor() as pool:
        list(pool.map(platform.applier.down, platform.plans.values()))
    for version, kind in NOTHING_LEFT:
        left = [name_of(each) for each in platform.api.objects(version, kind) if ours(each)]
        assert left == [], kind
    assert not {"test", "uat"} & {name_of(each)[0] for each in platform.api.objects("v1", "Namespace")}
    volumes = platform.api.objects("v1", "PersistentVolume")
    assert [(name_of(each)[0], each["spec"]["persistentVolumeReclaimPolicy"]) for each in volumes] == [
        ("test-nas", "Retain"),
        ("uat-nas", "Retain"),
    ]


def ours(stated: Object) -> bool:
    """Whether an object is in a namespace of ours, or in none."""
    return name_of(stated)[1] in (None, "test", "uat")
