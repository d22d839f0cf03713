"""The listeners that are live in an AlbConfig and that the stack no longer declares: they go only on purpose."""

from collections.abc import Mapping
from typing import Any

import pulumi

from config import StackSettings
from config.alb import AlbById, OwnedAlb
from config.errors import Problem
from config.stack import PROJECT


def listeners_stay(name: str, settings: StackSettings, stated: OwnedAlb | AlbById) -> pulumi.ResourceHook:
    """Refuse an update of the AlbConfig that takes a listener away which no setting lets go.

    The list is replaced as a whole, so a listener that somebody added to the live AlbConfig would go without a word.
    The live object is the one that the engine knows: as the last run left it, or as ``--refresh`` has just read it.

    Args:
        name: the hook's name.
        settings: the stack's settings.
        stated: its ALB.
    """

    def check(args: pulumi.ResourceHookArgs) -> None:
        for key in _keys(args.old_outputs) + _keys(args.old_inputs):
            if key not in settings.listeners and key not in stated.allow_listener_removal:
                rule = f"must have the listener {key}, which is live in the AlbConfig {settings.ingress_class}"
                mend = f'declare it, or let it go: alb.allowListenerRemoval: ["{key}"]'
                problem = Problem(f"{PROJECT}:alb.listeners", rule, mend, file=f"Pulumi.{settings.stack}.yaml")
                raise pulumi.RunError(f"A listener would go that is in use perhaps.\n\n{problem}")

    return pulumi.ResourceHook(name, check, opts=pulumi.ResourceHookOptions(on_dry_run=True))


def _keys(properties: Mapping[str, Any] | None) -> list[str]:
    listeners = ((properties or {}).get("spec") or {}).get("listeners") or ()
    return [f"{each.get('protocol')}/{int(each['port'])}" for each in listeners if each.get("port")]
