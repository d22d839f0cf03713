"""`ackp clean` on a real API server: what it makes, says and leaves (rows G27, G28)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from cluster.components import CONTAINER_LOG
from retention import run as running
from retention.job import job
from retention.run import exit_code
from tests.cluster.api import MERGE, Api, Object
from tests.cluster.bound import bound
from tests.cluster.platform import Platform, plan
from tests.cluster.retention.job import CRON_JOB, STACK, Retention, remove
from tests.docs.documents import Page
from tests.node.pods import eventually
from tests.settings import ROOT, settings

PAGE = Page(ROOT / "docs" / "how-to" / "remove-old-logs.md")
SERVICES = ("file", "exam")
SAID = next(block.text for block in PAGE.blocks if block.language == "text").splitlines()


@pytest.fixture
def cron_job(platform: Platform) -> Object:
    """The live CronJob."""
    live = platform.api.live(plan(STACK)[CRON_JOB].stated)
    assert live is not None
    return live


@pytest.fixture
def log(kubeconfig: Path) -> Iterator[Path]:
    """What the container of every imitated pod says: a report."""
    file = kubeconfig.parent / CONTAINER_LOG
    file.write_text("".join(f"2026-11-26T03:44:10.000000000Z stdout F {line}\n" for line in SAID), encoding="utf-8")
    yield file
    file.write_text("", encoding="utf-8")


@contextmanager
def nowhere(api: Api, cron_job: Object) -> Iterator[None]:
    """Pods of the CronJob get no node while the block runs."""

    def select(node: str | None) -> None:
        spec = {"template": {"spec": {"nodeSelector": {"example.com/nowhere": node}}}}
        api.patch(cron_job, {"spec": {"jobTemplate": {"spec": spec}}}, form=MERGE)

    select("true")
    try:
        yield
    finally:
        select(None)


def clean(kubeconfig: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["clean", STACK, "--kubeconfig", str(kubeconfig), *arguments])


def jobs(api: Api) -> list[str]:
    """Those of the command: other tests give theirs names of their own."""
    found = (each["metadata"] for each in api.objects("batch/v1", "Job", STACK))
    return [each["name"] for each in found if each.get("generateName")]


@pytest.mark.usefixtures("cron_job", "log")
def test_g27_a_report_is_shown_line_by_line_and_the_job_is_gone_afterwards(api: Api, kubeconfig: Path) -> None:
    done = clean(kubeconfig)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines() == SAID
    assert done.stderr.splitlines()[-1] == "Nothing was removed. --apply removes it."
    eventually(lambda: not jobs(api))


@pytest.mark.usefixtures("cron_job", "log")
def test_machines_get_files_services_and_the_exit_code(kubeconfig: Path) -> None:
    done = clean(kubeconfig, "--json", "--service", "file", "--apply")
    assert json.loads(done.stdout) == {
        "stack": STACK,
        "service": "file",
        "dryRun": False,
        "exitCode": 0,
        "services": [{"name": "file", "files": 1, "bytes": 5, "live": 0, "newest": 0, "failed": 0}],
        "files": [{"path": "file/logs/error.2026-01-01.log", "bytes": 5}],
        "directories": [],
        "notes": [],
    }


def test_g28_one_service_s_files_go_and_no_other_s(retention: Retention, cron_job: Object) -> None:
    """The pod as the API server has it, with its own script and the NAS beneath."""
    retention.nas.clear()
    names = {name: f"{retention.nas.marked(name)}/logs/error.2026-01-01.log" for name in SERVICES}
    old = {name: retention.nas.file(path, 99, b"12345") for name, path in names.items()}
    with retention.another(job(cron_job, settings(STACK), "file")) as container:
        done = container.run(API_SERVER=retention.server)
        assert done.stdout.splitlines() == SAID
        assert "exam" not in done.stderr
    assert set(old.values()) <= set(retention.nas.tree())
    with retention.another(job(cron_job, settings(STACK), "file", apply=True)) as container:
        assert container.run(API_SERVER=retention.server).returncode == 0
    assert old["file"] not in retention.nas.tree()
    assert old["exam"] in retention.nas.tree()


def test_a_second_run_beside_one_at_work_is_refused_with_its_name(api: Api, kubeconfig: Path, cron_job: Object) -> None:
    with nowhere(api, cron_job):
        first = api.create(job(api.live(cron_job) or {}, settings(STACK)))
    eventually(lambda: (api.live(first) or {})["status"].get("active"))
    done = clean(kubeconfig)
    assert done.exit_code == 1
    assert f"The Job {first['metadata']['name']} cleans the namespace {STACK} since " in done.stderr
    assert f"kubectl delete job {first['metadata']['name']} -n {STACK}" in done.stderr
    remove(api, first)


def test_a_pod_that_gets_no_node_is_given_up_with_the_scheduler_s_words_and_removed(
    api: Api, kubeconfig: Path, cron_job: Object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "START_SECONDS", 5)
    with nowhere(api, cron_job):
        done = clean(kubeconfig)
    assert done.exit_code == 1
    assert "does not start: it waits for a node" in done.stderr
    assert "didn't match Pod's node affinity/selector" in done.stderr
    eventually(lambda: not jobs(api))


def test_ctrl_c_removes_the_job(api: Api, kubeconfig: Path, cron_job: Object) -> None:
    command = [str(Path(sys.executable).with_name("ackp")), "clean", STACK, "--kubeconfig", str(kubeconfig)]
    with nowhere(api, cron_job):
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
        )
        eventually(lambda: jobs(api))
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in said
    eventually(lambda: not jobs(api))


@pytest.mark.usefixtures("cron_job", "log")
def test_the_rights_of_a_cleaner_are_enough_and_without_any_it_is_refused_with_the_file_that_gives_it(
    api: Api, kubeconfig: Path
) -> None:
    with bound(api, kubeconfig, "cleaner", STACK) as cleaner:
        assert clean(cleaner.kubeconfig).exit_code == 0
        eventually(lambda: not jobs(api))
        for verb, resource, rules in cleaner.each_less():
            with cleaner.holding(rules):
                done = clean(cleaner.kubeconfig)
            if verb == "delete":
                assert "is left: " in done.stderr
                (left,) = jobs(api)
                assert f"kubectl delete job {left} -n {STACK}" in done.stderr
                remove(api, {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": left, "namespace": STACK}})
            else:
                assert done.exit_code == 1, (verb, resource)
                assert "docs/rbac/cleaner.yaml" in done.stderr
            eventually(lambda: not jobs(api))


@pytest.mark.parametrize(("state", "code"), [({"running": {}}, None), ({"terminated": {"exitCode": 2}}, 2), ({}, None)])
def test_a_run_has_an_exit_code_once_it_has_ended(state: Object, code: int | None) -> None:
    assert exit_code({"status": {"containerStatuses": [{"state": state}]}}) == code
    assert exit_code({"status": {}}) is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--service", "stduy"), 'stduy is no service of the stack uat; did you mean "study"?'),
        (("--kubeconfig", "/nowhere"), "/nowhere"),
    ],
)
def test_bad_input_is_one_line(kubeconfig: Path, arguments: tuple[str, ...], said: str) -> None:
    done = clean(kubeconfig, *arguments)
    assert done.exit_code == 1
    assert said in done.stderr
    assert "Traceback" not in done.output
