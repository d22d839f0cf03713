"""`ackp reach` from inside real pods (row G26)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.reach
from cli.app import app
from components.manifests.objects import objects_of
from tests.cluster.api import Object
from tests.cluster.bound import bound
from tests.docs.documents import Page
from tests.node.images import bare
from tests.node.pods import eventually, run_in
from tests.node.shells import IMAGE, NAMESPACE, Shells
from tests.settings import ROOT, settings

PAGE = Page(ROOT / "docs" / "how-to" / "see-what-a-pod-reaches.md")
BARE = "registry-vpc.cn-hangzhou.aliyuncs.com/example/bare:1"
SERVE = """
mkdir -p /tmp/www/actuator/health
echo UP >/tmp/www/actuator/health/readiness
exec httpd -f -p 80 -h /tmp/www
"""
READY = {"exec": {"command": ["test", "!", "-e", "/tmp/unready"]}, "periodSeconds": 1}
SLEEP = "while :; do sleep 1; done"


@pytest.fixture(scope="module")
def study(shells: Shells) -> Iterator[Shells]:
    """The service study, with the gateway's Service and a pod behind it that serves on port 80."""
    service = objects_of(settings("uat"), "gateway")["service"]
    shells.api.create(service)
    with (
        shells.up(shells.stated("study", SLEEP)),
        shells.up(shells.stated("gateway", SERVE, readinessProbe=READY)),
    ):
        (pod,) = shells.ready("study", 1)
        shells.ready("gateway", 1)
        eventually(lambda: _serves(shells, pod))
        yield shells
    shells.api.delete(service)


def _serves(shells: Shells, pod: Object) -> bool:
    """Whether the node's rules lead to the gateway already."""
    asked = "curl -s -o /dev/null --max-time 2 http://gateway:8080/ && echo yes || echo no"
    return "yes" in run_in(shells.node.kubeconfig, pod, ["sh", "-c", asked])


def run(shells: Shells, *arguments: str, kubeconfig: Path | None = None) -> Result:
    place = str(kubeconfig or shells.node.kubeconfig)
    return CliRunner().invoke(app, ["reach", *arguments, "-s", "uat", "--kubeconfig", place])


def plain(text: str) -> str:
    """What the command says, without what differs each time."""
    text = re.sub(r"study-[0-9a-z]+-[0-9a-z]{5}", "POD", text)
    text = re.sub(r"\d+\.\d+\.\d+\.\d+", "ADDRESS", text)
    text = re.sub(r"\d+\.\d\b|after \d+ ms", "N", text)
    return re.sub(r" +", " ", text).replace(" \n", "\n")


def test_g26_each_step_to_another_service_is_told_as_the_page_shows_it(study: Shells) -> None:
    done = run(study, "study", "gateway")
    assert done.exit_code == 0, done.output
    shown = [block.text for block in PAGE.blocks if block.language == "text"]
    assert plain(done.stdout) == plain(shown[0])
    said = json.loads(run(study, "study", "gateway", "--json").stdout)
    assert (said["host"], said["port"], said["reached"]) == ("gateway", 8080, True)
    assert [each["step"] for each in said["steps"]] == ["DNS", "TCP", "HTTP"]
    assert all(each["reached"] and each["cause"] is None for each in said["steps"])


def test_g26_of_a_port_that_nobody_listens_on_cause_and_mend_are_told(study: Shells) -> None:
    (pod,) = study.pods("gateway")
    done = run(study, "study", f"{pod['status']['podIP']}:81")
    assert done.exit_code == 3
    shown = [block.text for block in PAGE.blocks if block.language == "text"]
    assert plain(done.stdout) == plain(shown[1])
    (step,) = json.loads(run(study, "study", f"{pod['status']['podIP']}:81", "--json").stdout)["steps"]
    assert (step["step"], step["reached"], step["milliseconds"]) == ("TCP", False, None)


def test_g26_a_port_that_is_open_is_reached_without_a_word_being_sent(study: Shells) -> None:
    done = run(study, "study", f"gateway.{NAMESPACE}:8080")
    assert done.exit_code == 0, done.output
    assert "HTTP" not in done.stdout


def test_g26_a_name_that_dns_does_not_know_is_told_as_that(study: Shells) -> None:
    done = run(study, "study", "no-such-service:8080")
    assert done.exit_code == 3
    assert "DNS" in done.stdout
    assert "TCP" not in done.stdout
    assert "no-such-service is misspelt, or a name that the cluster's DNS does not know" in done.stdout


def test_g26_a_service_whose_pods_are_not_ready_is_told_as_that(study: Shells) -> None:
    (pod,) = study.pods("gateway")
    run_in(study.node.kubeconfig, pod, ["touch", "/tmp/unready"])
    try:
        eventually(lambda: "no pod of gateway is ready" in run(study, "study", "gateway").stdout)
        done = run(study, "study", "gateway")
        assert done.exit_code == 3
        assert "`ackp watch uat gateway` says why" in done.stdout
    finally:
        run_in(study.node.kubeconfig, pod, ["rm", "/tmp/unready"])
        (source,) = study.ready("gateway", 1) and study.pods("study")
        eventually(lambda: _serves(study, source))


def test_g26_the_rights_of_a_prober_are_enough_and_without_any_the_file_that_gives_it_is_named(study: Shells) -> None:
    with bound(study.api, study.node.kubeconfig, "prober", NAMESPACE) as account:
        done = run(study, "study", "gateway", kubeconfig=account.kubeconfig)
        assert done.exit_code == 0, done.output
        for verb, resource, less in account.each_less():
            with account.holding(less):
                done = run(study, "study", "gateway", kubeconfig=account.kubeconfig)
            assert done.exit_code == 1, (verb, resource)
            assert verb in done.stderr
            assert f" on {resource} there: docs/rbac/prober.yaml" in done.stderr


def test_g26_an_image_without_curl_is_said_and_the_debug_image_stands_in_for_it(
    study: Shells, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.node.registry.push(bare(tmp_path / "bare.tar", "bare"), BARE)
    with study.up(study.stated("exam", SLEEP, image=BARE)):
        study.ready("exam", 1)
        done = run(study, "exam", "gateway")
        assert done.exit_code == 1
        assert "the image of exam has no curl, and the stack uat no debug.image" in done.stderr
        text = (ROOT / "Pulumi.uat.yaml").read_text(encoding="utf-8")
        section = f"config:\n  ack-platform:debug: {{ image: {IMAGE} }}\n"
        (tmp_path / "Pulumi.uat.yaml").write_text(text.replace("config:\n", section, 1), encoding="utf-8")
        monkeypatch.setattr(cli.reach, "ROOT", tmp_path)
        done = run(study, "exam", "gateway")
        assert done.exit_code == 0, done.output
        assert "HTTP" in done.stdout
        (pod,) = study.pods("exam")
        assert f"stays listed in {pod['metadata']['name']} until the pod ends" in done.stderr
