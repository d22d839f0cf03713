"""Where a service's own log files are."""

from __future__ import annotations

from config import StackSettings
from config.nas import GivenNas, GivenVolume


def log_files(settings: StackSettings, service: str) -> str:
    """Where the files that a service writes are: in its pods, and on the NAS, as far as the stack knows it."""
    if settings.sub_path(service) is None:
        return f"{service} mounts no NAS: it has no log files that last"
    return f"{settings.data_dir(service)} (DATA_DIR) in the pods; {on_the_nas(settings, service)}"


def on_the_nas(settings: StackSettings, service: str, below: str = "") -> str:
    """Where a file of a service's directory is outside of its pods, as far as the stack knows it.

    Args:
        settings: the stack's settings.
        service: a service that mounts the NAS.
        below: the file's path below DATA_DIR; left out: the directory.
    """
    place = "/".join(part for part in (settings.sub_path(service), below) if part)
    if isinstance(settings.nas.volume, GivenVolume):
        return f"{place} of the volume that the claim {settings.claim} is bound to"
    system = settings.nas.file_system
    server = system.mount_target if isinstance(system, GivenNas) else "the stack's own file system"
    return f"on the NAS {server}:{(settings.nas_path or '').rstrip('/')}/{place}"
