"""The imitated controllers: what they do, and what they refuse."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.cluster.api import Api, ApiException, Object
from tests.cluster.controllers.alb import FINALIZER, GATE
from tests.cluster.controllers.deletion_webhook import deletion_webhook
from tests.cluster.platform import CERTIFICATES, Platform

SPACE = "edge"
KNOWN = next(iter(CERTIFICATES))
HTTPS = {"port": 443, "protocol": "HTTPS"}
SECURE = {**HTTPS, "certificates": [{"CertificateId": KNOWN, "IsDefault": True}]}


def alb_config(*listeners: Object) -> Object:
    return {
        "apiVersion": "alibabacloud.com/v1",
        "kind": "AlbConfig",
        "metadata": {"name": SPACE},
        "spec": {"config": {"id": "alb-edge"}, "listeners": list(listeners)},
    }


def ingress_class(controller: str = "ingress.k8s.alibabacloud/alb") -> Object:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "IngressClass",
        "metadata": {"name": SPACE},
        "spec": {
            "controller": controller,
            "parameters": {"apiGroup": "alibabacloud.com", "kind": "AlbConfig", "name": SPACE},
        },
    }


def service() -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "app", "namespace": SPACE},
        "spec": {"selector": {"app": "app"}, "ports": [{"port": 80}]},
    }


def ingress(name: str = "app", *, ports: str = '[{"HTTPS": 443}]', tls: Object | None = None) -> Object:
    backend = {"service": {"name": "app", "port": {"number": 80}}}
    spec: Object = {
        "ingressClassName": SPACE,
        "rules": [
            {"host": "app.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
        ],
    }
    if tls is not None:
        spec["tls"] = [{"hosts": ["app.example.com"], **tls}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": name,
            "namespace": SPACE,
            "annotations": {"alb.ingress.kubernetes.io/listen-ports": ports},
        },
        "spec": spec,
    }


def pod() -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "app", "namespace": SPACE, "labels": {"app": "app"}},
        "spec": {
            "readinessGates": [{"conditionType": GATE}],
            "containers": [{"name": "app", "image": "example.com/none:1"}],
        },
    }


class Edge:
    """What a test makes in a namespace of its own, gone after the test."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.made: list[Object] = []

    def make(self, *stated: Object) -> None:
        for each in stated:
            self.made.append(self.api.create(copy.deepcopy(each)))

    def host(self, stated: Object) -> str | None:
        live = self.api.live(stated) or {}
        served = ((live.get("status") or {}).get("loadBalancer") or {}).get("ingress")
        return served[0]["hostname"] if served else None

    def never_served(self, *ingresses: Object, because: str) -> None:
        self.eventually(lambda: any(because in text for text in self.api.warnings()))
        time.sleep(0.7)  # two passes of the controller
        assert [self.host(each) for each in ingresses] == [None] * len(ingresses)

    def eventually(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline, list(self.api.warnings())
            time.sleep(0.1)

    def gone(self, stated: Object) -> bool:
        return self.api.live(stated) is None

    def clean(self) -> None:
        for each in reversed(self.made):
            self.api.delete(each)
            self.eventually(partial(self.gone, each))


@pytest.fixture(scope="module")
def space(platform: Platform) -> Iterator[Edge]:
    made = Edge(platform.api)
    made.make({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}})
    yield made
    made.clean()


@pytest.fixture
def edge(space: Edge) -> Iterator[Edge]:
    made = Edge(space.api)
    yield made
    made.clean()


def test_an_ingress_with_listener_certificate_and_class_is_served(edge: Edge) -> None:
    edge.make(service(), alb_config(SECURE), ingress_class(), ingress())
    edge.eventually(lambda: edge.host(ingress()) == "alb-edge.cn-hangzhou.alb.aliyuncs.com")
    config = edge.api.live(alb_config())
    assert config is not None
    assert config["metadata"]["finalizers"] == [FINALIZER]
    assert config["status"]["loadBalancer"]["listeners"] == [
        {"portAndProtocol": "443/HTTPS", "certificates": [{"certificateId": KNOWN}]}
    ]


@pytest.mark.parametrize(
    ("listener", "faulty", "because"),
    [
        (SECURE, ingress(ports='[{"HTTPS": 8443}]'), "listener is not exist in alb: 8443 HTTPS"),
        (HTTPS, ingress(), "no certificate for host app.example.com"),
        ({**HTTPS, "certificates": [{"CertificateId": "999"}]}, ingress(), "certificate 999 is not found"),
        (SECURE, ingress(tls={"secretName": "gone"}), "TLS secret gone of edge/app is not found"),
    ],
    ids=["listener", "discovery", "id", "secret"],
)
def test_one_fault_keeps_the_whole_alb_config_from_being_served(
    edge: Edge, listener: Object, faulty: Object, because: str
) -> None:
    plain = ingress("plain", ports='[{"HTTP": 80}]')
    edge.make(service(), alb_config({"port": 80, "protocol": "HTTP"}, listener), ingress_class(), faulty, plain)
    edge.never_served(faulty, plain, because=because)


def test_an_ingress_of_a_class_that_does_not_exist_is_not_served(edge: Edge) -> None:
    edge.make(service(), alb_config(SECURE), ingress())
    edge.never_served(ingress(), because="ingress class 'edge' is not found")


def test_a_class_of_another_controller_is_left_alone(edge: Edge) -> None:
    edge.make(service(), alb_config(SECURE), ingress_class("ingress.k8s.alibabacloud.com/alb"), ingress())
    time.sleep(1)
    assert edge.host(ingress()) is None


def test_a_gated_pod_is_ready_only_once_an_ingress_routes_to_it(edge: Edge) -> None:
    edge.eventually(lambda: edge.api.read("v1", "ServiceAccount", "default", SPACE))
    edge.make(service(), alb_config(SECURE), ingress_class(), pod())
    edge.eventually(lambda: condition(edge.api.live(pod()), "ContainersReady") == "True")
    time.sleep(1)
    assert condition(edge.api.live(pod()), "Ready") == "False"
    edge.make(ingress())
    edge.eventually(lambda: condition(edge.api.live(pod()), "Ready") == "True")


def test_an_alb_config_goes_only_after_its_ingresses(edge: Edge) -> None:
    edge.make(service(), alb_config(SECURE), ingress_class(), ingress())
    edge.eventually(lambda: edge.host(ingress()))
    edge.api.delete(alb_config())
    edge.eventually(lambda: any("still used by edge/app" in text for text in edge.api.warnings()))
    assert edge.api.live(alb_config()) is not None
    edge.api.delete(ingress())
    edge.eventually(lambda: edge.api.live(alb_config()) is None)


def test_a_service_that_an_ingress_uses_cannot_be_deleted(edge: Edge, kubeconfig: Path) -> None:
    edge.make(service(), alb_config(SECURE), ingress_class(), ingress())
    with deletion_webhook(edge.api, kubeconfig.parent / "certificates" / "apiserver.crt"):
        edge.eventually(lambda: refused(edge.api, service()))
        edge.api.delete(ingress())
        edge.eventually(lambda: edge.api.live(ingress()) is None)
        edge.api.delete(service())
        edge.eventually(lambda: edge.api.live(service()) is None)


def refused(api: Api, stated: Object) -> bool:
    """Whether a deletion is refused; the API server learns of a new webhook a moment after it was created."""
    try:
        api.delete(stated)
    except ApiException as error:
        return "is still used by ingress app" in str(error.body)
    api.create(stated)
    return False


def condition(live: Object | None, name: str) -> str | None:
    """The status of a pod's condition."""
    conditions = ((live or {}).get("status") or {}).get("conditions") or ()
    return next((each["status"] for each in conditions if each["type"] == name), None)
