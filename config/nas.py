"""The NAS file system that holds DATA_DIR, and the volume that pods mount."""

from typing import Annotated, Literal

from pydantic import Field

from config.model import Model
from config.scalars import (
    Cidr,
    FileMode,
    FileSystemId,
    LiveName,
    MountTargetDomain,
    NasPath,
    ObjectName,
    PlainText,
    StorageQuantity,
    VSwitchId,
)


class AccessRule(Model):
    """Who may mount the file system."""

    source: Cidr
    """The clients' network: a vSwitch of nodes or pods."""
    access: Literal["RDWR", "RDONLY"] = "RDWR"
    """Read and write, or read only."""
    squash: Literal["no_squash", "root_squash", "all_squash"] = "no_squash"
    """Whose identity reaches the files; the CSI driver creates directories as root, so root must not be squashed."""
    priority: Annotated[int, Field(ge=1, le=100)] = 1
    """1 is the highest."""


class OwnedNas(Model):
    """A general-purpose NAS file system that this stack creates, protects and never deletes."""

    ownership: Literal["owned"]
    storage_type: Literal["Capacity", "Performance", "Premium"]
    """Capacity, Performance or Premium of a general-purpose file system."""
    encryption: Literal["none", "nas-managed"] = "nas-managed"
    """Encryption at rest with a key of NAS, or none. Cannot be changed later."""
    v_switch: VSwitchId
    """The vSwitch of the mount target."""
    access_rules: tuple[AccessRule, ...] = ()
    """Who may mount; empty: each of the cluster's vSwitches, read and write."""


class GivenNas(Model):
    """An existing file system; checked at preview, never changed."""

    ownership: Literal["given"]
    id: FileSystemId
    """The file system's id."""
    mount_target: MountTargetDomain
    """The domain name of its mount target in the cluster's VPC."""


class OwnedVolume(Model):
    """A static PersistentVolume and the PersistentVolumeClaim bound to it by name; both protected."""

    ownership: Literal["owned"]
    name: ObjectName | None = None
    """The claim's and the volume's name; unset: ``{environment}-nas``."""
    capacity: StorageQuantity
    """What the claim asks for. NAS does not enforce it, and it cannot be changed later."""
    path: NasPath | None = None
    """The directory of the file system that becomes the volume's root, made by the CSI driver if it is missing; unset:
    ``/{environment}``."""
    version: Literal["3", "4.0"] = "3"
    """The NFS version."""
    mount_options: tuple[PlainText, ...] = (
        "nolock,tcp,noresvport",
        "rsize=1048576,wsize=1048576,hard,timeo=600,retrans=2",
    )
    """NFS options beside ``vers``; a list of one's own replaces all defaults, so keep ``noresvport``: it reconnects."""
    root_mode: FileMode | None = "0777"
    """The mode of the volume's root directory, set by the CSI driver at mount. kubelet gives it to every directory that
    it creates for a ``subPath``, so services that do not run as root can write there. null: as it is; where ``path`` is
    ``/`` it must be null, for the driver sets no mode of a file system's own root."""


class GivenVolume(Model):
    """An existing claim; checked at preview, never changed."""

    ownership: Literal["given"]
    claim: LiveName
    """The PersistentVolumeClaim's name in the environment's namespace."""


class Nas(Model):
    """NAS file system and volume (存储卷, 存储声明)."""

    file_system: Annotated[OwnedNas | GivenNas, Field(discriminator="ownership")] | None = None
    """The file system; left out where the claim is given."""
    volume: Annotated[OwnedVolume | GivenVolume, Field(discriminator="ownership")]
    """What pods mount."""
