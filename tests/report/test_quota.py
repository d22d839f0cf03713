"""How full the quota is, counted from objects, is what the checks of the settings count from settings."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest

from components.manifests.platform import platform_objects
from config import SettingsError, quantity
from report.quota import quota_use
from tests.settings import settings

HARD = {"requests.cpu": "16", "requests.memory": "80Gi", "limits.memory": "80Gi", "pods": "60"}
CHANGED = {
    "services.gateway.autoscaler.maxReplicas": 7,
    "services.file.replicas": 0,
    "services.exam.resources": {"limits": {"memory": "3Gi"}},
}


@pytest.mark.parametrize("changes", [{}, CHANGED])
@pytest.mark.parametrize("resource", HARD)
def test_a_quota_of_exactly_what_is_used_holds_and_one_less_is_refused(
    resource: str, changes: dict[str, object]
) -> None:
    share = quota_use(platform_objects(settings(changes={**changes, "environment.quota.hard": HARD})))[resource]
    used = share * quantity.parse(HARD[resource])
    unit = {"requests.cpu": (Fraction(1, 1000), "m"), "pods": (Fraction(1), "")}.get(resource, (Fraction(2**20), "Mi"))
    amount = ceil(used / unit[0])

    def load(count: int) -> None:
        settings(changes={**changes, "environment.quota.hard": {**HARD, resource: f"{count}{unit[1]}"}})

    load(amount)
    with pytest.raises(SettingsError, match=r"environment\.quota\.hard"):
        load(amount - 1)


def test_without_a_quota_nothing_is_counted() -> None:
    assert quota_use([]) == {}
