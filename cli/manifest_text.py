"""The files of `ackp render`: every object of a stack as YAML text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.manifests.platform import helm_releases, platform_objects
from components.manifests.text import file_name, yaml_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config import StackSettings

HEADER = "# ackp render"
"""How every written file begins."""


def manifest_texts(settings: StackSettings) -> Iterator[tuple[str, str]]:
    """File name and text of every object and of every Helm release's values, in the program's order."""
    head = f"{HEADER}: stack {settings.stack}\n"
    for release in helm_releases(settings):
        yield f"release-{release.namespace}-{release.name}.yaml", head + yaml_text(release.values)
    for manifest in platform_objects(settings):
        yield file_name(manifest), head + yaml_text(manifest)
