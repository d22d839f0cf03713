"""`ackp adopt` from the command line, on the guide's cluster."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_credentials.utils import auth_util
from typer.testing import CliRunner

import cli.adopt
import config
from adopt.connection import Connection
from cli.app import app
from config import load_stack
from tests.adopt import cloud_account
from tests.adopt.cloud_account import Account
from tests.adopt.guide_cluster import GuideCluster

Run = Callable[..., Any]

CATALOGUE = "# what each service is\n\ngateway: # the way in\n  probes: { type: http }\n"
TOLD = ("--cluster-id", f"c{'1' * 32}", "--vpc", "vpc-1", "--v-switch", "vsw-1,cn-hangzhou-h,10.1.0.0/20")


@pytest.fixture
def run(guide: GuideCluster, kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in a folder of its own."""
    del guide  # it is running
    catalogue = tmp_path / "services.yaml"
    catalogue.write_text(
        "# what each service is\n\ngateway: # the way in\n  probes: { type: http }\n", encoding="utf-8"
    )
    monkeypatch.setattr(cli.adopt, "ROOT", tmp_path)
    monkeypatch.setattr(config, "CATALOGUE", catalogue)

    def invoke(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["adopt", *arguments, "--kubeconfig", str(kubeconfig)])

    return invoke


def test_it_writes_the_files_and_says_what_becomes_of_each_object(run: Run, tmp_path: Path) -> None:
    result = run("uat", "--namespace", "uat", *TOLD)
    assert result.exit_code == 0, result.output
    catalogue = (tmp_path / "services.yaml").read_text(encoding="utf-8")
    assert catalogue.startswith(CATALOGUE)
    settings = load_stack("uat", tmp_path, catalogue=tmp_path / "services.yaml")
    assert len(settings.services) == 7
    shown = " ".join(result.stdout.split())
    assert "written: Pulumi.uat.yaml, services.yaml" in shown
    assert "adopted Deployment/" in shown
    assert "given Namespace/uat" in shown
    assert "left alone Ingress/gateway-canary" in shown
    assert "nearest setting: jvm" in shown
    assert "ackp adopt uat --namespace uat --apply" in shown

    again = run("uat", "--namespace", "uat", *TOLD)
    assert "written: nothing" in again.stdout
    assert (tmp_path / "services.yaml").read_text(encoding="utf-8") == catalogue


def test_what_is_not_told_is_a_placeholder_and_is_filled_in_by_another_run(run: Run, tmp_path: Path) -> None:
    result = run("test", "--namespace", "test")
    assert result.exit_code == 0, result.output
    assert "fill in the placeholders of Pulumi.test.yaml" in result.stdout
    with pytest.raises(ValueError, match="fill in"):
        load_stack("test", tmp_path, catalogue=tmp_path / "services.yaml")
    text = (tmp_path / "Pulumi.test.yaml").read_text(encoding="utf-8")
    told = run("test", "--namespace", "test", *TOLD)
    assert "fill in" not in told.stdout
    assert load_stack("test", tmp_path, catalogue=tmp_path / "services.yaml").cluster.vpc == "vpc-1"
    changed = (tmp_path / "Pulumi.test.yaml").read_text(encoding="utf-8").splitlines()
    gone = [line.strip() for line in text.splitlines() if line not in changed and "fill in" not in line]
    assert gone == ["zone: cn-hangzhou-h", "zone: cn-hangzhou-k"], "the nodes' zones stood beside placeholders"


def test_where_the_cloud_account_may_be_read_no_placeholder_is_left(
    run: Run, tmp_path: Path, account: Account, kubeconfig: Path
) -> None:
    account.server = Connection(kubeconfig).server
    result = run("test", "--namespace", "test")
    assert result.exit_code == 0, result.output
    text = (tmp_path / "Pulumi.test.yaml").read_text(encoding="utf-8")
    assert "fill in" not in text + result.output
    cluster = load_stack("test", tmp_path, catalogue=tmp_path / "services.yaml").cluster
    assert (cluster.id, cluster.vpc, cluster.network) == (cloud_account.ID, cloud_account.VPC, "terway")
    assert {each.id for each in cluster.v_switches} == {"vsw-control", "vsw-nodes", "vsw-alb"}
    shown = " ".join(result.stdout.split())
    assert f"given ALB/{cloud_account.ALB} of AlbConfig/alb; Standard, in {cloud_account.VPC}" in shown
    assert f"given NAS/{cloud_account.NAS} of PersistentVolume/test-nas, in {cloud_account.VPC}" in shown
    assert "differs" not in shown
    assert "written: nothing" in run("test", "--namespace", "test").stdout


def test_placeholders_of_a_run_without_credentials_are_filled_in_by_one_with_them(
    run: Run, tmp_path: Path, account: Account, kubeconfig: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.server = Connection(kubeconfig).server
    with monkeypatch.context() as without:
        without.setattr(auth_util, "environment_access_key_id", None)
        first = run("test", "--namespace", "test")
    assert first.stdout.count("no Alibaba Cloud credentials") == 1
    assert "fill in" in (tmp_path / "Pulumi.test.yaml").read_text(encoding="utf-8")
    assert account.asked == []
    again = run("test", "--namespace", "test")
    assert again.exit_code == 0, again.output
    assert "fill in" not in (tmp_path / "Pulumi.test.yaml").read_text(encoding="utf-8") + again.output


def test_what_the_account_may_not_tell_is_a_placeholder_and_the_permission_is_named(
    run: Run, tmp_path: Path, account: Account, kubeconfig: Path
) -> None:
    account.server = Connection(kubeconfig).server
    account.forbidden.add("DescribeVSwitches")
    result = run("test", "--namespace", "test")
    assert result.exit_code == 0, result.output
    assert "lacks the RAM permission vpc:DescribeVSwitches" in result.stdout
    text = (tmp_path / "Pulumi.test.yaml").read_text(encoding="utf-8")
    assert "id: vsw-nodes" in text
    assert "<fill in: its network>" in text


def test_a_deployment_that_is_clicked_later_is_added_and_every_line_stays(run: Run, tmp_path: Path) -> None:
    first = run("uat", "--namespace", "uat", "--leave", "study", *TOLD)
    assert first.exit_code == 0, first.output
    file = tmp_path / "Pulumi.uat.yaml"
    text = file.read_text(encoding="utf-8")
    later = run("uat", "--namespace", "uat", *TOLD)
    assert later.exit_code == 0, later.output
    lines = iter(file.read_text(encoding="utf-8").splitlines())
    assert all(line in lines for line in text.splitlines()), "a line is gone, or has moved"
    settings = load_stack("uat", tmp_path, catalogue=tmp_path / "services.yaml")
    assert settings.services["study"].patch.deployment
    assert "written: nothing" in run("uat", "--namespace", "uat", *TOLD).stdout


def test_json_has_every_field_of_every_object_and_its_owners(run: Run) -> None:
    result = run("uat", "--namespace", "uat", "--json")
    report = json.loads(result.stdout)
    assert report["applied"] is False
    assert report["files"] == ["Pulumi.uat.yaml", "services.yaml"]
    assert {each["outcome"] for each in report["findings"]} >= {"adopted", "given", "left alone", "not expressible"}
    fields = {each["field"] for each in report["findings"] if each["subject"] == "Deployment/gateway"}
    assert "spec.template.spec.containers[gateway].env[JVM_OPTIONS_BASE].value" in fields
    assert {each["name"] for each in report["managers"]["Deployment/gateway"]} >= {"kube-controller-manager"}


def test_a_stack_file_that_says_otherwise_stands_and_nothing_is_taken_over(run: Run, tmp_path: Path) -> None:
    run("uat", "--namespace", "uat", *TOLD)
    file = tmp_path / "Pulumi.uat.yaml"
    text = file.read_text(encoding="utf-8").replace("    exam:\n", "    exam: # more of it\n      revisionHistory: 3\n")
    file.write_text(text, encoding="utf-8")
    result = run("uat", "--namespace", "uat", "--apply", *TOLD)
    assert result.exit_code == 1
    assert "contradicts Deployment/exam spec.revisionHistoryLimit" in " ".join(result.stdout.split())
    assert "nothing was taken over" in result.stdout
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("uat", "--namespace", "uta"), 1, "has no namespace uta"),
        (("Uat!", "--namespace", "uat"), 1, '"Uat!" cannot be the name of this stack'),
        (("uat", "--namespace", "uat", "--leave", "gatway"), 1, "--leave gatway: the namespace has no such Deployment"),
        (("uat", "--namespace", "uat", "--v-switch", "vsw-1"), 2, "must be ID,ZONE,CIDR"),
        (("uat", "--namespace", "uat", "--network", "calico"), 2, "must be one of terway, flannel"),
    ],
)
def test_bad_input_is_one_report_and_writes_nothing(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert said in " ".join(result.stderr.split())
    assert "Traceback" not in result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["services.yaml"]


def test_without_pulumi_the_way_into_its_state_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    result = run("uat", "--namespace", "uat", "--state")
    assert result.exit_code == 1
    assert "There is no pulumi on PATH" in result.stderr
