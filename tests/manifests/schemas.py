"""Objects against the schemas of the oldest and the newest supported Kubernetes minor, strictly."""

from typing import Any

import kubernetes_validate

OLDEST, NEWEST = "1.28", "1.36"


def assert_valid(manifest: dict[str, Any]) -> None:
    """Fail unless both schemas accept the object, and both are really there."""
    for minor in (OLDEST, NEWEST):
        used = kubernetes_validate.validate(manifest, minor, strict=True)
        assert used.startswith(minor), f"no schema of Kubernetes {minor}: {used} was used"
