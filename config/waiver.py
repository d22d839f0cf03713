"""Exceptions from the rules of ``policies``, each for one service and until a day."""

from typing import Literal

from config.model import Model
from config.scalars import Day, PlainText, Reason

RuleId = Literal[
    "alb-access-log",
    "alb-deletion-protection",
    "alb-zones",
    "bounded-job",
    "claim-by-name",
    "default-deny",
    "disruption-budget",
    "drop-capabilities",
    "ephemeral-storage",
    "high-user",
    "image-digest",
    "ingress-has-service",
    "ingress-host",
    "ingress-tls",
    "ingress-unique",
    "known-subjects",
    "labels",
    "limit-range",
    "listener-tls",
    "nas-closed",
    "nas-encrypted",
    "no-actuator-route",
    "no-cluster-admin",
    "no-dangerous-rights",
    "no-host-namespaces",
    "no-host-port",
    "no-idle-token",
    "no-moving-image",
    "no-nginx-annotations",
    "no-override",
    "no-privilege-escalation",
    "no-probe-host",
    "no-secret-in-env",
    "no-service-links",
    "no-wildcard-rights",
    "non-root",
    "not-privileged",
    "own-account",
    "own-namespace",
    "pod-security",
    "probes",
    "quota",
    "read-only-root",
    "requests-and-memory-limit",
    "revision-history",
    "rollout-without-gap",
    "safe-sysctls",
    "seccomp",
    "selector",
    "service-has-pods",
    "service-inside",
    "sized-empty-dir",
    "spread",
    "time-to-end",
    "two-replicas",
    "volume-retained",
    "volume-types",
]
"""The ids of all rules; a test compares them with ``policies``."""


class Waiver(Model):
    """A rule that need not hold for one service, until a day. It stands in every report."""

    rule: RuleId
    """The rule, as a finding names it."""
    service: PlainText | None = None
    """The service, or ``log-retention``; unset: objects that belong to none, such as the namespace or the ALB."""
    reason: Reason
    """Why; a reviewer reads it."""
    until: Day
    """The last day on which it holds; after it the stack file is refused until the entry is taken out."""
