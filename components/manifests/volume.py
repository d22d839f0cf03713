"""The NAS volume: a static PersistentVolume (存储卷) and the PersistentVolumeClaim (存储声明) bound to it."""

from components.manifests.metadata import Manifest, Opaque, environment_labels, metadata
from config import StackSettings
from config.nas import OwnedVolume

DRIVER = "nasplugin.csi.alibabacloud.com"


def persistent_volume(settings: StackSettings, volume: OwnedVolume, server: Opaque, namespace: Opaque) -> Manifest:
    """The PersistentVolume; it carries the environment's name, for it belongs to the whole cluster.

    Args:
        settings: the stack's settings.
        volume: what the stack file says about the volume.
        server: the mount target's domain name, without path.
        namespace: the claim's namespace; the volume is reserved for this claim.

    Source: https://github.com/kubernetes-sigs/alibaba-cloud-csi-driver/blob/master/docs/nas.md
    """
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": metadata(settings.claim, environment_labels(settings)),
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "capacity": {"storage": volume.capacity},
            "claimRef": {"namespace": namespace, "name": settings.claim},
            "csi": {
                "driver": DRIVER,
                # Two volumes with one handle in one pod never finish mounting, so the handle is the volume's own name.
                "volumeHandle": settings.claim,
                "volumeAttributes": {"server": server, "path": settings.nas_path, **_root_mode(volume)},
            },
            # The driver ignores `vers` among the attributes once there are mount options.
            "mountOptions": [*volume.mount_options, f"vers={volume.version}"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
        },
    }


def _root_mode(volume: OwnedVolume) -> Manifest:
    if volume.root_mode is None:
        return {}
    # Set on the root alone: recursively, every mount would walk through all files.
    return {"mode": volume.root_mode, "modeType": "non-recursive"}


def claim(settings: StackSettings, volume: OwnedVolume, volume_name: Opaque, namespace: Opaque) -> Manifest:
    """The PersistentVolumeClaim, bound to its volume by name."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata(settings.claim, environment_labels(settings), namespace=namespace),
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": volume.capacity}},
            "storageClassName": "",
            "volumeName": volume_name,
        },
    }
