"""The cloud as a process: how it starts, ends, and keeps what exists."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sandbox.cloud.contents import Contents, Entry
from tests.sandbox.cloud_client import attached, served, service
from tests.sandbox.conftest import SEED

ROOT = SEED.parents[1]
SERVICE = {"apiVersion": "v1", "kind": "Service", **service()}


@contextmanager
def started(
    contents: Path, *arguments: str, seed: Path = SEED
) -> Iterator[tuple[subprocess.Popen[str], dict[str, int]]]:
    command = [sys.executable, "-m", "sandbox.cloud", "--contents", str(contents), "--seed", str(seed), *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout
        yield process, json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait(10)
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


def created(ports: dict[str, int]) -> None:
    with attached(ports["kubernetes"], "kubernetes") as kubernetes:
        kubernetes.create("core/v1:Service", SERVICE)


def stored(contents: Path) -> bool:
    return Contents(contents).get("kubernetes:core/Service", "prod/gateway") is not None


def test_it_ends_with_its_standard_input_and_keeps_what_was_created(tmp_path: Path) -> None:
    contents = tmp_path / "contents.jsonl"
    with started(contents) as (process, ports):
        created(ports)
        assert process.stdin
        process.stdin.close()
        assert process.wait(10) == 0
    with started(contents) as (_, ports), attached(ports["kubernetes"], "kubernetes") as kubernetes:
        assert kubernetes.read("core/v1:Service", "prod/gateway").id == "prod/gateway"


def test_it_ends_on_sigterm_and_loses_nothing(tmp_path: Path) -> None:
    contents = tmp_path / "contents.jsonl"
    with started(contents) as (process, ports):
        created(ports)
        process.terminate()
        assert process.wait(10) == 0
    assert stored(contents)


def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    contents = tmp_path / "contents.jsonl"
    with started(contents) as (process, ports):
        created(ports)
        process.kill()
        process.wait(10)
    assert stored(contents)


def test_a_line_cut_short_by_a_kill_is_dropped_and_later_changes_are_kept(planted: Path) -> None:
    with planted.open("a", encoding="utf-8") as file:
        file.write('{"at": 99, "put": {"type": "kuber')
    with served(planted) as cloud:
        cloud.create("core/v1:Service", service())
        assert stored(planted)
    assert stored(planted)


def test_it_ends_when_its_parent_does(tmp_path: Path) -> None:
    parent = subprocess.Popen(["sleep", "60"])
    with started(tmp_path / "contents.jsonl", "--parent-pid", str(parent.pid)) as (process, _):
        parent.kill()
        parent.wait()
        assert process.wait(10) == 0


def test_it_leaves_an_interrupt_to_its_parent(tmp_path: Path) -> None:
    with started(tmp_path / "contents.jsonl") as (process, ports):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.2)
        created(ports)
        assert process.poll() is None


def test_it_ends_while_a_call_hangs(tmp_path: Path) -> None:
    rules = tmp_path / "faults.yaml"
    rules.write_text("- {operation: create, effect: hang}\n")
    with (
        started(tmp_path / "contents.jsonl", "--faults", str(rules)) as (process, ports),
        attached(ports["kubernetes"], "kubernetes") as kubernetes,
    ):
        from pulumi.runtime.proto import provider_pb2 as pb  # noqa: PLC0415 - only this test leaves a call open

        kubernetes.stub.Create.future(pb.CreateRequest(type="kubernetes:core/v1:Service", name="x"))
        time.sleep(0.3)
        process.terminate()
        assert process.wait(10) == 0


def test_it_listens_on_this_machine_only(tmp_path: Path) -> None:
    with started(tmp_path / "contents.jsonl") as (_, ports):
        for port in ports.values():
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            with pytest.raises(OSError, match=r"refused|timed out|assign|reach"):
                socket.create_connection(("127.0.0.2", port), timeout=5)


def test_it_does_not_run_the_pulumi_sdk() -> None:
    code = "import sys, sandbox.cloud.__main__; print(sorted({'pulumi', 'pydantic', 'yaml'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not json\n", "not the contents of a sandbox cloud"),
        ('{"format": 99, "sequence": 0}\n', "format 99"),
    ],
)
def test_a_file_that_is_no_contents_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    contents = tmp_path / "contents.jsonl"
    contents.write_text(text)
    command = [sys.executable, "-m", "sandbox.cloud", "--contents", str(contents), "--seed", str(SEED)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert str(contents) in done.stderr


def test_a_seed_entry_that_was_removed_is_not_in_a_new_sandbox(tmp_path: Path) -> None:
    text = SEED.read_text(encoding="utf-8")
    line = "  - {apiVersion: v1, kind: Namespace, metadata: {name: kube-public}}\n"
    assert line in text
    seed = tmp_path / "seed.yaml"
    seed.write_text(text.replace(line, ""), encoding="utf-8")
    with (
        started(tmp_path / "contents.jsonl", seed=seed) as (_, ports),
        attached(ports["kubernetes"], "kubernetes") as it,
    ):
        assert it.read("core/v1:Namespace", "kube-public").id == ""
        assert it.read("core/v1:Namespace", "kube-system").id == "kube-system"


def test_a_seed_that_contradicts_itself_is_refused_and_leaves_no_contents(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(
        SEED.read_text(encoding="utf-8").replace("volumeName: prod-nas", "volumeName: other"), encoding="utf-8"
    )
    contents = tmp_path / "contents.jsonl"
    command = [sys.executable, "-m", "sandbox.cloud", "--contents", str(contents), "--seed", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 1
    assert 'volume "other" not found' in done.stderr
    assert not contents.exists()


def test_equal_seeds_give_equal_bytes(tmp_path: Path) -> None:
    texts = []
    for name in ("a", "b"):
        with started(tmp_path / name) as (process, _):
            process.terminate()
            process.wait(10)
        texts.append((tmp_path / name).read_bytes())
    assert texts[0] == texts[1]


def test_a_cloud_that_only_answers_writes_nothing(planted: Path) -> None:
    before = planted.stat().st_mtime_ns
    with served(planted) as cloud:
        cloud.kubernetes.create("core/v1:Service", SERVICE, preview=True)
        cloud.alicloud.invoke("vpc/getNetworks")
    assert planted.stat().st_mtime_ns == before


def test_what_a_stack_created_and_its_state_does_not_know_can_be_taken_away(planted: Path) -> None:
    contents = Contents(planted)
    known, lost, other = (
        f"urn:pulumi:{stack}::p::t::{name}" for stack, name in (("uat", "a"), ("uat", "b"), ("test", "c"))
    )
    for urn in (known, lost, other):
        contents.put(Entry("kubernetes:core/Service", urn[-1], {}, urn))
    before = len(list(contents))
    taken = contents.keep_only("uat", {(known, "a")})
    assert [entry.urn for entry in taken] == [lost]
    assert len(list(contents)) == before - 1
    contents.close()
    assert Contents(planted).get("kubernetes:core/Service", "c")
