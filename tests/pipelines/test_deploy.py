"""The steps of a deployment on the real engine: what a killed run left is told, with its mend, and nothing is done."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.state import LOCKED, PENDING, locks, pending, said_of_locks, said_of_pending
from sandbox.engine import find_engine
from sandbox.progress import Lines
from tests.pipelines.steps import step
from tests.settings import ROOT
from tests.state.backends import files
from tests.state.member import STACK, Member

_TRIES = 5
PAGE = (ROOT / "docs" / "how-to" / "build-and-deploy-by-pipeline.md").read_text(encoding="utf-8")


@dataclass
class Deployment:
    """A stack whose first `up` was killed.

    Attributes:
        member: who deploys it.
        store: the folder of its state.
        variables: of a step.
        began: the file that is there once an `up` was let begin.
    """

    member: Member
    store: Path
    variables: Mapping[str, str]
    began: Path

    def lock(self) -> Path:
        """The file of the lock."""
        (found,) = (self.store / ".pulumi" / "locks").rglob("*.json")
        return found

    def up(self, *arguments: str) -> tuple[int, str]:
        """Run the step; its exit code and what it says."""
        self.began.unlink(missing_ok=True)
        done = step("up.sh", STACK, *arguments, variables=self.variables, cwd=self.member.place.project)
        return done.returncode, done.stderr


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A stack whose first `up` was killed.

    The engine of the tests has no language host: its `up` ends there, and the stand-in says that it was reached.
    """
    engine = find_engine(Lines())
    with ExitStack() as stack:
        for _ in range(_TRIES):  # the kill may come between two operations, or while the state is written
            folder = tmp_path_factory.mktemp("deployment")
            member = Member(folder / "member", engine, stack.enter_context(files(folder)))
            member.killed_up()
            state = member.run(["stack", "export", "--stack", STACK])
            if state.code == 0 and pending(json.loads(state.stdout)):
                break
        began = folder / "began"
        program = folder / "bin" / "pulumi"
        program.parent.mkdir()
        program.write_text(
            f'#!/bin/sh\n"{engine.path}" "$@" && exit\ncode=$?\n'
            f'[ "$1" = up ] || exit "$code"\n'
            f"[ -z \"$(find '{folder}/store/.pulumi/locks' -name '*.json')\" ] || exit \"$code\"\n"
            f'touch "{began}"\nexit "${{UP:-0}}"\n',
            encoding="utf-8",
        )
        program.chmod(0o755)
        variables = {**member._command.environment, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
        yield Deployment(member, folder / "store", variables, began)


def test_g23_an_operation_that_was_never_confirmed_stops_the_pipeline_and_the_step_says_how_to_mend_it(
    killed: Deployment,
) -> None:
    code, said = killed.up()
    assert code == PENDING
    assert not killed.began.exists()
    (line,) = [each for each in said.splitlines() if each.startswith("  at last   pulumi ")]
    _, _, command = line.partition("pulumi ")
    assert "creating  urn:pulumi:test::ack-platform::" in said

    # The lock is older than the words: it is given back by hand first, as the next test has it.
    held = killed.lock().read_bytes()
    file = killed.lock()
    assert killed.member.run(["cancel", "--yes", "--stack", STACK]).code == 0
    mended = killed.member.run([*shlex.split(command), "--yes"])
    assert mended.code == 0, mended.error
    done = step("state.sh", STACK, variables=killed.variables, cwd=killed.member.place.project)
    assert (done.returncode, done.stderr) == (0, "")
    file.write_bytes(held)


def test_g23_a_lock_is_explained_and_given_back_only_where_its_owner_has_ended(killed: Deployment) -> None:
    file = killed.lock()
    owner = json.loads(file.read_text(encoding="utf-8"))

    for changed, said_of_owner in (({"hostname": "jenkins-7"}, "not known here"), ({"pid": os.getpid()}, "at work")):
        file.write_text(json.dumps({**owner, **changed}), encoding="utf-8")
        code, said = killed.up("--release")
        assert code == LOCKED
        assert f"owner  {said_of_owner}" in said
        assert "wait for it to end" in said
        assert file.exists()

    file.write_text(json.dumps(owner), encoding="utf-8")
    code, said = killed.up()
    assert code == LOCKED
    assert "owner  gone" in said
    assert f"process {owner['pid']}" in said
    assert "--release" in said
    assert file.exists()
    assert not killed.began.exists()

    code, said = killed.up("--release")
    assert code == 0, said
    assert killed.began.exists()
    assert not file.exists()


def test_an_up_that_fails_keeps_its_exit_code(killed: Deployment) -> None:
    for file in (killed.store / ".pulumi" / "locks").rglob("*.json"):
        file.unlink()
    done = step("up.sh", STACK, variables={**killed.variables, "UP": "9"}, cwd=killed.member.place.project)
    assert done.returncode == 9


@pytest.mark.parametrize("arguments", [(), ("uat", "--force")])
def test_wrong_usage_of_up_is_said(arguments: tuple[str, ...]) -> None:
    done = step("up.sh", *arguments, variables={})
    assert done.returncode == 2
    assert "usage: pipelines/steps/up.sh STACK [--release]" in done.stderr


def test_what_the_provider_may_have_made_is_named_with_its_id_and_with_the_command_that_shows_it() -> None:
    def operation(doing: str, **resource: object) -> dict[str, object]:
        return {"type": doing, "resource": resource}

    deployment = {"kind": "Deployment", "metadata": {"name": "study", "namespace": "uat"}}
    ours = "urn:pulumi:uat::ack-platform::"
    nas, alb = "alicloud:nas/fileSystem:FileSystem", "alicloud:alb/loadBalancer:LoadBalancer"
    kind = "kubernetes:apps/v1:Deployment"
    export = {
        "deployment": {
            "pending_operations": [
                operation("creating", urn=f"{ours}{kind}::study-deployment", type=kind, inputs=deployment),
                operation("creating", urn=f"{ours}{nas}::nas", type=nas, inputs={}),
                operation("updating", urn=f"{ours}{alb}::alb", type=alb, id="alb-1"),
            ]
        }
    }
    text = said_of_pending("uat", pending(export))
    example = PAGE.partition("uat: 3 operations")[2].partition("```")[0]
    assert f"uat: 3 operations{example}" == f"{text}\n"


def test_the_page_shows_what_is_said_of_a_lock() -> None:
    engine = (ROOT / "docs" / "how-to" / "keep-the-state.md").read_text(encoding="utf-8")
    assert said_of_locks("uat", locks(engine)) in PAGE


def test_words_that_name_no_lock_are_none() -> None:
    assert locks("error: no stack named 'uat' found, created by a@b (pid 1) at 2026") == []
    assert pending({"deployment": {}}) == []
