"""Certificates that the account has, in the real engine: refused where it is certain, a warning where it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from sandbox.place import Place
from sandbox.problem import SandboxError
from tests.engine.conftest import MakeSandbox
from tests.engine.stacks import SEED, Cloud, Project, seed_without

UNREADABLE = [{"operation": "invoke", "type": "alicloud:cas/*", "effect": "fail", "message": "Forbidden.RAM"}]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Project.copy(tmp_path / "project", "uat", small=True).root


@pytest.mark.usefixtures("home")
def test_a_certificate_for_other_hosts_is_refused_before_anything_is_created(
    sandbox: MakeSandbox, place: Place, root: Path, tmp_path: Path
) -> None:
    seed = yaml.safe_load(SEED.read_text(encoding="utf-8"))
    (uat,) = (each for each in seed["alicloud"]["cas/serviceCertificate"] if each["id"] == "10000002")
    uat.update(common="*.shop.org", sans="*.shop.org,shop.org")
    (tmp_path / "seed.yaml").write_text(yaml.safe_dump(seed), encoding="utf-8")
    with pytest.raises(SandboxError) as refused:
        sandbox("uat", root, seed=tmp_path / "seed.yaml").up()
    report = str(refused.value)
    assert "ack-platform:services.gateway.ingress.tls.id" in report
    assert "must be of a certificate for gateway.uat.example.com: this one is for *.shop.org, shop.org" in report
    assert "Traceback" not in report
    assert Cloud(place).created_by("uat") == set()


@pytest.mark.usefixtures("home")
def test_a_certificate_that_is_not_there_is_warned_of(sandbox: MakeSandbox, root: Path, tmp_path: Path) -> None:
    seed = seed_without(tmp_path / "seed.yaml", "cas/serviceCertificate", "10000002")
    (warning,) = sandbox("uat", root, seed=seed).preview().changes.warnings
    assert "10000002-cn-hangzhou is not among the account's valid certificates" in warning.message


@pytest.mark.usefixtures("home")
def test_certificates_that_may_not_be_read_are_a_warning_and_stop_nothing(
    sandbox: MakeSandbox, root: Path, tmp_path: Path
) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps(UNREADABLE), encoding="utf-8")
    (warning,) = sandbox("uat", root, faults=faults).preview().changes.warnings
    assert "yundun-cert:ListUserCertificateOrder" in warning.message
    assert "Forbidden.RAM" in warning.message


@pytest.mark.usefixtures("home")
def test_nothing_is_said_of_a_certificate_that_covers_its_host(sandbox: MakeSandbox, root: Path) -> None:
    assert sandbox("uat", root).preview().changes.warnings == []
