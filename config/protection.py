"""What the engine refuses to replace or delete, and how a stack allows it once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.alb import AlbByIngressClass, OwnedAlb
from config.environment import GivenLimits, OwnedPullSecret
from config.model import Model
from config.nas import OwnedNas, OwnedVolume
from config.scalars import Day, PlainText, Reason

if TYPE_CHECKING:
    from config.stack import Sections


class AllowedReplacement(Model):
    """One protected resource that may be replaced or deleted, until a day."""

    resource: PlainText
    """The resource's name in the program, as a preview shows it, for example ``nas-volume-claim``."""
    reason: Reason
    """Why it may go; a reviewer reads it."""
    until: Day
    """The last day on which it may go; after it the stack file is refused until the entry is taken out."""


def protected_resources(sections: Sections) -> tuple[str, ...]:
    """The names of the resources of a stack that the engine protects, allowed or not, in the program's order.

    Args:
        sections: with valid addons, alb, nas and environment.
    """
    addons, alb, nas, environment = sections.addons, sections.alb, sections.nas, sections.environment
    extend_network = addons.extend_network_controller
    owned = {
        # Another cluster is another provider, and with it every Kubernetes object is another.
        "kubernetes": True,
        "alb-ingress-controller-addon": addons.alb_ingress_controller.ownership == "owned",
        "extend-network-controller-release": extend_network is not None and extend_network.ownership == "owned",
        "alb-load-balancer": isinstance(alb, OwnedAlb),
        "alb-alb-config": not isinstance(alb, AlbByIngressClass),
        "alb-ingress-class": not isinstance(alb, AlbByIngressClass),
        "nas-file-system": isinstance(nas.file_system, OwnedNas),
        "nas-access-group": isinstance(nas.file_system, OwnedNas),
        "nas-mount-target": isinstance(nas.file_system, OwnedNas),
        "environment-namespace": environment.namespace.ownership == "owned",
        "environment-quota": environment.quota is not None and not isinstance(environment.quota, GivenLimits),
        "environment-pull-secret": isinstance(environment.pull_secret, OwnedPullSecret),
        "nas-volume-volume": isinstance(nas.volume, OwnedVolume),
        "nas-volume-claim": isinstance(nas.volume, OwnedVolume),
    }
    return tuple(name for name, is_owned in owned.items() if is_owned)
