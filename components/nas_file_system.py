"""NasFileSystem: the NAS file system behind DATA_DIR, and the address at which the cluster mounts it.

Owns: file system, access group, access rules and mount target; or takes a given file system and mount target.
Leaves alone: the data. File system, access group and mount target are protected, and stay even if they leave the stack.
Access rules are neither: a rule that is taken out of the settings is revoked.
"""

from dataclasses import dataclass

import pulumi
import pulumi_alicloud as alicloud

from components import given
from components.cloud import arguments
from components.manifests.cloud import NAS_TYPE, access_group, access_rule, access_rules, file_system
from config import StackSettings
from config.nas import GivenNas, OwnedNas

_HYPHENS = str.maketrans("./:", "---")
"""For a network in a logical name: ``10.1.0.0/20`` becomes ``10-1-0-0-20``."""


@dataclass(frozen=True, kw_only=True)
class NasFileSystemArgs:
    """What a NasFileSystem needs."""

    settings: StackSettings
    """The stack's settings."""


class NasFileSystem(pulumi.ComponentResource):
    """A general-purpose NAS file system with a mount target in the cluster's VPC."""

    file_system_id: pulumi.Output[str | None]
    """The file system's id; None where the claim is given."""
    mount_target: pulumi.Output[str | None]
    """The mount target's domain name; None where the claim is given. It exists once clients may mount."""

    def __init__(self, name: str, args: NasFileSystemArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ack-platform:index:NasFileSystem", name, None, opts)
        stated = args.settings.nas.file_system
        if isinstance(stated, OwnedNas):
            self.file_system_id, self.mount_target = self._create(name, args.settings, stated)
        elif isinstance(stated, GivenNas):
            self.file_system_id, self.mount_target = given.file_system(args.settings, stated, self)
        else:
            self.file_system_id = self.mount_target = pulumi.Output.from_input(None)
        self.register_outputs({"file_system_id": self.file_system_id, "mount_target": self.mount_target})

    def _create(
        self, name: str, settings: StackSettings, stated: OwnedNas
    ) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        def kept(resource: str) -> pulumi.ResourceOptions:
            return pulumi.ResourceOptions(parent=self, protect=settings.protects(resource), retain_on_delete=True)

        system = alicloud.nas.FileSystem(
            f"{name}-file-system", **arguments(file_system(settings, stated)), opts=kept(f"{name}-file-system")
        )
        group = alicloud.nas.AccessGroup(
            f"{name}-access-group",
            access_group_name=access_group(settings),
            access_group_type="Vpc",
            file_system_type=NAS_TYPE,
            opts=kept(f"{name}-access-group"),
        )
        rules = [
            alicloud.nas.AccessRule(
                f"{name}-access-rule-{rule.source.translate(_HYPHENS)}",
                **arguments(access_rule(rule, group.access_group_name)),
                opts=pulumi.ResourceOptions(parent=self),
            )
            for rule in access_rules(settings, stated)
        ]
        target = alicloud.nas.MountTarget(
            f"{name}-mount-target",
            file_system_id=system.id,
            access_group_name=group.access_group_name,
            vpc_id=settings.cluster.vpc,
            vswitch_id=stated.v_switch,
            opts=pulumi.ResourceOptions.merge(
                kept(f"{name}-mount-target"),
                # A client that mounts before its access rule is there is turned away.
                pulumi.ResourceOptions(depends_on=rules),
            ),
        )
        return system.id, target.mount_target_domain
