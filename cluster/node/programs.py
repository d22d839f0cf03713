"""The programs of a real node: what is built from pinned Go modules, and what Debian brings."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from cluster.programs import KUBERNETES, find_programs
from sandbox.go_tools import GoTools, programs
from sandbox.problem import SandboxError
from sandbox.progress import Progress

CONTAINERD_VERSION = "2.2.5"
"""The version of containerd; `containerd/go.mod` pins the same."""

_HERE = Path(__file__).parent

NODE = GoTools(
    name="Kubernetes-node",
    module=KUBERNETES.module,
    packages=("k8s.io/kubernetes/cmd/kubelet", "k8s.io/kubernetes/cmd/kube-proxy"),
    ldflags=KUBERNETES.ldflags,
    first_time="a minute, after the control plane,",
)
"""kubelet and kube-proxy, from the control plane's own sources."""

CONTAINERD = GoTools(
    name="containerd",
    module=_HERE / "containerd",
    packages=tuple(
        f"github.com/containerd/containerd/v2/cmd/{name}" for name in ("containerd", "containerd-shim-runc-v2", "ctr")
    ),
    ldflags=f"-s -w -X github.com/containerd/containerd/v2/version.Version={CONTAINERD_VERSION}",
    first_time="a minute",
)
"""containerd, its shim for runc, and the client that loads images."""

DNS = GoTools("dns", _HERE / "dns", (".",), first_time="a minute")
"""CoreDNS with the plugins of a cluster."""

NAS = GoTools("nas", _HERE / "nas", (".",))
"""A node plugin with the name and habits of ACK's NAS driver, over directories of this machine."""

REGISTRY = GoTools("registry", _HERE / "distribution", (".",), first_time="a minute")
"""A registry over a directory, with one login."""

DEBIAN = {
    "busybox-static": "busybox",
    "containernetworking-plugins": "/usr/lib/cni/ptp",
    "iproute2": "ip",
    "nftables": "nft",
    "runc": "runc",
    "util-linux": "unshare",
}
"""A program of each Debian package that a node needs."""


@dataclass(frozen=True)
class NodePrograms:
    """The folders with the programs.

    Attributes:
        plane: etcd, API server, controller manager, scheduler.
        node: kubelet and kube-proxy.
        containerd: containerd, its shim and client.
        dns: CoreDNS, as `dns`.
        nas: The NAS driver's stand-in, as `nas`.
        registry: The registry, as `registry`.
    """

    plane: Path
    node: Path
    containerd: Path
    dns: Path
    nas: Path
    registry: Path


def node_programs(progress: Progress) -> NodePrograms:
    """The programs, built first if the tool cache has none.

    Raises:
        WayFailedError: No Go, a failed or silent build.
        SandboxError: This is not Linux, or one is not root, or Debian packages are missing.
    """
    if reason := cannot_run():
        raise SandboxError(reason)
    return NodePrograms(
        find_programs(progress),
        programs(NODE, progress),
        programs(CONTAINERD, progress),
        programs(DNS, progress),
        programs(NAS, progress),
        programs(REGISTRY, progress),
    )


def cannot_run() -> str | None:
    """Why a node cannot run here; None if it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "A real node needs Linux and root: kubelet and containerd mount file systems and make control groups."
    missing = sorted(package for package, program in DEBIAN.items() if shutil.which(program) is None)
    return f"A real node needs Debian's packages: apt-get install {' '.join(missing)}" if missing else None
