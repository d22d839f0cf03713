"""Who writes into objects as their controller does: what it owns stays its own."""

from __future__ import annotations

from adopt.snapshot import Object

CONTROLLERS = {
    "kube-controller-manager": "revision, replicas and status of Kubernetes' own controllers",
    "kube-scheduler": "the node of a pod",
    "kubelet": "the status of a pod",
    "cloud-controller-manager": "load balancers of Services, routes, nodes",
    "alb-ingress-controller": "the address of an Ingress, the status of an AlbConfig",
    "ack-extend-network-controller": "the EIP of a pod",
    "cluster-autoscaler": "nodes",
    "vpa-recommender": "what a pod should ask for",
}
"""Field managers that are controllers, and what they write.

Sources: https://github.com/kubernetes/kubernetes/tree/master/cmd (the name of a program is its field manager where it
states none), https://github.com/alibaba/alibaba-load-balancer-controller,
https://github.com/AliyunContainerService/ack-extend-network-controller,
https://github.com/kubernetes/autoscaler
"""


def is_controllers(entry: Object) -> bool:
    """Whether an entry of ``managedFields`` is a controller's: by its name, or for it is about a subresource."""
    return bool(entry.get("subresource")) or entry.get("manager") in CONTROLLERS
