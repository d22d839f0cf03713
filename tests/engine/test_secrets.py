"""Canaries as a stack's secrets: their values are nowhere but in the encrypted state."""

from __future__ import annotations

import base64
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

import sandbox.run
from cli.manifest_text import manifest_texts
from config import load_stack
from sandbox.engine import Engine
from sandbox.place import Place
from sandbox.problem import OperationError
from sandbox.run import Sandbox
from tests.engine.stacks import Project, state

PASSWORDS = {"nacosPassword": "canary-nacos-Hq3vT9", "registryPassword": "canary-registry-Wd8xK2"}
TOKEN = "canary-token-Pz5mR7"
KUBECONFIG = f"""
apiVersion: v1
kind: Config
current-context: sandbox
contexts: [{{name: sandbox, context: {{cluster: sandbox, user: sandbox}}}}]
clusters: [{{name: sandbox, cluster: {{server: "https://127.0.0.1:6443"}}}}]
users: [{{name: sandbox, user: {{token: {TOKEN}}}}}]
"""


@dataclass(frozen=True)
class Run:
    """An `up` that failed at the Secrets, and one that finished, with canaries as secrets."""

    project: Project
    place: Place
    report: str
    outputs: str
    arguments: set[str]


@pytest.fixture(scope="module")
def run(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("canaries")
    project, place = Project.copy(folder / "project", "uat", small=True), Place(folder / "sandbox")
    project.edit({"cluster.kubeconfig": {"source": "secret"}})
    faults = folder / "faults.json"
    faults.write_text('[{"operation": "create", "type": "kubernetes:core/v1:Secret", "effect": "fail", "times": 2}]')
    seen: set[str] = set()
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(seen, ended))
    with pytest.MonkeyPatch.context() as patch:
        values = {f"ack-platform:{key}": value for key, value in {**PASSWORDS, "kubeconfig": KUBECONFIG}.items()}
        patch.setattr(sandbox.run, "generated_secret", values.__getitem__)
        watcher.start()
        with pytest.raises(OperationError) as failed:
            Sandbox(project.root, "uat", place=place, engine=engine, faults=faults).up()
        done = Sandbox(project.root, "uat", place=place, engine=engine).up()
        ended.set()
        watcher.join()
    return Run(project, place, str(failed.value), repr(done.outputs) + repr(done.changes.steps), seen)


def _watch(seen: set[str], ended: threading.Event) -> None:
    """Look at the arguments of all processes, again and again."""
    while not ended.is_set():
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.add(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:  # it has ended
                continue
        time.sleep(0.02)


def canaries() -> list[str]:
    """Every value, plain and in the encodings in which it travels."""
    plain = [*PASSWORDS.values(), TOKEN]
    login = base64.b64encode(f"deploy@example:{PASSWORDS['registryPassword']}".encode()).decode()
    return [*plain, *(base64.b64encode(each.encode()).decode().rstrip("=") for each in plain), login]


def test_the_canaries_did_reach_the_program_and_the_cloud(run: Run) -> None:
    """Without this, all other tests here could pass for nothing."""
    secrets = [each for each in state(run.place, "uat") if each["type"] == "kubernetes:core/v1:Secret"]
    assert len(secrets) == 2
    assert all("ciphertext" in repr(each["inputs"]) for each in secrets)
    provider = next(each for each in state(run.place, "uat") if each["type"] == "pulumi:providers:kubernetes")
    assert "ciphertext" in repr(provider["inputs"]["kubeconfig"])


def test_no_file_of_the_sandbox_holds_a_canary(run: Run) -> None:
    """State, its history, the copied stack file, logs, and the cloud's contents."""
    files = [path for path in run.place.directory.rglob("*") if path.is_file()]
    assert len(files) > 8
    for file in files:
        content = file.read_text("latin-1")
        for canary in canaries():
            assert canary not in content, file


def test_no_canary_is_in_the_report_of_a_failed_secret(run: Run) -> None:
    assert "  Secret uat/" in run.report, "one of the two: after a failure the engine may begin nothing more"
    assert not [canary for canary in canaries() if canary in run.report]


def test_no_canary_is_in_outputs_or_changes(run: Run) -> None:
    assert not [canary for canary in canaries() if canary in run.outputs]


def test_no_canary_is_in_the_arguments_of_a_process(run: Run) -> None:
    assert any(" config set --secret " in arguments for arguments in run.arguments), "the watcher saw nothing"
    assert not [each for each in run.arguments for canary in canaries() if canary in each]


def test_no_canary_is_in_what_is_rendered(run: Run) -> None:
    texts = "".join(text for _, text in manifest_texts(load_stack("uat", run.project.root, secrets="generated")))
    assert "kind: Secret" in texts
    assert not [canary for canary in canaries() if canary in texts]
