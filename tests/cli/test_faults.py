"""What keeps a command from the cluster or the registry is one report, whichever command it is, and so is Ctrl-C."""

from __future__ import annotations

import shutil
import socket
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from cli.app import COMMANDS, app
from tests.cli.commands import command, options_of
from tests.pod_logs.running import running
from tests.settings import ROOT

TOKEN = "made-up-token-of-nobody"
OTHER = "c" + "0" * 31 + "9"
TYPED = {"STACK": "uat", "SERVICE": "study", "TO": "gateway"}
"""What is typed for an argument."""
STATED = """\
  ack-platform:debug:
    image: registry-vpc.cn-hangzhou.aliyuncs.com/example/jdk:17
    packetCapture: { image: "registry-vpc.cn-hangzhou.aliyuncs.com/example/tcpdump:4.99" }
"""
"""What some commands want of a stack beyond the shipped ones."""


LIVE = [name for name in COMMANDS if "--kubeconfig" in options_of(name) and name not in ("adopt", "report")]
"""The commands that look at the cluster of a stack. `adopt` asks for a cluster that is in none, `report` may do without
one; they have tests of their own."""


def words(name: str, service: str = "study") -> list[str]:
    """What is typed to have a command look at a service, where it looks at one."""
    wanted = (each for each in command(name).params if each.param_type_name == "argument")
    named = [str(each.metavar) for each in wanted if each.required or each.metavar == "SERVICE"]
    typed = [name, *({**TYPED, "SERVICE": service}[each] for each in named)]
    options = [each for each in command(name).params if each.param_type_name == "option" and each.required]
    typed += [word for each in options for word in (each.opts[0], "-")]
    if "--service" in options_of(name):
        typed += ["--service", service]
    return [*typed, *(["--stack", "uat"] if "--stack" in options_of(name) else [])]


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that leads to a closed port; the stack states what the commands want."""
    for stack in ("test", "uat"):
        shutil.copy(ROOT / f"Pulumi.{stack}.yaml", tmp_path)
    file = tmp_path / "Pulumi.uat.yaml"
    head, config, rest = file.read_text(encoding="utf-8").partition("\nconfig:\n")
    file.write_text(head + config + STATED + rest, encoding="utf-8")
    for name in LIVE:
        monkeypatch.setattr(import_module(f"cli.{name.replace('-', '_')}"), "ROOT", tmp_path)
    place = tmp_path / "kubeconfig"
    write(place, "here")
    return place


def write(kubeconfig: Path, context: str) -> None:
    named = {"name": context, "context": {"cluster": "c", "user": "u"}}
    stated = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "contexts": [named],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"token": TOKEN}}],
    }
    kubeconfig.write_text(yaml.safe_dump(stated), encoding="utf-8")


def refused(typed: list[str], kubeconfig: Path) -> Result:
    done = CliRunner().invoke(app, [*typed, "--kubeconfig", str(kubeconfig)])
    assert (done.exit_code, done.stdout) == (1, ""), done.output
    assert isinstance(done.exception, SystemExit)
    assert TOKEN not in done.stderr
    return done


def test_the_commands_that_look_at_a_cluster_are_these_at_least() -> None:
    assert {"watch", "logs", "heapdump", "reach", "tcpdump", "clean", "drift"} <= set(LIVE)


@pytest.mark.parametrize("name", LIVE)
def test_no_kubeconfig_another_cluster_and_one_that_does_not_answer_are_one_report(name: str, kubeconfig: Path) -> None:
    none = kubeconfig.with_name("none")
    assert f"The kubeconfig {none} cannot be read" in refused(words(name), none).stderr
    assert "does not answer" in refused(words(name), kubeconfig).stderr
    write(kubeconfig, f"200000000000000001-{OTHER}")
    assert f"leads to the cluster {OTHER}, and the stack uat is in" in refused(words(name), kubeconfig).stderr


@pytest.mark.parametrize("name", [name for name in LIVE if "stduy" in words(name, "stduy")])
def test_a_service_that_is_not_known_is_named_with_the_nearest(name: str, kubeconfig: Path) -> None:
    said = refused(words(name, "stduy"), kubeconfig).stderr
    assert said == 'error: stduy is no service of the stack uat; did you mean "study"?\n'


@pytest.mark.parametrize(
    "line",
    [
        ("images", "uat"),
        ("set-image", "study", "--from-registry", "--stack", "uat"),
        ("set-image", "study", "--tag", "1.0", "--stack", "uat"),
    ],
    ids=" ".join,
)
def test_ctrl_c_while_a_registry_hangs_leaves_the_stack_file_as_it_was(line: tuple[str, ...], tmp_path: Path) -> None:
    before = (ROOT / "Pulumi.uat.yaml").read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        host = f"127.0.0.1:{server.getsockname()[1]}"
        with running(tmp_path, *line, "--registry", host) as ackp:
            taken, _ = server.accept()
            with taken:
                assert ackp.interrupt() == 130
            assert ackp.err == ["Interrupted; nothing is left half done. Run it again to go on."]
    assert (ROOT / "Pulumi.uat.yaml").read_bytes() == before
