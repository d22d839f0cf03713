"""Where a service's own log files are."""

from __future__ import annotations

from config import StackSettings
from config.nas import GivenNas, GivenVolume


def log_files(settings: StackSettings, service: str) -> str:
    """Where the files that a service writes are: in its pods, and on the NAS, as far as the stack knows it."""
    sub_path = settings.sub_path(service)
    if sub_path is None:
        return f"{service} mounts no NAS: it has no log files that last"
    inside = f"{settings.data_dir(service)} (DATA_DIR) in the pods"
    if isinstance(settings.nas.volume, GivenVolume):
        return f"{inside}; {sub_path} of the volume that the claim {settings.claim} is bound to"
    system = settings.nas.file_system
    server = system.mount_target if isinstance(system, GivenNas) else "the stack's own file system"
    return f"{inside}; on the NAS {server}:{(settings.nas_path or '').rstrip('/')}/{sub_path}"
