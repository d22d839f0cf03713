"""The shipped stacks, and `__main__.py` under the recorder for each of them."""

import json
import os
import runpy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest
from pulumi.runtime import get_root_resource

from config import CATALOGUE, StackSettings, load
from config.files import read_yaml
from tests import given_cloud
from tests.recorder import Recording, run
from tests.settings import ROOT, source

FOLDERS = {"test": ROOT, "uat": ROOT, "prod": ROOT / "docs" / "examples" / "existing-cluster"}
"""Every shipped stack by name, and the folder of its stack file."""

CANARY = "canary-Zq7-{}"
"""The value of each secret."""


Changes: TypeAlias = tuple[tuple[str, object], ...]
"""Pairs of key path and new value."""


def shipped(stack: str, changes: Changes = ()) -> StackSettings:
    """The settings of a shipped stack, with changes."""
    return load(source(stack, dict(changes), FOLDERS[stack]), read_yaml(CATALOGUE), secrets="generated")


def secret(key: str) -> str:
    """The value that a secret has under the recorder."""
    return CANARY.format(key)


@cache
def record(stack: str, *, preview: bool = False, changes: Changes = ()) -> Recording:
    """Run the real `__main__.py` for a shipped stack with changes, and a kubeconfig file where a stack wants one.

    The recording's ``result`` is what the stack exports.
    """
    settings = shipped(stack, changes)
    values = source(stack, dict(changes), FOLDERS[stack]).values
    config = {f"ack-platform:{key}": json.dumps(value) for key, value in values.items()}
    config |= {f"ack-platform:{key}": secret(key) for key in settings.required_secrets}

    def program() -> dict[str, object]:
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")
        exports: dict[str, object] = getattr(get_root_resource(), "outputs", {})
        return exports

    with TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        (Path(home) / ".kube").mkdir()
        (Path(home) / ".kube" / "config").write_text("{}", encoding="utf-8")
        patch.setitem(os.environ, "HOME", home)
        return run(
            program,
            preview=preview,
            stack=stack,
            answers=given_cloud.answers(settings),
            live=given_cloud.live(settings),
            config=config,
            secret_keys=tuple(f"ack-platform:{key}" for key in settings.required_secrets),
        )
