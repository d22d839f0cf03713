"""The EIP controller of ack-extend-network-controller, imitated: a public address for each pod that asks for one.

Imitated, after https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/associate-an-eip-with-a-pod-1:
a running pod with `k8s.aliyun.com/pod-with-eip: "true"` gets a PodEIP of its own name with a finalizer, an address in
the annotation `k8s.aliyun.com/allocated-eipAddress`, and its gate `k8s.aliyun.com/eip` opened. With the release
strategy `Follow` (the default, and the only one for Deployments) the address goes with the pod.
Not imitated: bandwidth, shared bandwidth, given addresses, tags, the cloud's limits.
"""

from __future__ import annotations

from ipaddress import ip_address

from tests.cluster.api import MERGE, Api, Object, name_of
from tests.cluster.controllers.controller import Controller, met

ASKED = "k8s.aliyun.com/pod-with-eip"
ALLOCATED = "k8s.aliyun.com/allocated-eipAddress"
GATE = "k8s.aliyun.com/eip"
FINALIZER = "podeip-controller.alibabacloud.com/finalizer"

_VERSION = "alibabacloud.com/v1beta1"
_FIRST_ADDRESS = ip_address("203.0.113.1")  # reserved for documentation, RFC 5737


class EipController(Controller):
    """The controller.

    Args:
        api: The cluster.
    """

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self._allocated = 0

    def reconcile(self) -> None:
        """One pass: addresses for new pods, released addresses for those that are gone."""
        pods = {name_of(each): each for each in self.api.objects("v1", "Pod")}
        eips = {name_of(each): each for each in self.api.objects(_VERSION, "PodEIP")}
        for name, pod in pods.items():
            asks = (pod["metadata"].get("annotations") or {}).get(ASKED) == "true"
            if asks and "deletionTimestamp" not in pod["metadata"] and met(pod, "ContainersReady"):
                self._associate(pod, eips.get(name) or self._allocate(pod))
        for name, eip in eips.items():
            if name not in pods:
                self._release(eip)

    def _allocate(self, pod: Object) -> Object:
        name, namespace = name_of(pod)
        address = str(_FIRST_ADDRESS + self._allocated)
        self._allocated += 1
        created = self.api.create(
            {
                "apiVersion": _VERSION,
                "kind": "PodEIP",
                "metadata": {"name": name, "namespace": namespace, "finalizers": [FINALIZER]},
                "spec": {
                    "allocationID": f"eip-example{self._allocated:08}",
                    "allocationType": {"type": "Auto", "releaseStrategy": "Follow"},
                },
            }
        )
        status = {"eipAddress": address, "status": "InUse", "privateIPAddress": pod["status"]["podIP"]}
        return self.api.patch(created, {"status": status}, part="status")

    def _associate(self, pod: Object, eip: Object) -> None:
        address = eip["status"]["eipAddress"]
        if pod["metadata"]["annotations"].get(ALLOCATED) != address:
            self.api.patch(pod, {"metadata": {"annotations": {ALLOCATED: address}}}, form=MERGE)
        self.open_gate(pod, GATE)

    def _release(self, eip: Object) -> None:
        self.api.delete(eip)
        self.api.patch(eip, {"metadata": {"finalizers": None}}, form=MERGE)
