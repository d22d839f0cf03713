"""What the runbook about Nacos tells a person to run inside the sidecar, with a real shell and curl."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.docs.documents import Page
from tests.docs.shell import commands
from tests.scripts.nacos_server import NacosServer
from tests.scripts.registration import POD_IP, SERVICE, SHELLS, application, register, sidecar, wait_for
from tests.scripts.test_registration_faults import with_login
from tests.settings import ROOT

PAGE = Page(ROOT / "docs" / "runbooks" / "nacos-lists-differ.md")
LAPTOP = "192.0.2.7"


def inside() -> list[str]:
    """The scripts that the page hands to `sh -c`: the list, and the switch."""
    return [words[-1] for words in commands(PAGE) if words[:2] == ["kubectl", "exec"]]


def run(script: str, variables: dict[str, str], shell: str) -> str:
    done = subprocess.run([*shell.split(), "-c", script], env=variables, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_g16_the_list_of_the_runbook_is_what_callers_see_and_its_switch_takes_one_address_out(
    nacos: NacosServer, variables: dict[str, str], tmp_path: Path, shell: str
) -> None:
    look, switch = inside()
    nacos.wants_login = True
    register(nacos)
    nacos.register(SERVICE, LAPTOP, 8080)
    defaults = {"REGISTRATION_GROUP": "DEFAULT_GROUP", "REGISTRATION_CLUSTER": "DEFAULT"}
    env = with_login({**variables, **defaults}, tmp_path / "credentials")
    with application() as app, sidecar({**env, "REGISTRATION_HEALTH_PORT": str(app.port)}, shell):
        wait_for(lambda: nacos.looks() > 0 and "hosts" in run(look, env, shell))
        assert {each["ip"] for each in json.loads(run(look, env, shell))["hosts"]} == {POD_IP, LAPTOP}
        assert run(switch.replace("=ADDRESS", f"={LAPTOP}").replace("=PORT", "=8080"), env, shell) == "ok"
        assert {each["ip"] for each in json.loads(run(look, env, shell))["hosts"]} == {POD_IP}
    assert nacos.visible(SERVICE) == [(POD_IP, 80)]
