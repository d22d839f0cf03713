"""Helm, built once into the tool cache from the Go module that `helm/go.mod` and `helm/go.sum` pin."""

from pathlib import Path

from sandbox.go_tools import GoTools, programs
from sandbox.progress import Lines

CHART = Path(__file__).with_name("chart")
_HELM = GoTools("helm", Path(__file__).with_name("helm"), ("helm.sh/helm/v3/cmd/helm",))


def helm_program() -> Path:
    """The program, got from the tool cache or built.

    Raises:
        WayFailedError: there is no Go, or the build failed.
    """
    return programs(_HELM, Lines()) / "helm"
