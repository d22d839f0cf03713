"""What a tag says of its build's age."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.image import Build
from rollout.listing import age

NOW = datetime(2026, 11, 12, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("20261112T120000", "0 min"),
        ("20261112T113959", "20 min"),
        ("20261112-1000", "2 h"),
        ("202611111200", "1 d"),
        ("20251112T120000", "365 d"),
        ("20261112T190000", "0 min"),
        ("20261312T190000", ""),
        ("20261112T996099", ""),
    ],
)
def test_a_build_is_as_old_as_its_timestamp_says(timestamp: str, expected: str) -> None:
    build = Build.of(f"uat-1.0-a1b2c3d4-{timestamp}")
    assert build is not None
    assert age(build, NOW) == expected


def test_an_image_of_another_form_has_no_age() -> None:
    assert age(Build.of("2.0.0"), NOW) == ""
