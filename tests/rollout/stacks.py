"""Shipped stacks with another line for one service, and registries that know what a test says."""

from __future__ import annotations

from config import CATALOGUE
from config.files import parse_yaml, read_yaml
from config.load import source_of
from improvements.improvement import Stack
from tests.settings import ROOT

A, B = (f"sha256:{letter * 64}" for letter in "ab")
STUDY = "    study: { image: { tag: uat-1.9.3-a1b2c3d4-20261109T100000 } }\n"


class Images:
    """A registry's images by tag or digest; what was asked is kept."""

    def __init__(self, **images: str) -> None:
        self.images = {tag.replace("_", "-"): digest for tag, digest in images.items()}
        self.asked: list[str] = []

    def tags(self, repository: str) -> list[str]:
        self.asked.append(repository)
        return list(self.images)

    def digest(self, repository: str, reference: str) -> str | None:
        self.asked.append(f"{repository}:{reference}")
        return self.images.get(reference)


class NoRegistry:
    """A registry that must not be asked."""

    def tags(self, repository: str) -> list[str]:
        raise AssertionError(repository)

    def digest(self, repository: str, reference: str) -> str | None:
        raise AssertionError(repository + reference)


def stack(name: str, study: str = "", text: str = "") -> Stack:
    """A shipped stack with another line for `study`, or of another text."""
    content = text or with_study(name, study)
    return Stack.load(source_of(name, parse_yaml(f"Pulumi.{name}.yaml", content)), read_yaml(CATALOGUE))


def with_study(name: str, study: str) -> str:
    shipped = (ROOT / f"Pulumi.{name}.yaml").read_text(encoding="utf-8")
    *lines, last = shipped.splitlines(keepends=True)
    assert last.lstrip().startswith("study:")
    return "".join([*lines, study or last])


def images(*tags: str) -> Images:
    found = Images()
    found.images = {tag: f"sha256:{number:064}" for number, tag in enumerate(tags)}
    return found
