"""What the tests of the image stand on: apt, and the base image's files."""

import pytest

from sandbox.engine import WayFailedError
from sandbox.progress import Lines
from tests import debian_packages


def test_a_package_that_does_not_exist_fails_with_what_apt_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian_packages, "PACKAGES", {"no-such-package-of-anyone": "nothing"})
    with pytest.raises(WayFailedError, match="Unable to locate package no-such-package-of-anyone"):
        debian_packages.install_packages(Lines())
