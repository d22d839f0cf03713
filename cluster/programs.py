"""The programs of the control plane, all from one pinned Go module, built once for a machine."""

from __future__ import annotations

from pathlib import Path

from sandbox.go_tools import GoTools, programs
from sandbox.progress import Progress

VERSION = "1.36.1"
"""The version of Kubernetes; `tools/go.mod` pins the same."""

_MAJOR, _MINOR, _ = VERSION.split(".")
_VERSION_FLAGS = {"gitVersion": f"v{VERSION}", "gitMajor": _MAJOR, "gitMinor": _MINOR}

KUBERNETES = GoTools(
    name="Kubernetes",
    module=Path(__file__).parent / "tools",
    packages=(
        "go.etcd.io/etcd/server/v3",
        "k8s.io/kubernetes/cmd/kube-apiserver",
        "k8s.io/kubernetes/cmd/kube-controller-manager",
        "k8s.io/kubernetes/cmd/kube-scheduler",
        "sigs.k8s.io/kwok/cmd/kwok",
    ),
    # The version is set at link time. Without it the API server says it is 0.0.0, and gates features by that.
    ldflags=" ".join(
        ["-s -w", *(f"-X k8s.io/component-base/version.{key}={_VERSION_FLAGS[key]}" for key in _VERSION_FLAGS)]
    ),
    first_time="5 minutes",
)
"""etcd (its program is called `server`), API server, controller manager, scheduler, and kwok, which plays the nodes."""


def find_programs(progress: Progress) -> Path:
    """The folder with the programs, built first if the tool cache has none.

    Raises:
        WayFailedError: No Go, a failed or silent build.
    """
    return programs(KUBERNETES, progress)
