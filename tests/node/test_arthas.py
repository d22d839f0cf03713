"""`ackp arthas` in a real JVM, where *restricted* is enforced (row G25)."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.arthas
from cli.app import app
from tests.cluster.api import Object
from tests.cluster.bound import bound
from tests.cluster.connection import Connection
from tests.docs.documents import Page
from tests.lifecycle.scene import PROVIDER
from tests.node.conftest import LifeCycle
from tests.node.pods import eventually, restarts_of, run_in
from tests.node.test_tcpdump import named
from tests.pod_logs.running import Terminal, running
from tests.settings import ROOT

PAGE = Page(ROOT / "docs" / "how-to" / "debug-with-arthas.md")
ELSEWHERE = "import sys, pathlib, cli.arthas as c; c.ROOT = pathlib.Path(sys.argv.pop(1))"
"""Makes the first argument the folder of the stack's file."""
NEVER = "watch ackplatform.lifecycle.Provider * params 'params.length > 9'"
"""What Arthas waits for until it is told to stop."""


@dataclass(frozen=True)
class Scene:
    """A pod of the provider, and what there was before Arthas came.

    Attributes:
        life_cycle: The provider.
        pod: The pod.
        root: The folder of the stack's file.
        before: What was in the pod's /tmp and on the volume.
    """

    life_cycle: LifeCycle
    pod: Object
    root: Path
    before: set[str]

    @property
    def name(self) -> str:
        found: str = self.pod["metadata"]["name"]
        return found

    def run(self, *arguments: str, kubeconfig: Path | None = None) -> Result:
        return CliRunner().invoke(app, self.words(*arguments, kubeconfig=kubeconfig))

    def words(self, *arguments: str, kubeconfig: Path | None = None) -> list[str]:
        place = str(kubeconfig or self.life_cycle.node.kubeconfig)
        return ["arthas", PROVIDER, self.name, *arguments, "-s", "test", "--kubeconfig", place]

    def terminal(self, *arguments: str, kubeconfig: Path | None = None) -> Terminal:
        """Run it as a person does."""
        return Terminal((self.root, *self.words(*arguments, kubeconfig=kubeconfig)), ELSEWHERE)

    def states(self) -> list[Object]:
        """Of the containers that came into the pod, the last one last."""
        live = self.life_cycle.scene.api.live(self.pod) or {}
        return [each["state"] for each in live["status"].get("ephemeralContainerStatuses") or ()]

    def nothing_is_left(self) -> bool:
        """Whether every container that came has ended, and nothing of Arthas is in the pod or on the volume."""
        return all("terminated" in each for each in self.states()) and things(self.life_cycle, self.pod) <= self.before


LOOK = """
cat /proc/1/task/*/comm 2>/dev/null | grep ^arthas
find /tmp -not -name .java_pid1 2>/dev/null
true # what goes while it is looked at is no failure
"""


def things(life_cycle: LifeCycle, pod: Object) -> set[str]:
    """What is in a pod's /tmp but the JVM's own socket for tools, on the volume beside logs, and Arthas's threads."""
    inside = run_in(life_cycle.node.kubeconfig, pod, ["sh", "-c", LOOK]).splitlines()
    outside = {
        f"{folder}/{name}"
        for folder, folders, files in os.walk(life_cycle.scene.stack.volume)
        for name in (*folders, *files)
        if not {"logs", "gc"} & {name, *Path(folder).parts}
    }
    return {*inside, *outside}


@pytest.fixture
def scene(life_cycle: LifeCycle, debug_stack: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """The provider's last pod, and that nothing of Arthas is left in it after each test."""
    monkeypatch.setattr(cli.arthas, "ROOT", debug_stack)
    pod = max(life_cycle.scene.pods(), key=lambda each: str(each["metadata"]["name"]))
    found = Scene(life_cycle, pod, debug_stack, things(life_cycle, pod))
    yield found
    eventually(found.nothing_is_left)
    assert restarts_of(life_cycle.scene.api.live(pod) or {}, PROVIDER) == restarts_of(pod, PROVIDER)


def test_g25_arthas_answers_where_restricted_is_enforced_and_nothing_of_it_is_left(scene: Scene) -> None:
    namespace = scene.life_cycle.scene.api.read("v1", "Namespace", scene.life_cycle.scene.namespace)
    assert namespace
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    done = scene.run("-c", "sc *lifecycle.Provider", "-c", "version", "--json")
    assert done.exit_code == 0, done.output
    eventually(scene.nothing_is_left)  # its threads end a moment later
    said = json.loads(done.stdout)
    assert said["pod"] == scene.name
    assert [each["command"] for each in said["answers"]] == ["sc *lifecycle.Provider", "version"]
    assert "ackplatform.lifecycle.Provider\n" in said["answers"][0]["output"]
    assert said["answers"][1]["output"] == "4.1.5"
    assert f"{scene.name}: nothing of Arthas is left in its JVM" in done.stderr
    assert f"stays listed in {scene.name} until the pod ends" in done.stderr


def test_g25_what_the_page_shows_is_what_is_said(scene: Scene) -> None:
    done = scene.run("--command", "version")
    assert done.exit_code == 0, done.output
    (shown,) = [block.text for block in PAGE.blocks if block.language == "text"]
    assert done.stdout.strip() == shown.strip()


def test_g25_in_a_terminal_arthas_is_typed_to_by_one_at_a_time_until_quit(scene: Scene) -> None:
    terminal = scene.terminal()
    try:
        terminal.until("]$ ", 120)
        terminal.type("version\r")
        terminal.until("4.1.5\r\n[arthas@1]$ ")
        second = scene.run("-c", "version")
        assert second.exit_code == 1
        assert "ackp arthas is in this pod already: one session at a time" in second.stderr
        terminal.type(f"{NEVER}\r")
        terminal.until("Press Q or Ctrl+C to abort")
        terminal.type("\x03")
        terminal.type("quit\r")
        assert terminal.ended(120) == 0, terminal.shown
        assert f"{scene.name}: nothing of Arthas is left in its JVM" in " ".join(terminal.shown.split())
    finally:
        assert terminal.close() == terminal.modes
    eventually(scene.nothing_is_left)


def test_g25_however_the_command_ends_arthas_goes(scene: Scene) -> None:
    terminal = scene.terminal()
    try:
        terminal.until("]$ ", 120)
        terminal.kill()
    finally:
        terminal.close()
    eventually(scene.nothing_is_left)
    terminal = scene.terminal()
    try:
        terminal.until("]$ ", 120)
        terminal.type("\x1d")
        assert terminal.ended(120) == 0, terminal.shown
    finally:
        assert terminal.close() == terminal.modes
    eventually(scene.nothing_is_left)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_g25_a_command_that_does_not_end_is_ended_and_arthas_goes(
    scene: Scene, tmp_path: Path, ending: signal.Signals
) -> None:
    with running(tmp_path, scene.root, *scene.words("-c", NEVER), first=ELSEWHERE) as found:
        eventually(lambda: "/tmp/arthas-1/commands" in things(scene.life_cycle, scene.pod))
        found.process.send_signal(ending)
        assert found.process.wait(120) == 130, found.err
    assert found.out == []
    assert f"{scene.name}: nothing of Arthas is left in its JVM" in found.err
    assert "Traceback" not in found.err
    eventually(scene.nothing_is_left)


def test_g25_a_connection_that_breaks_off_is_said_and_arthas_goes(scene: Scene, tmp_path: Path) -> None:
    folder = tmp_path / "connection"
    folder.mkdir()
    with Connection(scene.life_cycle.node.kubeconfig, folder).open() as through:
        named(scene.life_cycle.node.kubeconfig, through.kubeconfig)
        terminal = scene.terminal(kubeconfig=through.kubeconfig)
        try:
            terminal.until("]$ ", 120)
            through.lose_next_answer()
            terminal.type("version\r")
            assert terminal.ended(120) == 1
            assert "does not answer" in " ".join(terminal.shown.split())
            assert "Traceback" not in terminal.shown
        finally:
            assert terminal.close() == terminal.modes
    eventually(scene.nothing_is_left)


def test_g25_the_rights_of_a_debugger_are_enough_and_without_any_the_file_that_gives_it_is_named(scene: Scene) -> None:
    life_cycle = scene.life_cycle
    with bound(life_cycle.scene.api, life_cycle.node.kubeconfig, "debugger", life_cycle.scene.namespace) as account:
        done = scene.run("-c", "version", kubeconfig=account.kubeconfig)
        assert done.exit_code == 0, done.output
        for verb, resource, less in account.each_less():
            if resource == "pods/log":  # of a heap dump
                continue
            with account.holding(less):
                done = scene.run("-c", "version", kubeconfig=account.kubeconfig)
            assert done.exit_code == 1, (verb, resource)
            assert verb in done.stderr
            assert f" on {resource} there: docs/rbac/debugger.yaml" in done.stderr
            eventually(scene.nothing_is_left)
