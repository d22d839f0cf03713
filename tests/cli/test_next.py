"""`ackp next` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import cli.next
import cli.options
from cli.app import app
from improvements import application
from tests.improvements.adopted import DIGEST, NAME, stack, text


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The guide's stack file in a folder of its own."""
    path = tmp_path / NAME
    path.write_text(text(), encoding="utf-8")
    monkeypatch.setattr(cli.next, "ROOT", tmp_path)
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["next", *arguments])


def test_all_services_are_listed_with_what_is_open_blocked_and_left(file: Path) -> None:
    shown = run("uat")
    assert shown.exit_code == 0
    lines = [" ".join(line.split()) for line in shown.output.splitlines()]
    assert "file rollout no restart open" in lines
    assert any(line.startswith("gateway drain rolling restart blocked: the commands of postStart") for line in lines)
    assert any("resource left in the patch deployment: spec.template.spec.initContainers" in line for line in lines)
    assert file.read_text(encoding="utf-8") == text()


def test_one_service_is_shown_with_risk_effect_edit_and_command(file: Path) -> None:
    shown = run("uat", "file").output
    part = shown[shown.index("rollout  no restart") : shown.index("probes  rolling restart")]
    assert "(https://kubernetes.io/docs/" in part
    assert "changes   deployment: spec.strategy.rollingUpdate.maxUnavailable" in part
    assert "  -                maxUnavailable: 25%" in part
    assert "ackp next uat file --apply rollout" in part
    assert file.read_text(encoding="utf-8") == text()


def test_what_is_applied_is_written_and_shown_as_a_diff(file: Path) -> None:
    shown = run("uat", "file", "--apply", "rollout", "--apply", f"image={DIGEST}")
    assert shown.exit_code == 0, shown.output
    assert f"+        digest: {DIGEST}" in shown.output
    assert "image: rolling restart" in shown.output
    after = file.read_text(encoding="utf-8")
    assert stack(after).settings.services["file"].image.digest == DIGEST
    again = run("uat", "file", "--apply", "rollout")
    assert again.exit_code == 1
    assert "the settings say it already" in again.stderr
    assert file.read_text(encoding="utf-8") == after


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["uat", "file", "--apply", "security"], "host path /etc/localtime"),
        (["uat", "file", "--apply", "rollout", "--apply", "security"], "host path /etc/localtime"),
        (["uat", "file", "--apply", "rolout"], 'did you mean "rollout"?'),
        (["uat", "fil", "--apply", "rollout"], 'did you mean "file"?'),
        (["uta"], 'did you mean "uat"?'),
    ],
)
def test_what_is_refused_ends_with_1_and_writes_nothing(file: Path, arguments: list[str], said: str) -> None:
    shown = run(*arguments)
    assert shown.exit_code == 1
    assert said in shown.stderr
    assert file.read_text(encoding="utf-8") == text()


def test_an_improvement_needs_its_service(file: Path) -> None:
    shown = run("uat", "--apply", "rollout")
    assert shown.exit_code == 2
    assert "name the SERVICE" in shown.stderr
    assert file.read_text(encoding="utf-8") == text()


def test_what_was_changed_meanwhile_is_not_written_over(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = application.apply

    def with_another_hand(*arguments: Any) -> application.Applied:
        file.write_text(f"{text()}# another hand\n", encoding="utf-8")
        return apply(*arguments)

    monkeypatch.setattr(application, "apply", with_another_hand)
    shown = run("uat", "file", "--apply", "rollout")
    assert shown.exit_code == 1
    assert "was changed meanwhile" in shown.stderr
    assert file.read_text(encoding="utf-8") == f"{text()}# another hand\n"


def test_a_file_that_cannot_be_written_is_one_line_and_stays(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _text: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("config.files.replace_text", full)
    shown = run("uat", "file", "--apply", "rollout")
    assert shown.exit_code == 1
    assert "No space left" in shown.stderr
    assert file.read_text(encoding="utf-8") == text()


def test_for_tools_everything_is_json(file: Path) -> None:
    [found] = json.loads(run("uat", "exam", "--json").output)
    assert found["service"] == "exam"
    assert found["leftInThePatch"] == []
    rollout = next(each for each in found["improvements"] if each["item"] == "rollout")
    assert rollout["restarts"] is False
    assert rollout["diff"].startswith(f"--- {NAME}\n")
    [done] = json.loads(run("uat", "exam", "--apply", "rollout", "--json").output)
    assert done["item"] == "rollout"
    assert "strategy:" not in file.read_text(encoding="utf-8").split("    exam:")[1].split("    file:")[0]


def test_a_shipped_stack_has_nothing_in_a_patch() -> None:
    shown = run("uat")
    assert shown.exit_code == 0
    assert "left in the patch" not in shown.output


def test_services_and_improvements_are_completed(file: Path) -> None:
    context = SimpleNamespace(params={"stack": "uat"})
    assert cli.options.complete_service(context, "ga") == ["gateway"]  # type: ignore[arg-type] # it reads the parameters only
    assert cli.options.complete_service(SimpleNamespace(params={"stack": "none"}), "") == []  # type: ignore[arg-type]
    assert cli.next.complete_item("ro") == ["rollout"]
    assert file.exists()
