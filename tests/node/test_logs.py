"""`ackp logs` of real containers: what their node keeps of them, and what it tells of those without a log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from tests.node.pods import eventually, restarts_of, run_in, status_of
from tests.node.shells import Shells
from tests.pod_logs.running import running

TALK = """
n=0
while [ ! -e /tmp/end ]; do
  n=$((n + 1))
  echo "$HOSTNAME says $n"
  sleep 0.2
done
echo "$HOSTNAME ends" >&2
exit 7
"""


@pytest.fixture(scope="module")
def study(shells: Shells) -> Iterator[Shells]:
    """The service study with two pods that count, and end with 7 when told to."""
    with shells.up(shells.stated("study", TALK, replicas=2)):
        shells.ready("study", 2)
        yield shells


def run(shells: Shells, *arguments: str) -> Result:
    place = str(shells.node.kubeconfig)
    return CliRunner().invoke(app, ["logs", "study", "-s", "uat", "--kubeconfig", place, *arguments])


def shown(shells: Shells, text: str) -> str:
    return run(shells, "--grep", text).stdout


def end(shells: Shells, pod: str) -> None:
    """Let a pod's container end; returns once its successor runs."""
    (found,) = (each for each in shells.pods("study") if each["metadata"]["name"] == pod)
    restarts = restarts_of(found)
    run_in(shells.node.kubeconfig, found, ["touch", "/tmp/end"])

    def anew() -> bool:
        status = status_of(shells.api.live(found) or {})
        return bool(status["restartCount"] > restarts and "running" in status["state"])

    eventually(anew)


def test_g24_the_lines_of_all_pods_stand_in_one_order_of_time_each_once(study: Shells) -> None:
    for each in study.pods("study"):
        eventually(partial(shown, study, f"{each['metadata']['name']} says 6"))
    found = [json.loads(line) for line in run(study, "--since", "1d", "--json").stdout.splitlines()]
    times = [each["time"] for each in found]
    assert times == sorted(times)
    for pod in (each["metadata"]["name"] for each in study.pods("study")):
        said = [each["message"] for each in found if each["pod"] == pod and each["message"].startswith(f"{pod} says ")]
        assert len(said) > 5
        assert said == [f"{pod} says {number}" for number in range(1, len(said) + 1)]


def test_g24_a_container_that_starts_anew_is_followed_and_its_predecessor_is_shown_on_request(
    study: Shells, tmp_path: Path
) -> None:
    pod, other = (each["metadata"]["name"] for each in study.pods("study"))
    arguments = ("logs", "study", "-s", "uat", "-f", "--since", "1d", "--kubeconfig", study.node.kubeconfig)
    with running(tmp_path, *arguments) as command:
        command.until(f"{other} says 3")
        end(study, pod)
        command.until(f"{pod} ends")
        before = len(command.out)
        eventually(lambda: f"{pod}  {pod} says 2" in command.out[before:])
        assert command.interrupt() == 130
        said = [line for line in command.out if line.startswith(f"{pod}  {pod} says ")]
        first = said[: said.index(f"{pod}  {pod} says 1", 1)]
        assert first == [f"{pod}  {pod} says {number}" for number in range(1, len(first) + 1)]
        assert said[len(first) :] == [f"{pod}  {pod} says {number}" for number in range(1, len(said) - len(first) + 1)]
    done = run(study, "--previous", "--tail", "1")
    assert (done.exit_code, done.stdout) == (0, f"{pod}  {pod} ends\n")
    assert done.stderr.splitlines()[-1].startswith(f"{other}: previous terminated container")


def test_g24_a_pod_whose_image_cannot_be_pulled_is_told_and_the_others_are_shown(shells: Shells) -> None:
    with shells.up(shells.stated("exam", "sleep 600", image="registry.example.com/none:1")):
        (pod,) = eventually(lambda: shells.pods("exam"))
        eventually(
            lambda: (
                "waiting" in status_of(shells.api.live(pod) or {})["state"]
                if (shells.api.live(pod) or {}).get("status", {}).get("containerStatuses")
                else None
            )
        )
        place = str(shells.node.kubeconfig)
        done = CliRunner().invoke(app, ["logs", "exam", "-s", "uat", "--kubeconfig", place])
    assert (done.exit_code, done.stdout) == (1, "")
    name = pod["metadata"]["name"]
    assert done.stderr.splitlines()[-1].startswith(f'{name}: container "exam" in pod "{name}" is waiting to start: ')
