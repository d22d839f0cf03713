"""`ackp check`, `ackp explain`, `ackp schema`, as a person runs them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ACKP = Path(sys.executable).with_name("ackp")


def ackp(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ACKP, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def test_check_says_one_line_for_each_shipped_stack() -> None:
    run = ackp("check", "--all")
    assert run.returncode == 0, run.stderr
    assert [line.split(":")[0] for line in run.stdout.splitlines()] == [
        "Pulumi.test.yaml",
        "Pulumi.uat.yaml",
        "docs/examples/existing-cluster/Pulumi.prod.yaml",
    ]
    assert "7 services" in run.stdout
    assert "secrets to set: nacosPassword, registryPassword" in run.stdout


def test_check_of_one_stack_is_about_that_stack() -> None:
    run = ackp("check", "uat")
    assert run.stdout.startswith("Pulumi.uat.yaml: valid; namespace uat")
    assert run.stdout.count("\n") == 1


def test_check_of_an_unknown_stack_names_the_nearest_and_shows_no_stack_trace() -> None:
    run = ackp("check", "uatt")
    assert run.returncode == 1
    assert 'did you mean "uat"?' in run.stderr
    assert "Traceback" not in run.stderr


def test_check_as_json_is_for_tools() -> None:
    run = ackp("check", "uat", "uatt", "--json")
    good, bad = json.loads(run.stdout)
    assert run.returncode == 1
    assert (good["valid"], good["missingSecrets"]) == (True, ["nacosPassword", "registryPassword"])
    assert bad["problems"] == [
        {
            "file": "Pulumi.uatt.yaml",
            "line": None,
            "path": "(stack)",
            "rule": "must be a stack of this project",
            "value": '"uatt"',
            "mend": 'did you mean "uat"?',
        }
    ]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project's settings, with the program that reads them."""
    for name in ("cli", "config", "contract", "sandbox", "docs/examples"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for path in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def run_in(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from cli.app import main; main()", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False, env=environment)


def test_check_reports_everything_of_every_stack_and_exits_with_1(project: Path) -> None:
    for stack, old in (("test", "replicas: 1"), ("uat", "replicas: 2")):
        path = project / f"Pulumi.{stack}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, "replicas: 999"), encoding="utf-8")
    run = run_in(project, "check")
    assert run.returncode == 1
    assert "Pulumi.test.yaml: " in run.stderr
    assert "Pulumi.uat.yaml: " in run.stderr
    assert "must be 200 or less" in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout == ""


def test_schema_check_sees_a_changed_setting_and_write_mends_it(project: Path) -> None:
    shutil.copytree(ROOT / "docs" / "reference", project / "docs" / "reference")
    assert run_in(project, "schema", "--check").returncode == 0
    workload = project / "config" / "workload.py"
    text = workload.read_text(encoding="utf-8")
    workload.write_text(text.replace('"""What the scheduler reserves."""', '"""What is reserved."""'), encoding="utf-8")
    stale = run_in(project, "schema", "--check")
    assert stale.returncode == 1
    assert "docs/reference/settings.md: not what the settings say; run `ackp schema --write`" in stale.stderr
    assert run_in(project, "schema", "--write").returncode == 0
    assert run_in(project, "schema", "--check").returncode == 0
    assert "What is reserved." in (project / "docs/reference/settings.md").read_text(encoding="utf-8")


def test_schema_prints_the_schema_of_a_stack_file() -> None:
    run = ackp("schema")
    assert json.loads(run.stdout)["title"] == "A stack of ack-platform"


def test_explain_shows_value_origin_default_and_meaning() -> None:
    run = ackp("explain", "file.replicas", "-s", "uat")
    assert run.returncode == 0
    lines = [line.split(maxsplit=1) for line in run.stdout.splitlines()]
    assert lines[0] == ["services.file.replicas"]
    shown = {line[0]: line[1] for line in lines[1:]}
    assert shown["value"] == "2"
    assert shown["from"].endswith("(serviceDefaults.replicas)")
    assert shown["allowed"] == "0 to 200"
    assert shown["meaning"].startswith("The number of pods")


def test_explain_of_a_misspelt_key_names_the_nearest_and_exits_with_1() -> None:
    run = ackp("explain", "file.replcas", "-s", "uat")
    assert run.returncode == 1
    assert run.stderr == 'error: there is no key "replcas" in services.file; did you mean "replicas"?\n'


def test_check_imports_neither_pulumi_nor_the_sandbox_nor_a_component_nor_a_client_of_the_cloud() -> None:
    script = (
        "import sys; sys.argv = ['ackp', 'check', 'uat']\n"
        "from cli.app import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "slow = {'pulumi', 'grpc', 'sandbox', 'components', 'adopt', 'alibabacloud_credentials', 'requests'}\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & slow))"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_check_sees_two_stacks_that_take_the_same_host(project: Path) -> None:
    path = project / "Pulumi.uat.yaml"
    text = path.read_text(encoding="utf-8").replace("uat.example.com", "test.example.com")
    path.write_text(text, encoding="utf-8")
    run = run_in(project, "check")
    assert run.returncode == 1
    assert 'must not be the host of the stack "test", which is on the same cluster' in run.stderr
    assert run.stdout.startswith("Pulumi.test.yaml: valid")


PATCH = """
      patch:
        deployment:
          spec:
            template:
              spec:
                hostAliases: [{ip: 10.0.0.9, hostnames: [a.example.internal]}]
                containers: [{name: gateway, env: [{name: LANG, $patch: delete}, {name: OLD, value: x, extra: null}]}]
        service: {metadata: {labels: null}}
"""


def test_patches_are_counted_by_check_and_explained_with_their_file(project: Path) -> None:
    stack = project / "Pulumi.uat.yaml"
    text = stack.read_text(encoding="utf-8")
    assert "patched" not in run_in(project, "check", "uat").stdout
    stack.write_text(text.replace("\n    gateway:\n", f"\n    gateway:{PATCH}", 1), encoding="utf-8")
    run = run_in(project, "check", "uat")
    assert "18 pods; patched: 5 fields of 1 service; secrets" in run.stdout, run.stdout + run.stderr
    assert json.loads(run_in(project, "check", "uat", "--json").stdout)[0]["patchedFields"] == {"gateway": 5}
    lines = run_in(project, "explain", "gateway.patch", "--stack", "uat").stdout.splitlines()
    assert [line.split()[0] for line in lines if "unset" not in line] == [
        "services.gateway.patch.deployment",
        "services.gateway.patch.service",
    ]
    assert all("Pulumi.uat.yaml:" in line for line in lines if "unset" not in line)
    below = run_in(project, "explain", "gateway.patch.deployment.spec.template.spec.hostAliases[0].ip", "-s", "uat")
    assert "10.0.0.9" in below.stdout, below.stderr
