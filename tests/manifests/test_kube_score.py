"""kube-score over every shipped stack; what is done otherwise on purpose is an exception with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.manifests.platform import platform_objects
from tests.manifests.tools import score
from tests.program.stacks import FOLDERS, shipped

FILE = Path(__file__).with_name("kube-score-exceptions.yaml")
OPTIONAL = ("container-memory-requests-equal-limits", "container-ports-check", "container-seccomp-profile")
"""Checks that are off by default and hold here."""
ALL_OK = 10


@dataclass(frozen=True)
class Finding:
    """A check that an object does not pass in full."""

    rule: str
    object: str
    comment: str


@dataclass(frozen=True)
class Exempt:
    """An exception of the file."""

    rule: str
    object: str
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is this exception."""
        return self.rule == finding.rule and fnmatchcase(finding.object, self.object)


@cache
def exceptions() -> tuple[Exempt, ...]:
    return tuple(Exempt(**each) for each in yaml.safe_load(FILE.read_text(encoding="utf-8")))


@cache
def scored(stack: str) -> Sequence[dict[str, Any]]:
    settings = shipped(stack)
    return score(list(platform_objects(settings)), minor=settings.cluster.minor, optional=OPTIONAL)


def findings(stack: str) -> list[Finding]:
    return [
        Finding(
            check["check"]["id"],
            f"{stack}/{each['type_meta']['kind']}/{each['object_meta']['name']}",
            "; ".join(comment["summary"] for comment in check["comments"] or ()),
        )
        for each in scored(stack)
        for check in each["checks"]
        if not check["skipped"] and check["grade"] < ALL_OK
    ]


@pytest.mark.parametrize("stack", FOLDERS)
def test_kube_score_finds_nothing_that_is_not_an_exception_with_its_reason(stack: str) -> None:
    assert [each for each in findings(stack) if not any(one.covers(each) for one in exceptions())] == []


def test_every_exception_is_still_needed() -> None:
    found = [each for stack in FOLDERS for each in findings(stack)]
    assert [one for one in exceptions() if not any(one.covers(each) for each in found)] == []


def test_every_exception_has_a_reason_that_says_something() -> None:
    assert [one for one in exceptions() if len(one.reason.split()) < 10] == []
    assert len({(one.rule, one.object) for one in exceptions()}) == len(exceptions())


@pytest.mark.parametrize("stack", FOLDERS)
def test_kube_score_saw_every_deployment_and_asked_the_optional_checks_too(stack: str) -> None:
    deployments = [each for each in scored(stack) if each["type_meta"]["kind"] == "Deployment"]
    assert len(deployments) == len(shipped(stack).services)
    for each in deployments:
        assert set(OPTIONAL) <= {check["check"]["id"] for check in each["checks"] if not check["skipped"]}


def test_kube_score_notices_a_defect() -> None:
    objects = list(platform_objects(shipped("uat")))
    [gateway] = [each for each in objects if (each["kind"], each["metadata"]["name"]) == ("Deployment", "gateway")]
    gateway["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"] = "getaway"
    low = {c["check"]["id"] for each in score(objects, minor=36) for c in each["checks"] if c["grade"] < ALL_OK}
    assert "deployment-pod-selector-labels-match-template-metadata-labels" in low
