"""NasVolume: what pods mount at DATA_DIR.

Owns: a static PersistentVolume and the PersistentVolumeClaim bound to it; or takes a given claim.
Leaves alone: the directories below the sub-paths. Volume and claim are protected, and stay if they leave the stack.
"""

from dataclasses import dataclass

import pulumi

from components import given
from components.kubernetes import object_name, register
from components.manifests.volume import claim, persistent_volume
from config import StackSettings
from config.nas import OwnedVolume


@dataclass(frozen=True, kw_only=True)
class NasVolumeArgs:
    """What a NasVolume needs."""

    settings: StackSettings
    """The stack's settings."""
    server: pulumi.Input[str | None]
    """The domain name of the file system's mount target; not used where the claim is given."""
    namespace: pulumi.Input[str]
    """The environment's namespace."""


class NasVolume(pulumi.ComponentResource):
    """A volume on NAS and its claim."""

    claim: pulumi.Output[str]
    """The PersistentVolumeClaim's name; it exists once the claim is bound."""

    def __init__(self, name: str, args: NasVolumeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("ack-platform:index:NasVolume", name, None, opts)
        settings, stated = args.settings, args.settings.nas.volume
        if isinstance(stated, OwnedVolume):

            def kept(resource: str) -> pulumi.ResourceOptions:
                return pulumi.ResourceOptions(parent=self, protect=settings.protects(resource), retain_on_delete=True)

            described = persistent_volume(settings, stated, args.server, args.namespace)
            volume = register(f"{name}-volume", described, kept(f"{name}-volume"))
            bound = claim(settings, stated, object_name(volume), args.namespace)
            self.claim = object_name(register(f"{name}-claim", bound, kept(f"{name}-claim")))
        else:
            self.claim = given.claim(f"{name}-claim", stated.claim, args.namespace, self)
        self.register_outputs({"claim": self.claim})
