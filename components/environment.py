"""Environment: one environment's namespace and what holds in it.

Owns: Namespace with Pod Security labels, ResourceQuota, LimitRange, image pull Secret, Nacos credentials,
NetworkPolicies; each of the first four can be given instead.
Leaves alone: what is given, and the namespace's ``default`` ServiceAccount: pods of this program have their own.
"""

from dataclasses import dataclass

import pulumi

from components import given
from components.kubernetes import object_name, register
from components.manifests.environment import environment
from components.manifests.metadata import Manifest
from components.manifests.pull_secret import docker_config, encoded
from config import StackSettings
from config.engine import Secrets
from config.environment import GivenLimits

_PROTECTED = ("namespace", "quota", "pull-secret")


@dataclass(frozen=True, kw_only=True)
class EnvironmentArgs:
    """What an Environment needs."""

    settings: StackSettings
    """The stack's settings."""
    secrets: Secrets
    """The stack's secrets."""


class Environment(pulumi.ComponentResource):
    """An environment of the cluster; its Namespace, ResourceQuota and pull Secret are protected."""

    namespace: pulumi.Output[str]
    """The namespace's name."""
    pull_secret: pulumi.Output[str] | None
    """The image pull Secret's name; None where pods need none."""
    nacos_secret: pulumi.Output[str] | None
    """The name of the Secret with the Nacos credentials; None where Nacos wants none."""

    def __init__(self, name: str, args: EnvironmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ack-platform:index:Environment", name, None, opts)
        settings, secrets, stated = args.settings, args.secrets, args.settings.environment

        def place(role: str, manifest: Manifest) -> pulumi.Output[str]:
            protect = settings.protects(f"{name}-{role}") if role in _PROTECTED else None
            options = pulumi.ResourceOptions(parent=self, protect=protect)
            return object_name(register(f"{name}-{role}", manifest, options))

        owned = stated.namespace.ownership == "owned"
        names = environment(
            settings,
            place,
            given_namespace=None if owned else given.namespace(f"{name}-namespace", settings, self),
            docker_config=secrets.registry_password and _docker_config(settings, secrets.registry_password),
            nacos_password=secrets.nacos_password and secrets.nacos_password.apply(encoded),
        )
        self.namespace = names["namespace"]
        self.nacos_secret = names.get("nacos-secret")
        self.pull_secret = names.get("pull-secret")
        if isinstance(stated.pull_secret, GivenLimits):
            self.pull_secret = given.pull_secret(f"{name}-pull-secret", stated.pull_secret.name, self.namespace, self)
        if isinstance(stated.quota, GivenLimits):
            given.resource_quota(f"{name}-quota", stated.quota.name, self.namespace, self)
        if isinstance(stated.limit_range, GivenLimits):
            given.limit_range(f"{name}-limit-range", stated.limit_range.name, self.namespace, self)
        self.register_outputs(
            {"namespace": self.namespace, "pull_secret": self.pull_secret, "nacos_secret": self.nacos_secret}
        )


def _docker_config(settings: StackSettings, password: pulumi.Output[str]) -> pulumi.Output[str]:
    server, username = settings.registry.server, settings.registry.username or ""
    return password.apply(lambda plain: encoded(docker_config(server, username, plain)))
