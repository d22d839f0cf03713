"""Kubernetes objects as YAML text: the same object gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from components.manifests.platform import helm_releases, platform_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.manifests.metadata import Manifest
    from config import StackSettings

HEADER = "# ackp render"
"""How every written file begins."""
_ENDLESS = 1 << 20


class _Dumper(yaml.CSafeDumper):
    """Scripts and files as blocks that can be read; no anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 -- the signature of PyYAML
        return True


def _represent_text(dumper: Any, text: str) -> Any:  # noqa: ANN401 -- PyYAML's node types are private
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def manifest_texts(settings: StackSettings) -> Iterator[tuple[str, str]]:
    """File name and text of every object and of every Helm release's values, in the program's order."""
    head = f"{HEADER}: stack {settings.stack}\n"
    for release in helm_releases(settings):
        yield f"release-{release.namespace}-{release.name}.yaml", head + yaml_text(release.values)
    for manifest in platform_objects(settings):
        yield file_name(manifest), head + yaml_text(manifest)


def file_name(manifest: Manifest) -> str:
    """``kind-namespace-name.yaml``; ``kind-name.yaml`` of an object without a namespace."""
    metadata = manifest["metadata"]
    parts = (manifest["kind"].lower(), metadata.get("namespace"), metadata["name"])
    return f"{'-'.join(part for part in parts if part)}.yaml"


def yaml_text(values: Manifest) -> str:
    """The values as YAML, keys in the builder's order."""
    return str(yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_ENDLESS))
