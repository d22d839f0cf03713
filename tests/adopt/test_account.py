"""What the cloud account adds to an adoption, where credentials are found and it may be read."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alibabacloud_credentials.utils import auth_util

from adopt.account import ACTIONS, read_account
from adopt.account_findings import account_findings
from adopt.finding import AdoptError, Finding
from adopt.known import Known, Unknown
from tests.adopt import cloud_account as cloud
from tests.adopt.cloud_account import Account
from tests.adopt.snapshots import found, guide, snapshot
from tests.settings import ROOT

SERVER = "https://127.0.0.1:6443"
TOLD = Known("uat")


def read(known: Known = TOLD, *, region: str | None = "cn-hangzhou") -> tuple[Known, list[Finding]]:
    """What is known then, and what is told."""
    live = snapshot(guide())
    taken = read_account(live, SERVER, known, region)
    return taken.filled(known), list(account_findings(taken, live))


def lines(findings: list[Finding], outcome: str = "differs") -> list[tuple[str, str, str]]:
    return [(each.subject, each.field, each.note) for each in findings if each.outcome == outcome]


def test_the_cluster_is_found_by_its_address_and_everything_that_is_asked_of_people_is_known(account: Account) -> None:
    known, findings = read()
    assert (known.cluster_id, known.region, known.vpc, known.network) == (cloud.ID, "cn-hangzhou", cloud.VPC, "terway")
    assert [(each.id, each.zone, each.cidr) for each in known.v_switches] == [
        ("vsw-control", "cn-hangzhou-h", "10.1.0.0/20"),
        ("vsw-alb", "cn-hangzhou-k", "10.1.32.0/24"),
        ("vsw-nodes", "cn-hangzhou-k", "10.1.16.0/20"),
    ]
    assert lines(findings, "given") == [
        (f"Cluster/{cloud.ID}", "", "cluster.id; guide, Kubernetes 1.36.1-aliyun.1, by the cloud account"),
        ("Add-on/alb-ingress-controller", "", "installed, v2.20.0"),
        (f"ALB/{cloud.ALB}", "", f"of AlbConfig/alb; Standard, in {cloud.VPC}"),
        (f"NAS/{cloud.NAS}", "", f"of PersistentVolume/uat-nas, in {cloud.VPC}"),
    ]
    assert {each.outcome for each in findings} == {"given"}
    assert {action for action, _ in account.asked} == {each.name for each in ACTIONS}, "and nothing else is asked"


def test_what_people_tell_stands(account: Account) -> None:
    del account  # only has to be there
    told = Known("uat", cluster_id=cloud.ID, vpc="vpc-mine", network="flannel", region="cn-shanghai")
    known, _ = read(told)
    assert (known.vpc, known.network, known.region) == ("vpc-mine", "flannel", "cn-shanghai")


def test_where_alb_and_nas_are_looked_for_is_known_from_the_cluster(account: Account) -> None:
    del account
    known, findings = read(region=None)
    assert known.region == "cn-hangzhou"
    assert any(each.subject.startswith("NAS/") for each in findings)


@pytest.mark.parametrize("action", [each.name for each in ACTIONS])
def test_each_action_that_is_forbidden_is_named_with_its_permission_and_the_rest_is_read(
    account: Account, action: str
) -> None:
    account.forbidden.add(action)
    known, findings = read()
    (permission,) = (each.permission for each in ACTIONS if each.name == action)
    (gap,) = [note for _, _, note in lines(findings, "left alone")]
    assert gap.startswith(f"{action}: not read, for the account lacks the RAM permission {permission} ")
    given = {subject.partition("/")[0] for subject, _, _ in lines(findings, "given")}
    missing = {
        "DescribeClustersV1": {"Cluster", "Add-on"},
        "ListClusterAddonInstances": {"Add-on"},
        "GetLoadBalancerAttribute": {"ALB"},
        "DescribeFileSystems": {"NAS"},
    }
    assert given == {"Cluster", "Add-on", "ALB", "NAS"} - missing.get(action, set())
    assert lines(findings) == []
    if action == "DescribeVSwitches":
        assert {each.id for each in known.v_switches} == {"vsw-control", "vsw-nodes", "vsw-alb"}
        assert all(isinstance(each.cidr, Unknown) for each in known.v_switches)


def test_the_policy_in_the_docs_allows_exactly_what_is_asked() -> None:
    policy = json.loads((ROOT / "docs" / "rbac" / "adopter-ram-policy.json").read_text(encoding="utf-8"))
    (statement,) = policy["Statement"]
    assert statement["Action"] == [each.permission for each in ACTIONS]


def test_a_cluster_id_that_the_account_does_not_have_is_told_and_nothing_is_taken_from_it(account: Account) -> None:
    del account
    told = Known("uat", cluster_id="c" + "9" * 32)
    known, findings = read(told)
    assert known == told
    ((subject, _, note),) = lines(findings)
    assert subject == "cluster.id"
    assert note.startswith(f"the account has no cluster {told.cluster_id}: check --cluster-id")


def test_the_id_of_another_cluster_is_told_with_both_addresses_and_nothing_is_taken_from_it(account: Account) -> None:
    del account
    told = Known("uat", cluster_id=cloud.OTHER)
    known, findings = read(told)
    assert known == told
    ((subject, _, note),) = lines(findings)
    assert subject == "cluster.id"
    assert f"is not reached at {SERVER}, but at 10.0.0.9:6443, 203.0.113.99:6443" in note


def test_a_cluster_that_no_address_leads_to_is_asked_for(account: Account) -> None:
    account.server = "https://192.0.2.1:6443"
    known, findings = read()
    assert known == TOLD
    ((_, _, note),) = lines(findings, "left alone")
    assert note == f"none of its 62 clusters is reached at {SERVER}: --cluster-id says which it is"


def test_listeners_that_only_one_side_has_are_told(account: Account) -> None:
    account.listeners = [(80, "HTTP"), (443, "QUIC"), (8000, "HTTPS"), (9102, "HTTP")]
    _, findings = read()
    assert lines(findings) == [
        (f"ALB/{cloud.ALB}", "listener HTTPS/443", "AlbConfig/alb has it, and the ALB has not"),
        (f"ALB/{cloud.ALB}", "listener QUIC/443", "the ALB has it, and AlbConfig/alb has not"),
    ]


def test_an_alb_a_mount_target_and_an_add_on_that_are_not_there_are_told(account: Account) -> None:
    account.balancers.clear()
    account.mount_targets.clear()
    account.add_ons.pop("alb-ingress-controller")
    _, findings = read()
    assert [subject for subject, _, _ in lines(findings)] == [
        "Add-on/alb-ingress-controller",
        f"ALB/{cloud.ALB}",
        f"MountTarget/{cloud.MOUNT_TARGET}",
    ]


def test_what_is_in_another_vpc_is_told(account: Account) -> None:
    account.balancers[cloud.ALB] = "vpc-other"
    account.mount_targets[cloud.MOUNT_TARGET] = "vpc-other"
    _, findings = read()
    note = f"it is in vpc-other, and the cluster in {cloud.VPC}"
    assert lines(findings) == [(f"ALB/{cloud.ALB}", "", note), (f"MountTarget/{cloud.MOUNT_TARGET}", "", note)]


def test_an_alb_that_the_controller_made_is_found_by_the_status_of_its_alb_config(account: Account) -> None:
    account.balancers = {"alb-made": cloud.VPC}
    objects = guide()
    config = found(objects, "AlbConfig", "alb")
    del config["spec"]["config"]["id"]
    config["status"] = {"loadBalancer": {"id": "alb-made"}}
    live = snapshot(objects)
    taken = read_account(live, SERVER, TOLD, "cn-hangzhou")
    assert "ALB/alb-made" in {each.subject for each in account_findings(taken, live)}


def test_a_server_that_hangs_is_given_up_and_asked_no_more(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACKP_STALL_SECONDS", "2")
    account.hanging.add("*")
    begin = time.monotonic()
    known, findings = read()
    assert time.monotonic() - begin < 15, "each of eight actions would wait on its own"
    assert known == TOLD
    notes = [note for _, _, note in lines(findings, "left alone")]
    assert notes
    assert all(note.endswith("does not answer") for note in notes), notes
    assert len(account.asked) == 1


def test_an_answer_that_crawls_is_given_up(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACKP_STALL_SECONDS", "2")
    account.crawling.add("DescribeFileSystems")
    _, findings = read()
    ((_, _, note),) = lines(findings, "left alone")
    assert note.startswith("DescribeFileSystems: not read, 127.0.0.1:")
    assert note.endswith("does not answer in time")
    assert any(each.subject.startswith("ALB/") for each in findings)


def test_a_limit_that_is_no_number_is_refused_before_anything_is_written(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    del account
    monkeypatch.setenv("ACKP_STALL_SECONDS", "soon")
    with pytest.raises(AdoptError, match='ACKP_STALL_SECONDS is "soon"'):
        read()


def test_credentials_that_are_not_accepted_are_one_line(account: Account) -> None:
    account.revoked = True
    known, findings = read()
    assert known == TOLD
    (only,) = findings
    assert only.note.startswith("Alibaba Cloud does not accept the credentials (InvalidAccessKeyId.NotFound): ")


def test_an_answer_that_is_no_json_is_named_and_the_rest_is_read(account: Account) -> None:
    account.garbled.add("DescribeFileSystems")
    _, findings = read()
    ((_, _, note),) = lines(findings, "left alone")
    assert note.startswith("DescribeFileSystems: not read, what 127.0.0.1:")
    assert any(each.subject.startswith("ALB/") for each in findings)


def test_a_secret_is_in_nothing_that_is_told(account: Account) -> None:
    account.forbidden |= {each.name for each in ACTIONS}
    told = str(read())
    assert not any(each in told for each in (cloud.KEY, cloud.SECRET, cloud.TOKEN))
    sent = str(account.asked)
    assert cloud.TOKEN in sent, "a session's token goes with each request"
    assert cloud.SECRET not in sent


def test_without_credentials_one_line_says_so_and_nobody_is_asked(
    account: Account, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(auth_util, "environment_access_key_id", None)
    known, findings = read()
    assert known == TOLD
    (only,) = findings
    assert only.note.startswith("no Alibaba Cloud credentials in the environment, a profile or a RAM role: ")
    assert account.asked == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("way", ["environment", "profile", "RAM role", "none"])
def test_credentials_are_found_by_the_usual_chain(way: str, tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    if way == "environment":
        environment |= {"ALIBABA_CLOUD_ACCESS_KEY_ID": cloud.KEY, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": cloud.SECRET}
    elif way == "profile":
        profile = {"name": "p", "mode": "AK", "access_key_id": cloud.KEY, "access_key_secret": cloud.SECRET}
        (tmp_path / ".aliyun").mkdir()
        content = json.dumps({"current": "p", "profiles": [profile]})
        (tmp_path / ".aliyun" / "config.json").write_text(content, encoding="utf-8")
    with cloud.metadata() as proxy:
        if way == "RAM role":  # the service has one address only, so a proxy answers for it
            environment |= {"ALIBABA_CLOUD_ECS_METADATA_DISABLED": "false", "HTTP_PROXY": proxy}
        done = _chain(environment)
    assert done.stdout.startswith("no Alibaba Cloud credentials" if way == "none" else "found")
    assert done.stderr == ""


def _chain(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    program = (
        "from adopt.cloud_api import CloudApi, NoCredentialsError\n"
        "try:\n    CloudApi(None); print('found')\nexcept NoCredentialsError as error:\n    print(error)\n"
        "import logging; logging.getLogger('credentials').error('a stack trace for each way without credentials')"
    )
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
