"""All kinds of improvements, by the risk that they remove: what loses requests first, what only orders things last."""

from __future__ import annotations

from improvements.autoscaler import AUTOSCALER
from improvements.disruption_budget import DISRUPTION_BUDGET
from improvements.drain import DRAIN
from improvements.health_check import HEALTH_CHECK
from improvements.image import IMAGE
from improvements.improvement import Item
from improvements.jvm import JVM
from improvements.labels import LABELS, POD_LABELS
from improvements.options import OPTIONS
from improvements.probes import PROBES
from improvements.readiness_gate import READINESS_GATE
from improvements.registration import REGISTRATION
from improvements.requests import REQUESTS
from improvements.restart_marks import RESTART_MARKS
from improvements.rollout import ROLLOUT
from improvements.security import SECURITY
from improvements.service_account import SERVICE_ACCOUNT
from improvements.service_links import SERVICE_LINKS
from improvements.spread import SPREAD
from improvements.time_zone import TIME_ZONE
from improvements.variables import VARIABLES
from improvements.volumes import VOLUMES

ITEMS: tuple[Item, ...] = (
    IMAGE,
    REGISTRATION,
    DRAIN,
    ROLLOUT,
    PROBES,
    READINESS_GATE,
    DISRUPTION_BUDGET,
    SPREAD,
    JVM,
    REQUESTS,
    HEALTH_CHECK,
    SECURITY,
    SERVICE_ACCOUNT,
    TIME_ZONE,
    AUTOSCALER,
    RESTART_MARKS,
    OPTIONS,
    VARIABLES,
    SERVICE_LINKS,
    VOLUMES,
    LABELS,
    POD_LABELS,
)
"""Each kind of improvement."""
