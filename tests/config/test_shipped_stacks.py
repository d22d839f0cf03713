"""The stack files of this repository, and both ways of reading them."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from config import StackSettings, load_stack
from config.engine import load_running_stack
from tests.config.changes import ROOT

SHIPPED = [
    pytest.param("test", ROOT, id="test"),
    pytest.param("uat", ROOT, id="uat"),
    pytest.param("prod", ROOT / "docs/examples/existing-cluster", id="existing-cluster"),
]


@pytest.mark.parametrize(("stack", "folder"), SHIPPED)
def test_every_shipped_stack_is_accepted(stack: str, folder: Path) -> None:
    settings = load_stack(stack, folder, secrets="generated")
    assert list(settings.services) == ["admin", "exam", "file", "gateway", "oauth2", "resource", "study"]


@pytest.mark.parametrize(("stack", "folder"), SHIPPED)
def test_the_engines_configuration_and_the_stack_file_give_equal_settings(stack: str, folder: Path) -> None:
    from_file = load_stack(stack, folder, secrets="generated")
    from_engine = asyncio.run(_as_the_engine_hands_over(stack, folder))
    assert from_engine == from_file
    assert from_engine.model_dump() == from_file.model_dump()
    assert from_engine.model_fields_set == from_file.model_fields_set


async def _as_the_engine_hands_over(stack: str, folder: Path) -> StackSettings:
    """Load in a program whose configuration was set as the language host sets it: what is no text as JSON."""

    class Nothing(pulumi.runtime.Mocks):
        def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
            raise AssertionError(args.typ)

        def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
            raise AssertionError(args.token)

    stated = yaml.safe_load((folder / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]
    plain = {key: value if isinstance(value, str) else json.dumps(value) for key, value in stated.items()}
    secrets = {f"ack-platform:{key}": "generated" for key in ("kubeconfig", "nacosPassword", "registryPassword")}
    pulumi.runtime.set_mocks(Nothing(), project="ack-platform", stack=stack)
    pulumi.runtime.set_all_config({**plain, **secrets}, secret_keys=list(secrets))
    settings, _ = load_running_stack()
    return settings


def test_settings_are_loaded_without_pulumi_or_a_provider_sdk() -> None:
    script = (
        "import sys, config; from pathlib import Path;"
        "config.load_stack('uat', Path('.'), secrets='generated');"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in"
        " ('pulumi', 'pulumi_kubernetes', 'pulumi_alicloud', 'grpc', 'google', 'kubernetes', 'typer', 'rich')))"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
