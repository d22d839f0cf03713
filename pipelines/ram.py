"""RAM policies of the identities that preview and deploy, out of what the program's resources and look-ups ask for.

``python -m pipelines.ram`` writes them into ``docs/rbac``; with ``--check`` it says which of them are not up to date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

ROOT = Path(__file__).resolve().parent.parent
FILES = {"preview": ROOT / "docs/rbac/preview-ram-policy.json", "deploy": ROOT / "docs/rbac/deploy-ram-policy.json"}
"""Where each identity's policy stands."""


class Actions(BaseModel):
    """The actions behind one thing, ``PRODUCT:ACTION``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    read: tuple[str, ...]
    """Of a preview."""
    write: tuple[str, ...] = ()
    """What ``pulumi up`` adds."""


class Table(BaseModel):
    """All actions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: Actions
    """Of the provider, whatever a stack has."""
    resources: dict[str, Actions]
    """By the type token of the resource."""
    lookups: dict[str, Actions]
    """By the SDK's function."""

    def actions(self, identity: str) -> list[str]:
        """What an identity of `FILES` may do, sorted."""
        found: set[str] = set()
        for each in (self.provider, *self.resources.values(), *self.lookups.values()):
            found.update(each.read, each.write if identity == "deploy" else ())
        return sorted(found)


def table() -> Table:
    """The table of ``pipelines/ram.yaml``."""
    return Table.model_validate(yaml.safe_load(Path(__file__).with_name("ram.yaml").read_text(encoding="utf-8")))


def policies() -> Iterator[tuple[Path, str]]:
    """Each policy's file and text.

    Source: https://www.alibabacloud.com/help/en/ram/user-guide/policy-structure-and-syntax
    """
    found = table()
    for identity, file in FILES.items():
        statement = {"Effect": "Allow", "Action": found.actions(identity), "Resource": "*"}
        yield file, json.dumps({"Version": "1", "Statement": [statement]}, indent=2) + "\n"


def main(*arguments: str) -> int:
    """Write the policies, or compare them."""
    stale = [file for file, text in policies() if not file.exists() or file.read_text(encoding="utf-8") != text]
    if arguments == ("--check",):
        for file in stale:
            name = file.relative_to(ROOT)
            sys.stdout.write(f"{name} is not what pipelines/ram.yaml says: run `python -m pipelines.ram`\n")
        return min(len(stale), 1)
    for file, text in policies():
        file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
