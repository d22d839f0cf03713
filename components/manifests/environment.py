"""All objects of an environment's namespace that belong to no single service."""

from components.manifests.metadata import Opaque
from components.manifests.namespace import namespace
from components.manifests.network_policy import network_policies
from components.manifests.pull_secret import nacos_secret, pull_secret
from components.manifests.quota import limit_range, resource_quota
from components.manifests.spring_service import Place
from config import StackSettings
from config.environment import OwnedLimitRange, OwnedPullSecret, OwnedQuota


def environment(
    settings: StackSettings, place: Place, *, given_namespace: Opaque, docker_config: Opaque, nacos_password: Opaque
) -> dict[str, Opaque]:
    """Build what this stack owns of the environment and place each object under its role.

    Args:
        settings: the stack's settings.
        place: registers or collects an object, and returns its name.
        given_namespace: the name of a namespace that this stack does not own, else None.
        docker_config: base64 of the pull Secret's content; not used where that Secret is given or left out.
        nacos_password: base64 of the Nacos password; not used where Nacos wants none.

    Returns:
        The names of the placed objects by role; ``namespace`` is always among them.
    """
    stated = settings.environment
    inside = given_namespace if given_namespace is not None else place("namespace", namespace(settings))
    names = {"namespace": inside}
    if isinstance(stated.quota, OwnedQuota):
        names["quota"] = place("quota", resource_quota(settings, stated.quota, inside))
    if isinstance(stated.limit_range, OwnedLimitRange):
        names["limit-range"] = place("limit-range", limit_range(settings, stated.limit_range, inside))
    if isinstance(stated.pull_secret, OwnedPullSecret):
        names["pull-secret"] = place("pull-secret", pull_secret(settings, docker_config, inside))
    if settings.nacos is not None and settings.nacos.auth is not None:
        login = nacos_secret(settings, settings.nacos.auth.username, nacos_password, inside)
        names["nacos-secret"] = place("nacos-secret", login)
    if stated.network_policies is not None:
        for role, policy in network_policies(settings, stated.network_policies, inside).items():
            names[role] = place(role, policy)
    return names
