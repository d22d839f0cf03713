"""What never becomes ready ends the run within its bound, and the report names it and its last event."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.cluster.api import Api
from tests.plugins.conftest import Opened
from tests.plugins.stack import CommandError

SHORTER = """
import re

import pulumi


def _shorter(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    annotations = (args.props.get("metadata") or {}).get("annotations") or {}
    if "pulumi.com/timeoutSeconds" not in annotations:
        return None
    annotations["pulumi.com/timeoutSeconds"] = "20"
    return pulumi.ResourceTransformResult(args.props, args.opts)


pulumi.runtime.register_resource_transform(_shorter)
"""
"""Put before the program, it makes the bound that the program states a short one."""


def test_a_rollout_that_cannot_finish_ends_within_its_own_bound_and_says_why(
    opened: Opened, controllers: None, tmp_path: Path
) -> None:
    del controllers  # only has to be at work
    with opened("prod", tmp_path) as stack:
        program = stack.source.root / "__main__.py"
        program.write_text(SHORTER + program.read_text(encoding="utf-8"), encoding="utf-8")
        stack.edit({"services": {"exam": stack.source.values["services"]["exam"]}})
        stack.edit({"services.exam.resources": {"limits": {"memory": "80Gi"}}})  # the given quota has 64Gi
        begin = time.monotonic()
        with pytest.raises(CommandError) as failed:
            stack.up()
        assert time.monotonic() - begin < 120
        assert "Deployment exam-deployment" in str(failed.value)
        assert "exceeded quota: prod-quota" in str(failed.value)
        stack.destroy("--ignore-protect")


def test_a_command_that_hangs_is_ended_and_what_it_worked_on_is_named_with_the_last_events(
    opened: Opened, controllers: None, api: Api, tmp_path: Path
) -> None:
    """The ALB has no certificate for the host, so the Ingress gets no address; its own bound is ten minutes."""
    del controllers  # only has to be at work
    with opened("prod", tmp_path) as stack:
        stack.edit({"services": {"gateway": stack.source.values["services"]["gateway"]}})
        stack.edit({"environment.hostSuffix": "none.example.org"})
        tls = {"source": "certificate", "id": "10000003-cn-hangzhou", "covers": ["*.none.example.org"]}
        stack.edit({"services.gateway.ingress.tls": tls})
        with pytest.raises(CommandError, match="ended after 60 s") as failed:
            stack.up(seconds=60)
        assert "Ingress gateway-ingress" in str(failed.value)
        assert "AlbConfig/alb: FailedBuildModel: no certificate for host gateway.none.example.org" in str(failed.value)
        stack.destroy("--ignore-protect")
    assert api.objects("networking.k8s.io/v1", "Ingress", "prod") == []
