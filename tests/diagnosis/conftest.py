"""The service study of the stack uat with imitated pods, as for the logs, on a control plane of this folder's own."""

from __future__ import annotations

from tests.pod_logs.conftest import plane, pods, service

__all__ = ["plane", "pods", "service"]
