"""Build the Pulumi engine from its Go module, which `go.mod` and `go.sum` beside this file pin."""

from __future__ import annotations

from pathlib import Path

from sandbox.engine import VERSION
from sandbox.go_tools import GoTools
from sandbox.go_tools import build as build_tools
from sandbox.progress import Progress

ENGINE = GoTools(
    name="Pulumi engine",
    module=Path(__file__).parent,
    packages=("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",),
    # The version is set at link time. Without it the engine reports none, and the Automation API refuses it.
    ldflags=f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{VERSION}",
    first_time="4 minutes",
)


def build(program: Path, progress: Progress) -> None:
    """Build the engine; minutes on the first run, seconds when Go's own caches are warm.

    Args:
        program: The file to write.
        progress: Told every moment how long it has taken and what is being fetched or compiled.

    Raises:
        WayFailedError: No Go, a failed or silent build.
    """
    build_tools(ENGINE, str(program), program.parent, progress)
