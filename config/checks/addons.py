"""The cluster's add-ons."""

from collections.abc import Iterator

from config.addons import Chart, OwnedExtendNetworkController
from config.errors import Problem
from config.stack import StackSettings

_LOCATIONS = {"repository": "https://", "oci": "oci://"}
_NEEDS_1_31 = (0, 13)
"""Source: https://www.alibabacloud.com/help/en/ack/product-overview/ack-extend-network-controller (0.13.0)."""


def check(settings: StackSettings) -> Iterator[Problem]:
    """A chart that cannot be found, or that the cluster cannot run."""
    controller = settings.addons.extend_network_controller
    if controller is None:
        return
    path = "addons.extendNetworkController"
    if settings.cluster.network != "terway":
        rule = "must be left out on Flannel: pods get an EIP only with Terway"
        yield Problem(path, rule, "remove it", controller.ownership)
    if isinstance(controller, OwnedExtendNetworkController):
        yield from _chart(f"{path}.chart", controller.chart, settings.cluster.minor)


def _chart(path: str, chart: Chart, minor: int) -> Iterator[Problem]:
    if chart.source == "path":
        if chart.version is not None:
            rule = "must be left out with source path: the directory has its own"
            yield Problem(f"{path}.version", rule, "remove it", chart.version)
        return
    if not chart.location.startswith(_LOCATIONS[chart.source]):
        rule = f"must start with {_LOCATIONS[chart.source]} for source {chart.source}"
        yield Problem(
            f"{path}.location", rule, f"for example {_LOCATIONS[chart.source]}charts.example.com/ack", chart.location
        )
    if chart.version is None:
        rule = "must be set: without it each run may install another version"
        yield Problem(f"{path}.version", rule, "for example 0.12.8")
    elif tuple(map(int, chart.version.removeprefix("v").split(".")[:2])) >= _NEEDS_1_31 and minor < 31:  # noqa: PLR2004 -- see _NEEDS_1_31
        rule = f"must be below 0.13.0 before Kubernetes 1.31; the cluster has 1.{minor}"
        yield Problem(f"{path}.version", rule, "for example 0.12.8", chart.version)
