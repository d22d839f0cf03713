"""A small program in the sandbox: what `ackp` does around the engine, with the real engine and the real cloud."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from sandbox.place import Place
from sandbox.problem import OperationError, SandboxError
from sandbox.run import Result
from tests.engine.conftest import ROOT, Ackp, MakeSandbox, wait_for

NOTICE = "SANDBOX（沙箱）: nothing real was created"  # noqa: RUF001 - Chinese brackets around Chinese

PROGRAM = """
import os, pathlib, pulumi, pulumi_kubernetes as k8s

class SpringService(pulumi.ComponentResource):
    def __init__(self, name, provider):
        super().__init__("ack-platform:index:SpringService", name, {}, pulumi.ResourceOptions(providers=[provider]))
        mine = lambda **more: pulumi.ResourceOptions(parent=self, **more)
        space = k8s.core.v1.Namespace(f"{name}-namespace", metadata={"name": name},
            opts=mine(protect=True, retain_on_delete=True))
        self.space = space.metadata["name"]
        k8s.core.v1.ConfigMap(f"{name}-files", metadata={"name": "files", "namespace": self.space},
            data={"a": pathlib.Path("value.txt").read_text()}, opts=mine())
        self.register_outputs({})

provider = k8s.Provider("cluster", kubeconfig="x", cluster_identifier="c0123")
service = SpringService("gateway", provider)
pulumi.export("namespace", service.space)
pulumi.export("environment", sorted(name for name in os.environ if name.startswith(("KUBE", "ALI", "PULUMI"))))
pulumi.export("password", pulumi.Config("ack-platform").require_secret("registryPassword"))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the shipped settings and a small program."""
    root = tmp_path / "project"
    root.mkdir()
    for name in ("Pulumi.yaml", "Pulumi.test.yaml", "Pulumi.uat.yaml"):
        (root / name).write_bytes((ROOT / name).read_bytes())
    (root / "__main__.py").write_text(PROGRAM)
    (root / "value.txt").write_text("1")
    return root


@dataclass
class Hanging:
    """A project in whose sandbox the creation of the ConfigMap hangs."""

    project: Path
    faults: Path


@pytest.fixture
def hanging(tmp_path: Path, project: Path) -> Hanging:
    return Hanging(project, tmp_path / "faults.json")


def ops(result: Result) -> dict[str, str]:
    return {step.name: step.op for step in result.changes.steps if not step.is_stack}


def test_up_creates_and_a_second_up_changes_nothing(sandbox: MakeSandbox, project: Path) -> None:
    first = sandbox(root=project).up()
    assert ops(first) == dict.fromkeys(("cluster", "gateway", "gateway-namespace", "gateway-files"), "create")
    assert first.outputs["namespace"] == "gateway"
    second = sandbox(root=project).up()
    assert set(ops(second).values()) == {"same"}
    assert not second.changes.changed


def test_preview_names_what_would_change_and_changes_nothing(sandbox: MakeSandbox, project: Path) -> None:
    sandbox(root=project).up()
    (project / "value.txt").write_text("2")
    for _ in range(2):
        seen = sandbox(root=project).preview()
        changed = [step for step in seen.changes.steps if step.op != "same"]
        assert [(step.name, step.op, step.paths) for step in changed] == [("gateway-files", "replace", ("data.a",))]


def test_down_destroys_what_is_protected_and_retained_and_up_works_again(
    sandbox: MakeSandbox, project: Path, place: Place
) -> None:
    sandbox(root=project).up()
    gone = sandbox(root=project).down()
    assert gone is not None
    assert set(ops(gone).values()) == {"delete"}
    assert "urn:pulumi:uat" not in place.contents.read_text()
    assert sandbox(root=project).down() is None
    assert ops(sandbox(root=project).up())["gateway-namespace"] == "create"


def test_the_working_tree_stays_as_it_was(sandbox: MakeSandbox, project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    box = sandbox(root=project)
    box.preview()
    box.up()
    box.outputs()
    box.down()
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_nothing_of_the_users_accounts_reaches_the_program(
    sandbox: MakeSandbox, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KUBECONFIG", "ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID", "PULUMI_ACCESS_TOKEN"):
        monkeypatch.setenv(name, "canary")
    assert sandbox(root=project).up().outputs["environment"] == []
    assert os.environ["KUBECONFIG"] == "canary"


def test_generated_secrets_are_kept_encrypted_and_stay_the_same(
    sandbox: MakeSandbox, project: Path, place: Place
) -> None:
    shown_outputs = sandbox(root=project).up().outputs
    assert [name for name, value in shown_outputs.items() if value == "[secret]"] == ["password"]
    copy = place.project / "Pulumi.uat.yaml"
    ciphertext = yaml.safe_load(copy.read_text())["config"]["ack-platform:registryPassword"]["secure"]
    assert not sandbox(root=project).up().changes.changed
    assert yaml.safe_load(copy.read_text())["config"]["ack-platform:registryPassword"]["secure"] == ciphertext
    assert stat.S_IMODE(place.passphrase.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.directory.stat().st_mode) == 0o700
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(place.home), "PULUMI_HOME": str(place.home)}
    environment |= {"PULUMI_BACKEND_URL": place.state.as_uri(), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    environment |= {"PULUMI_CONFIG_PASSPHRASE_FILE": str(place.passphrase)}
    shown = subprocess.run(
        [sandbox()._found_engine().path, "config", "get", "ack-platform:registryPassword", "--stack", "uat"],
        cwd=place.project, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    secret = shown.stdout.strip()
    assert len(secret) > 20
    assert not [path for path in place.directory.rglob("*") if path.is_file() and secret in path.read_text("latin-1")]


def test_a_failed_resource_is_reported_once_with_what_the_provider_said(
    sandbox: MakeSandbox, project: Path, tmp_path: Path
) -> None:
    rule = {"operation": "create", "type": "kubernetes:core/v1:ConfigMap", "effect": "fail", "message": "no room"}
    (tmp_path / "faults.json").write_text(json.dumps([rule]))
    with pytest.raises(OperationError) as failed:
        sandbox(root=project, faults=tmp_path / "faults.json").up()
    report = str(failed.value)
    assert "  ConfigMap gateway/files (gateway-files)\n    said   no room" in report
    assert report.count("no room") == 1
    assert "Traceback" not in report
    assert ops(sandbox(root=project).up())["gateway-files"] == "create"


END_THE_ENGINE = """
import signal
for children in pathlib.Path("/proc/self/task").glob("*/children"):
    for child in map(int, children.read_text().split()):
        if pathlib.Path(f"/proc/{child}/comm").read_text() == "pulumi\\n":
            with open("ended.txt", "a") as ended:
                ended.write("ended\\n")
            os.kill(child, signal.SIGKILL)
"""


def test_a_preview_whose_engine_is_gone_is_one_line_and_it_is_not_made_again(
    project: Path, ackp: Callable[..., Ackp]
) -> None:
    (project / "__main__.py").write_text(PROGRAM.replace("provider = ", f"{END_THE_ENGINE}\nprovider = "))
    code, out, err = ackp(project, "preview", "--stack", "uat").end()
    assert code == 1, err
    assert out.splitlines() == [NOTICE, NOTICE]
    assert (
        err
        == "error: preview failed: the engine was ended by SIGKILL, from outside or for want of memory. Run it again\n"
    )
    assert (project / "ended.txt").read_text() == "ended\n"


@pytest.mark.parametrize("failing", ["1 / 0", "service.space.apply(lambda name: 1 / 0)"])
def test_a_mistake_in_the_program_is_reported_without_a_stack_trace(
    sandbox: MakeSandbox, project: Path, failing: str
) -> None:
    (project / "__main__.py").write_text(f"{PROGRAM}\n{failing}\n")
    with pytest.raises(OperationError) as failed:
        sandbox(root=project).up()
    assert str(failed.value).count("division by zero") == 1
    assert "Traceback" not in str(failed.value)


@pytest.mark.parametrize(
    ("stack", "part"), [("uatt", 'did you mean "uat"?'), ("uat", "Pulumi.uat.yaml"), ("test", "Pulumi.test.yaml")]
)
def test_bad_settings_end_before_the_engine_starts(
    ackp: Callable[..., Ackp], project: Path, place: Place, stack: str, part: str
) -> None:
    (project / "Pulumi.uat.yaml").write_text("config: {ack-platform:alb: [}")
    (project / "Pulumi.test.yaml").write_text("config: {ack-platform:albb: {}}")
    code, out, err = ackp(project, "up", "--stack", stack).end()
    assert (code, out.splitlines()) == (1, [NOTICE, NOTICE])
    assert part in err
    assert "Traceback" not in err
    assert not place.directory.exists()


def test_a_folder_that_cannot_be_written_is_one_line(
    ackp: Callable[..., Ackp], project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ACKP_SANDBOX", str(tmp_path / "file" / "below"))
    code, _, err = ackp(project, "up", "--stack", "uat").end()
    assert code == 1
    assert err == (
        f"error: The sandbox folder {tmp_path}/file/below cannot be written: Not a directory. "
        "Make it writable, or set ACKP_SANDBOX to another folder.\n"
    )


def test_outputs_are_json_and_nothing_else(ackp: Callable[..., Ackp], project: Path) -> None:
    assert ackp(project, "outputs", "--stack", "uat").end()[0] == 1
    assert ackp(project, "up", "--stack", "uat").end()[0] == 0
    code, out, err = ackp(project, "outputs", "--stack", "uat").end()
    assert (code, err, json.loads(out)["namespace"]) == (0, "", "gateway")


def test_up_prints_the_tree_the_outputs_and_the_notice_first_and_last(ackp: Callable[..., Ackp], project: Path) -> None:
    code, out, _ = ackp(project, "up", "--stack", "uat").end()
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == lines[-1] == NOTICE
    component = lines.index("├── + SpringService gateway")
    assert {line.strip(" │├└─") for line in lines[component + 1 : component + 3]} == {
        "+ Namespace gateway-namespace",
        "+ ConfigMap gateway-files",
    }
    assert "namespace: gateway" in lines
    again = ackp(project, "up", "--stack", "uat").end()[1]
    assert "uat: nothing changed, 4 unchanged" in again


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("reach", ["process", "group", "twice"])
def test_an_interrupted_up_saves_its_state_and_the_next_one_goes_on(  # noqa: PLR0917 - fixtures
    sandbox: MakeSandbox, place: Place, ackp: Callable[..., Ackp], hanging: Hanging, number: signal.Signals, reach: str
) -> None:
    command = start_and_wait(hanging, ackp, place)
    command.signal(number, group=reach == "group")
    if reach == "twice":  # as when `make` passes on what the whole group got already
        time.sleep(0.2)
        command.signal(number)
    code, out, err = command.end()
    assert code == 130, err
    assert out.splitlines() == [NOTICE, NOTICE]
    assert err.splitlines()[-1].startswith("Interrupted after 3 changes; the state is saved.")
    assert "Traceback" not in err
    after = ops(sandbox(root=hanging.project).up())
    assert (after["gateway-namespace"], after["gateway-files"]) == ("same", "create")


def test_a_second_request_stops_at_once_and_the_next_up_repairs(
    sandbox: MakeSandbox, place: Place, ackp: Callable[..., Ackp], hanging: Hanging, capsys: pytest.CaptureFixture[str]
) -> None:
    command = start_and_wait(hanging, ackp, place)
    cloud = int(place.lock("cloud").read_text())
    os.kill(cloud, signal.SIGSTOP)  # it would end a call that is cancelled; now it does not hear of it
    command.signal(signal.SIGINT)
    time.sleep(1.5)
    assert command.process.poll() is None  # the call in flight is waited for
    command.signal(signal.SIGINT)
    time.sleep(1.5)
    os.kill(cloud, signal.SIGCONT)
    code, _, err = command.end(20)
    assert code == 130
    assert "Interrupted after 3 changes; stopped in the middle, the next command repairs the state." in err
    assert ops(sandbox(root=hanging.project).up())["gateway-files"] == "create"
    assert "was ended in the middle: cleared 1 unfinished operation" in capsys.readouterr().err


def test_a_killed_up_is_repaired_by_the_next_one(
    sandbox: MakeSandbox, place: Place, ackp: Callable[..., Ackp], hanging: Hanging, capsys: pytest.CaptureFixture[str]
) -> None:
    command = start_and_wait(hanging, ackp, place)
    command.signal(signal.SIGKILL)
    command.end()
    after = ops(sandbox(root=hanging.project).up())
    assert after["gateway-files"] == "create"
    said = [line for line in capsys.readouterr().err.splitlines() if "was ended in the middle" in line]
    assert len(said) == 1
    assert "cleared 1 unfinished operation" in said[0]
    assert '"pending_operations":[{' not in next(place.state.rglob("uat.json")).read_text()
    assert not sandbox(root=hanging.project).up().changes.changed


def test_a_state_that_is_cut_off_is_said_with_what_to_do(sandbox: MakeSandbox, project: Path, place: Place) -> None:
    sandbox().up()
    next(place.state.rglob("uat.json")).write_text("")
    for operation in (sandbox().preview, sandbox().up, sandbox().down):
        with pytest.raises(SandboxError, match="state of the stack uat is cut off") as refused:
            operation()
        assert f"begin anew after `rm -r {place.directory}`" in str(refused.value)
    shutil.rmtree(place.directory)
    assert ops(sandbox(root=project).up())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_of_the_engine_leaves_no_process_behind(
    project: Path, tmp_path: Path, ackp: Callable[..., Ackp], monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text(f"#!/bin/sh\necho $$ >{tmp_path}/pid.new; /bin/mv {tmp_path}/pid.new {tmp_path}/pid; /bin/sleep 60\n")
    go.chmod(0o755)
    changed = {"PATH": go.parent, "XDG_CACHE_HOME": tmp_path / "cache", "HTTPS_PROXY": "http://127.0.0.1:9"}
    for name, value in {**changed, "https_proxy": "http://127.0.0.1:9", "NO_PROXY": "", "no_proxy": ""}.items():
        monkeypatch.setenv(name, str(value))
    command = ackp(project, "up", "--stack", "uat")
    wait_for((tmp_path / "pid").exists)
    command.signal(number)
    code, _, err = command.end(30)
    assert (code, err.splitlines()[-1]) == (130, "Interrupted; nothing is left half done. Run it again to go on.")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_second_command_at_once_is_refused_and_names_the_first_but_outputs_can_be_read(
    sandbox: MakeSandbox, place: Place, ackp: Callable[..., Ackp], hanging: Hanging
) -> None:
    command = start_and_wait(hanging, ackp, place)
    for name in ("up", "preview", "down"):
        with pytest.raises(SandboxError, match=rf"`ackp up --stack uat` \(process {command.process.pid}, since "):
            getattr(sandbox(root=hanging.project), name)()
    assert sandbox(root=hanging.project).outputs() == {}
    command.signal(signal.SIGINT)
    assert command.end()[0] == 130
    assert sandbox(root=hanging.project).up().changes.changed


def start_and_wait(hanging: Hanging, ackp: Callable[..., Ackp], place: Place) -> Ackp:
    """Start `ackp up`, and wait until the creation of the ConfigMap hangs."""
    rule = {"operation": "create", "type": "kubernetes:core/v1:ConfigMap", "effect": "hang", "seconds": 60}
    hanging.faults.write_text(json.dumps([rule]))
    command = ackp(hanging.project, "up", "--stack", "uat", faults=hanging.faults)

    def begun() -> bool:
        states = list(place.state.rglob("uat.json"))
        return command.process.poll() is not None or (bool(states) and "::gateway-files" in states[0].read_text())

    wait_for(begun)
    assert command.process.poll() is None, command.end()
    return command
