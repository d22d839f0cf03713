"""`ackp tcpdump` before any cluster is asked, and the pod that it would make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import cli.tcpdump
from capture.pod import NAMESPACE, START_SECONDS, CapturePod
from cli.app import app
from config.debug import PacketCapture
from tests.settings import ROOT

DEBUG = "ack-platform:debug: { image: r.example.com/a:1, packetCapture: { image: r.example.com/b:1 } }"


@pytest.fixture
def allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stack uat, with packet capture."""
    text = (ROOT / "Pulumi.uat.yaml").read_text(encoding="utf-8")
    (tmp_path / "Pulumi.uat.yaml").write_text(text.replace("config:\n", f"config:\n  {DEBUG}\n", 1), encoding="utf-8")
    monkeypatch.setattr(cli.tcpdump, "ROOT", tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["tcpdump", *arguments, "-s", "uat", "--kubeconfig", "none"])


def test_a_stack_that_does_not_allow_it_refuses_before_anything_is_asked() -> None:
    done = run("study", "-w", "a.pcap")
    assert done.exit_code == 1
    assert "The stack uat does not allow it: set debug.packetCapture.image in its stack file" in done.stderr


def test_a_stack_with_other_tools_only_refuses_too(allowed: Path) -> None:
    file = allowed / "Pulumi.uat.yaml"
    tools = "ack-platform:debug: { image: r.example.com/a:1 }"
    file.write_text(file.read_text(encoding="utf-8").replace(DEBUG, tools), encoding="utf-8")
    done = run("study", "-w", "a.pcap")
    assert done.exit_code == 1
    assert "does not allow it" in done.stderr


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("studi", "-w", "a.pcap"), 1, "studi is no service of the stack uat; did you mean"),
        (
            ("study", "tcp)", "or", "(udp", "-w", "a.pcap"),
            1,
            "the parentheses of the filter do not match: tcp) or (udp",
        ),
        (("study", "-w", "-", "--json"), 2, "--json and -w - both want standard output"),
        (("study",), 2, "--write"),
        (("study", "-w", "a.pcap", "--duration", "soon"), 2, "--duration"),
        (("study", "-w", "a.pcap"), 1, "The kubeconfig none cannot be read"),
    ],
)
def test_bad_input_is_refused_with_its_reason(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run(*arguments)
    assert done.exit_code == code
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_the_pod_has_the_nodes_network_and_nothing_else_of_the_node() -> None:
    stated = PacketCapture.model_validate({"image": "r.example.com/b:1", "pullSecret": "login"})
    connection: Any = None  # it is not asked
    pod = CapturePod(connection, stated, "node-1", 60).manifest()
    assert pod["metadata"]["namespace"] == NAMESPACE
    spec = pod["spec"]
    assert spec["hostNetwork"] is True
    assert not {"hostPID", "hostIPC", "volumes"} & set(spec)
    assert spec["automountServiceAccountToken"] is False
    assert (spec["nodeName"], spec["imagePullSecrets"]) == ("node-1", [{"name": "login"}])
    (container,) = spec["containers"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"], "add": ["NET_RAW", "SETGID", "SETUID"]}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert not {"privileged", "volumeMounts"} & {*container, *container["securityContext"]}
    seconds = int(container["command"][1])
    assert 60 < seconds < 120
    assert spec["activeDeadlineSeconds"] == START_SECONDS + seconds
