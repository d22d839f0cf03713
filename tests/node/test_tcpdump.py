"""`ackp tcpdump` of real packets by a real tcpdump, read back by tcpdump (row G26)."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

import cli.tcpdump
from capture.pod import LABELS, NAMESPACE
from cli.app import app
from tests.cluster.api import Object
from tests.cluster.bound import bound
from tests.cluster.connection import Connection
from tests.cluster.deployer import stated
from tests.cluster.platform import plan
from tests.docs.documents import Page
from tests.node.images import capturer
from tests.node.pods import eventually, remove_namespace
from tests.node.shells import NAMESPACE as SERVICES
from tests.node.shells import Shells
from tests.settings import ROOT

PAGE = Page(ROOT / "docs" / "how-to" / "capture-packets.md")
IMAGE = "registry-vpc.cn-hangzhou.aliyuncs.com/example/tcpdump:4.99"
ASK = "while :; do curl -s --max-time 1 http://no-such-name.uat:8080/; sleep 0.2; done"
"""Packets to the cluster's DNS, without an end."""
SUBPROCESS = (
    "import sys, pathlib, cli.tcpdump as t; t.ROOT = pathlib.Path(sys.argv.pop(1)); import cli.app as a; a.main()"
)


@dataclass(frozen=True)
class Scene:
    """Two services that ask DNS, and a stack that allows capturing them."""

    shells: Shells
    root: Path

    def run(self, *arguments: str, kubeconfig: Path | None = None) -> Result:
        return CliRunner().invoke(app, self._words(kubeconfig, *arguments))

    def begin(self, *arguments: str, kubeconfig: Path | None = None) -> subprocess.Popen[str]:
        """Run it as a person does, until it captures."""
        process = subprocess.Popen(
            [sys.executable, "-c", SUBPROCESS, str(self.root), *self._words(kubeconfig, *arguments)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr
        said = []
        for line in process.stderr:
            said.append(line)
            if line.startswith("Capturing "):
                return process
        raise AssertionError(said)

    def _words(self, kubeconfig: Path | None, *arguments: str) -> list[str]:
        place = str(kubeconfig or self.shells.node.kubeconfig)
        return ["tcpdump", "study", "-s", "uat", "--kubeconfig", place, *arguments]

    @property
    def address(self) -> str:
        (pod,) = self.shells.ready("study", 1)
        found: str = pod["status"]["podIP"]
        return found

    def capturing(self) -> list[Object]:
        """The pods that capture, or did."""
        return list(self.shells.api.objects("v1", "Pod", NAMESPACE, LABELS))

    def ended(self, name: str) -> bool:
        """Whether a pod that captured has ended by itself."""
        (pod,) = (each for each in self.capturing() if each["metadata"]["name"] == name)
        return bool((pod.get("status") or {}).get("phase") == "Succeeded")

    def gone(self) -> bool:
        return not self.capturing()


@pytest.fixture(scope="module")
def scene(shells: Shells, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The namespace of docs/rbac, the image and its pull Secret."""
    root = tmp_path_factory.mktemp("stack")
    for each in stated("capturer.yaml"):
        shells.api.apply(each)
    secret = plan("test")["environment-pull-secret"].stated
    name = secret["metadata"]["name"]
    shells.api.create({**secret, "metadata": {"name": name, "namespace": NAMESPACE}})
    shells.node.registry.push(capturer(root / "tcpdump.tar", "tcpdump"), IMAGE)
    capture = f"packetCapture: {{ image: {IMAGE}, pullSecret: {name} }}"
    section = f"config:\n  ack-platform:debug: {{ image: {IMAGE}, {capture} }}\n"
    text = (ROOT / "Pulumi.uat.yaml").read_text(encoding="utf-8")
    (root / "Pulumi.uat.yaml").write_text(text.replace("config:\n", section, 1), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, shells.up(shells.stated("exam", ASK)):
        patch.setattr(cli.tcpdump, "ROOT", root)
        with shells.up(shells.stated("study", ASK)):
            shells.ready("study", 1)
            shells.ready("exam", 1)
            yield Scene(shells, root)
    remove_namespace(shells.api, NAMESPACE)


def read_back(file: Path) -> list[str]:
    """The packets of a file, one a line, by tcpdump itself."""
    done = subprocess.run(["tcpdump", "-n", "-r", file], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_g26_the_packets_of_the_pod_and_of_no_other_are_in_the_file_and_the_pod_that_captures_goes(
    scene: Scene, tmp_path: Path
) -> None:
    file = tmp_path / "dns.pcap"
    done = scene.run("udp", "port", "53", "--count", "20", "-w", str(file), "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    lines = read_back(file)
    assert (said["packets"], said["bytes"], said["ended"]) == (20, file.stat().st_size, "20 packets are there")
    assert len(lines) == 20
    assert all(f" {scene.address}." in line and ".53" in line for line in lines)
    eventually(scene.gone)


def plain(text: str) -> str:
    """What the command says, without what differs each time."""
    text = re.sub(r"study-[0-9a-z]+-[0-9a-z]{5} on \S+;", "POD on NODE;", text)
    return re.sub(r"\d+ bytes in \S+", "N bytes in FILE", text)


def test_g26_what_the_page_shows_is_what_is_said(scene: Scene, tmp_path: Path) -> None:
    done = scene.run("udp", "port", "53", "-c", "200", "--size", "1", "-w", str(tmp_path / "dns.pcap"))
    assert done.exit_code == 0, done.output
    (shown,) = [block.text for block in PAGE.blocks if block.language == "text"]
    own = "".join(line for line in done.stderr.splitlines(keepends=True) if not line.startswith("the stack uat has"))
    assert plain(shown) in plain(own)


def test_g26_standard_output_has_the_capture_and_nothing_else(scene: Scene, tmp_path: Path) -> None:
    done = scene.run("--duration", "2s", "-w", "-")
    assert done.exit_code == 0, done.stderr
    assert "Ended: 2 s are over." in done.stderr
    file = tmp_path / "piped.pcap"
    file.write_bytes(done.stdout_bytes)
    assert read_back(file)
    eventually(scene.gone)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_g26_however_it_is_ended_the_packets_are_kept_and_the_pod_goes(
    scene: Scene, tmp_path: Path, ending: signal.Signals
) -> None:
    file = tmp_path / "ended.pcap"
    process = scene.begin("-w", str(file))
    eventually(lambda: any(each.stat().st_size > 1000 for each in tmp_path.glob(".ended.pcap.*")))
    process.send_signal(ending)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert f"bytes in {file}" in err
    assert "Traceback" not in err
    assert read_back(file)
    assert list(tmp_path.iterdir()) == [file]
    eventually(scene.gone)


def named(kubeconfig: Path, through: Path) -> None:
    """Let the API server's certificate be that of its own address, though it is asked at another."""
    own = json.loads(kubeconfig.read_text(encoding="utf-8"))["clusters"][0]["cluster"]["server"]
    changed = json.loads(through.read_text(encoding="utf-8"))
    changed["clusters"][0]["cluster"]["tls-server-name"] = urlsplit(own).hostname
    through.write_text(json.dumps(changed), encoding="utf-8")


def test_g26_a_connection_that_breaks_off_is_said_the_packets_are_kept_and_the_pod_goes(
    scene: Scene, tmp_path: Path
) -> None:
    file = tmp_path / "broken.pcap"
    folder = tmp_path / "connection"
    folder.mkdir()
    with Connection(scene.shells.node.kubeconfig, folder).open() as through:
        named(scene.shells.node.kubeconfig, through.kubeconfig)
        process = scene.begin("-w", str(file), kubeconfig=through.kubeconfig)
        eventually(lambda: any(each.stat().st_size > 1000 for each in tmp_path.glob(".broken.pcap.*")))
        through.lose_next_answer()
        _, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    assert "does not answer" in err
    assert "Traceback" not in err
    assert read_back(file)
    eventually(scene.gone)


def test_g26_a_filter_that_is_none_is_told_in_tcpdumps_words_and_leaves_nothing(scene: Scene, tmp_path: Path) -> None:
    done = scene.run("tcp", "port", "-w", str(tmp_path / "none.pcap"))
    assert done.exit_code == 1
    assert "tcpdump failed: tcpdump: can't parse filter expression" in done.stderr
    assert not list(tmp_path.iterdir())
    eventually(scene.gone)


def test_g26_the_rights_of_a_capturer_are_enough_and_what_cannot_be_removed_is_named_and_goes_with_the_next_run(
    scene: Scene, tmp_path: Path
) -> None:
    shells, words = scene.shells, ("-c", "2", "--duration", "20s", "-w", str(tmp_path / "a.pcap"))
    with bound(shells.api, shells.node.kubeconfig, "observer", SERVICES):
        binding = _observes(shells)
        with bound(shells.api, shells.node.kubeconfig, "capturer", NAMESPACE) as account:
            done = scene.run(*words, kubeconfig=account.kubeconfig)
            assert done.exit_code == 0, done.output
            for verb, resource, less in account.each_less():
                with account.holding(less):
                    done = scene.run(*words, kubeconfig=account.kubeconfig)
                if (verb, resource) == ("delete", "pods"):
                    (name,) = re.findall(r"The pod (\S+) is left", done.stderr)
                    assert f"kubectl delete pod {name} -n {NAMESPACE}" in done.stderr
                    eventually(partial(scene.ended, name))
                    assert f"Removing {name}, which an earlier run left" in scene.run(*words).stderr
                    eventually(scene.gone)
                    continue
                assert done.exit_code == 1, (verb, resource)
                assert f"{resource} in {NAMESPACE}: docs/rbac/capturer.yaml" in done.stderr
        shells.api.delete(binding)


def _observes(shells: Shells) -> Object:
    """The binding that lets the capturer read the services' pods, as the file's first lines say."""
    binding: Object = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "capturer-observes", "namespace": SERVICES},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "ack-platform-observer",
        },
        "subjects": [{"kind": "ServiceAccount", "name": "capturer", "namespace": "ack-platform"}],
    }
    shells.api.create(binding)
    return binding
