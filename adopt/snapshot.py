"""What was read of a live namespace, and of what it uses outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

Object: TypeAlias = dict[str, Any]
"""A live object, as `kubectl get -o json` shows it."""


@dataclass(frozen=True)
class Gap:
    """A kind that could not be read, because the account may not.

    Attributes:
        kind: For example `Deployment`.
        verb: The verb that is missing: `get` or `list`.
        resource: The resource's name as in RBAC rules, with its group: `deployments.apps`.
        namespace: Where it is missing; empty for the cluster.
        said: The API server's words.
    """

    kind: str
    verb: str
    resource: str
    namespace: str
    said: str

    def __str__(self) -> str:
        where = f"in the namespace {self.namespace}" if self.namespace else "in the cluster"
        return (
            f"{self.kind}: not read, for the account lacks the verb {self.verb} on {self.resource} {where};"
            " docs/rbac/adopter.yaml has what reading needs"
        )


@dataclass(frozen=True)
class Snapshot:
    """One namespace as it was at one time: nothing of it changed between two readings. Secrets are never read.

    Attributes:
        namespace: The Namespace; with nothing but its name if the account may not get it.
        server_version: The API server's version, for example `v1.36.1-aliyun.1`.
        deployments: All Deployments (无状态) of the namespace.
        services: All Services (服务).
        ingresses: All Ingresses (路由).
        autoscalers: All HorizontalPodAutoscalers.
        disruption_budgets: All PodDisruptionBudgets.
        service_accounts: The names of all ServiceAccounts.
        claims: All PersistentVolumeClaims (存储声明).
        volumes: The PersistentVolumes (存储卷) that the claims name.
        quotas: All ResourceQuotas.
        limit_ranges: All LimitRanges.
        ingress_classes: All IngressClasses of the cluster.
        alb_configs: All AlbConfigs of the cluster; none where the ALB Ingress Controller is not installed.
        nodes: The nodes of the cluster, with nothing but their names and the labels that say where they are.
        gaps: What could not be read.
    """

    namespace: Object
    server_version: str
    deployments: tuple[Object, ...] = ()
    services: tuple[Object, ...] = ()
    ingresses: tuple[Object, ...] = ()
    autoscalers: tuple[Object, ...] = ()
    disruption_budgets: tuple[Object, ...] = ()
    service_accounts: tuple[str, ...] = ()
    claims: tuple[Object, ...] = ()
    volumes: tuple[Object, ...] = ()
    quotas: tuple[Object, ...] = ()
    limit_ranges: tuple[Object, ...] = ()
    ingress_classes: tuple[Object, ...] = ()
    alb_configs: tuple[Object, ...] = ()
    nodes: tuple[Object, ...] = ()
    gaps: tuple[Gap, ...] = ()
