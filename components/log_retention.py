"""LogRetention: removal of old logs, GC logs and heap dumps from the NAS.

Owns: CronJob, ServiceAccount, Role, RoleBinding, the script's ConfigMap, a NetworkPolicy where there are some.
Leaves alone: configuration files, files of live pods, dumps before their time, and everything it has no pattern for.
"""

from dataclasses import dataclass

import pulumi

from components.kubernetes import object_name, register
from components.manifests.log_retention import log_retention
from components.manifests.metadata import Manifest
from config import StackSettings


@dataclass(frozen=True, kw_only=True)
class LogRetentionArgs:
    """What a LogRetention needs."""

    settings: StackSettings
    """The stack's settings; without ``logRetention`` in them nothing is created."""
    namespace: pulumi.Input[str]
    """The environment's namespace."""
    claim: pulumi.Input[str]
    """The PersistentVolumeClaim that services mount."""
    pull_secret: pulumi.Input[str] | None = None
    """The image pull Secret."""


class LogRetention(pulumi.ComponentResource):
    """A CronJob (定时任务) that is shipped suspended and dry-run."""

    def __init__(self, name: str, args: LogRetentionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ack-platform:index:LogRetention", name, None, opts)

        def place(role: str, manifest: Manifest) -> pulumi.Output[str]:
            return object_name(register(f"{name}-{role}", manifest, pulumi.ResourceOptions(parent=self)))

        log_retention(args.settings, place, namespace=args.namespace, claim=args.claim, pull_secret=args.pull_secret)
        self.register_outputs({})
