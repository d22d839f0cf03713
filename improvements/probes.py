"""Startup, readiness and liveness probes as the program makes them."""

from __future__ import annotations

from components.manifests.metadata import Manifest
from improvements.edit import Edit
from improvements.improvement import Item
from improvements.subject import Subject

_PERIOD_SECONDS, _FAILURES = 10, 3
"""What the API server fills in."""
_LONGEST_START_SECONDS = 1800
_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


def _edit(subject: Subject) -> Edit:
    fields = [subject.of_container(each) for each in _PROBES]
    if not any(field[: len(claim)] == claim for field in subject.patched for claim in fields):
        return Edit()
    container = subject.container
    budget = max(_budget(container.get("startupProbe")), _budget(container.get("livenessProbe")))
    longer = min(max(budget, subject.service.probes.startup_seconds), _LONGEST_START_SECONDS)
    return Edit({("probes", "startupSeconds"): longer}, fields)


def _budget(probe: Manifest | None) -> int:
    """The seconds from a container's start that a probe leaves it before the kubelet restarts it."""
    if not probe:
        return 0
    tries = int(probe.get("failureThreshold", _FAILURES)) * int(probe.get("periodSeconds", _PERIOD_SECONDS))
    return int(probe.get("initialDelaySeconds", 0)) + tries


PROBES = Item(
    "probes",
    "without a startup probe, or with delays in its place, a slow start is restarted for ever, or a quick one waits"
    " in vain; an impatient liveness probe restarts pods that are only busy",
    "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
    _edit,
)
