"""What the add-ons (组件) are configured with."""

import json

from components.manifests.metadata import Manifest
from config import StackSettings

ALB_INGRESS_CONTROLLER = "alb-ingress-controller"
EXTEND_NETWORK_CONTROLLER = "ack-extend-network-controller"
POD_EIP_DEFINITION = "podeips.alibabacloud.com"
"""The resource definition that ack-extend-network-controller brings."""


def alb_ingress_controller_config() -> str:
    """The add-on's configuration: it makes no AlbConfig of its own, which would take the name of ours.

    Compact and sorted, as the provider reads it back: any other spelling would be a change at every run.
    Source: https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/manage-the-alb-ingress-controller
    """
    return json.dumps({"albIngress": {"CreateDefaultALBConfig": False}}, sort_keys=True, separators=(",", ":"))


def extend_network_controller_values(settings: StackSettings) -> Manifest:
    """The chart's values: the EIP controller, in the cluster's VPC.

    The chart's documentation spells the VPC's key in two ways, so both are given.
    Source: https://www.alibabacloud.com/help/en/ack/product-overview/ack-extend-network-controller
    """
    cluster = settings.cluster
    return {
        "clusterID": cluster.id,
        "regionID": cluster.region,
        "vpcID": cluster.vpc,
        "enableControllers": ["eip"],
        "networkController": {"vpcid": cluster.vpc},
    }
