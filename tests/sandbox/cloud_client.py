"""A small engine for tests: asks a provider of the sandbox's cloud over gRPC, as the real engine does."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import status_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from sandbox.cloud.account import Account
from sandbox.cloud.cluster import Cluster
from sandbox.cloud.contents import Contents
from sandbox.cloud.faults import Faults
from sandbox.cloud.provider import serve
from sandbox.cloud.wire import decode, encode

Properties = dict[str, Any]
CLUSTER = "cexample0000000000000000000000001"
VPC = "vpc-example0000000000001"
ZONES = [
    {"zoneId": "cn-hangzhou-h", "vswitchId": "vsw-example000000000000h"},
    {"zoneId": "cn-hangzhou-k", "vswitchId": "vsw-example000000000000k"},
]
BALANCER = {
    "addressType": "Internet",
    "addressAllocatedMode": "Fixed",
    "loadBalancerEdition": "Standard",
    "loadBalancerBillingConfig": {"payType": "PayAsYouGo"},
    "vpcId": VPC,
    "zoneMappings": ZONES,
}


class RefusedError(Exception):
    """The provider answered with an error; `reasons` is set where the object exists and is not ready."""

    def __init__(self, error: grpc.RpcError) -> None:
        super().__init__(error.details())
        self.code = error.code()
        self.failed: Any = None
        trailing: Any = error.trailing_metadata()
        for name, value in trailing or ():
            if name == "grpc-status-details-bin":
                (detail,) = status_pb2.Status.FromString(value).details
                self.failed = pb.ErrorResourceInitFailed()
                detail.Unpack(self.failed)


@dataclass
class Provider:
    """One provider, with the resource types shortened to what follows its name."""

    name: str
    stub: ResourceProviderStub

    def configure(self, **inputs: Any) -> None:
        self._call("Configure", pb.ConfigureRequest(args=encode(inputs)))

    def config_diff(self, old: Properties, new: Properties) -> Any:
        return self._call("DiffConfig", pb.DiffRequest(old_inputs=encode(old), news=encode(new)))

    def check(self, kind: str, inputs: Properties, **options: Any) -> tuple[Properties, dict[str, str]]:
        answer = self._call("Check", pb.CheckRequest(**self._resource(kind, inputs), news=encode(inputs), **options))
        return decode(answer.inputs), {failure.property: failure.reason for failure in answer.failures}

    def create(self, kind: str, inputs: Properties, *, preview: bool = False) -> tuple[str, Properties]:
        checked, failures = self.check(kind, inputs)
        assert not failures, failures
        request = pb.CreateRequest(**self._resource(kind, inputs), properties=encode(checked), preview=preview)
        answer = self._call("Create", request)
        return answer.id, decode(answer.properties)

    def update(self, kind: str, identity: str, old: Properties, new: Properties, **options: Any) -> Properties:
        checked, before = self.check(kind, new)[0], self.check(kind, old)[0]
        request = pb.UpdateRequest(
            **self._resource(kind, new), id=identity, news=encode(checked), old_inputs=encode(before), **options
        )
        return decode(self._call("Update", request).properties)

    def delete(self, kind: str, identity: str) -> None:
        self._call("Delete", pb.DeleteRequest(**self._resource(kind, {}), id=identity))

    def read(self, kind: str, identity: str, inputs: Properties | None = None, state: Properties | None = None) -> Any:
        request = pb.ReadRequest(
            **self._resource(kind, {}), id=identity, inputs=encode(inputs or {}), properties=encode(state or {})
        )
        return self._call("Read", request)

    def diff(
        self, kind: str, old: Properties, new: Properties, state: Properties | None = None, ignore: Any = ()
    ) -> Any:
        request = pb.DiffRequest(
            **self._resource(kind, new),
            old_inputs=encode(old),
            news=encode(new),
            olds=encode(old if state is None else state),
            ignoreChanges=list(ignore),
        )
        return self._call("Diff", request)

    def replaces(self, kind: str, old: Properties, new: Properties) -> list[str]:
        return list(self.diff(kind, old, new).replaces)

    def invoke(self, function: str, **arguments: Any) -> Properties:
        token = f"{self.name}:{function}:{function.rpartition('/')[2]}"
        answer = self._call("Invoke", pb.InvokeRequest(tok=token, args=encode(arguments)))
        return decode(getattr(answer, "return"))

    def cancel(self) -> None:
        self._call("Cancel", empty_pb2.Empty())

    def _resource(self, kind: str, inputs: Properties) -> dict[str, Any]:
        metadata = inputs.get("metadata")
        name = (metadata.get("name") if isinstance(metadata, dict) else None) or "it"
        token = f"{self.name}:{kind}"
        return {"type": token, "name": name, "urn": f"urn:pulumi:uat::ack-platform::{token}::{name}"}

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self.stub, method)(request, timeout=20)
        except grpc.RpcError as error:
            raise RefusedError(error) from None


@dataclass
class Cloud:
    """A running cloud: its two providers and its contents."""

    kubernetes: Provider
    alicloud: Provider
    contents: Contents
    path: Path

    def create(self, kind: str, inputs: Properties) -> tuple[str, Properties]:
        """Create a Kubernetes object from its kind's API version and kind: ``apps/v1:Deployment``."""
        version, _, name = kind.partition(":")
        stated = {"apiVersion": version.removeprefix("core/"), "kind": name, **inputs}
        return self.kubernetes.create(kind, stated)


@contextmanager
def attached(port: int, name: str) -> Iterator[Provider]:
    """Attach to a provider that listens on a port of this machine."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Provider(name, ResourceProviderStub(channel))


@contextmanager
def served(path: Path, faults: Path | None = None) -> Iterator[Cloud]:
    """Serve a contents file for as long as the context lasts."""
    contents = Contents(path)
    rules = Faults(faults)
    kubernetes, kubernetes_port = serve(Cluster(contents), rules)
    alicloud, alicloud_port = serve(Account(contents), rules)
    try:
        with attached(kubernetes_port, "kubernetes") as first, attached(alicloud_port, "alicloud") as second:
            yield Cloud(first, second, contents, path)
    finally:
        for stopped in (kubernetes.stop(None), alicloud.stop(None)):
            stopped.wait()
        contents.close()


def deployment(name: str = "gateway", namespace: str = "prod", **changes: Any) -> Properties:
    """Return a Deployment's inputs; ``pod`` and ``container`` are laid over the pod's and the container's."""
    labels = {"app.kubernetes.io/name": name}
    container = {"name": "app", "image": "registry/app:1", **changes.pop("container", {})}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container], **changes.pop("pod", {})}},
            **changes,
        },
    }


def ingress(service: str = "gateway", namespace: str = "prod", **changes: Any) -> Properties:
    """Return the inputs of an Ingress of class ``alb``."""
    backend = {"service": {"name": service, "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "metadata": {"name": service, "namespace": namespace, "annotations": changes.pop("annotations", {})},
        "spec": {
            "ingressClassName": "alb",
            "rules": [{"host": "example.com", "http": {"paths": [path]}}],
            **changes,
        },
    }


def service(name: str = "gateway", namespace: str = "prod", **changes: Any) -> Properties:
    """Return a Service's inputs."""
    return {"metadata": {"name": name, "namespace": namespace}, "spec": {"ports": [{"port": 80}], **changes}}
