"""A state that a team shares: seen by all, locked while one works, backed up and put back, in each kind of store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pulumi.automation import ConcurrentUpdateError

from adopt.engine import missing
from tests.settings import ROOT
from tests.state.backends import Backend
from tests.state.member import STACK, STATE, Member

PAGE = (ROOT / "docs" / "how-to" / "keep-the-state.md").read_text(encoding="utf-8")
Team = tuple[Member, Member]


def test_what_one_brought_up_another_sees_unchanged(team: Team, backend: Backend) -> None:
    _, second = team
    assert any(key.endswith(STATE) for key in backend.names())
    assert not second.preview().changed
    assert not second.up().changed
    outputs = [each.run(["stack", "output", "--json", "--stack", STACK]).stdout for each in team]
    assert json.loads(outputs[0])
    assert outputs[0] == outputs[1]


def test_every_change_leaves_a_backup_of_the_state_before(team: Team, backend: Backend) -> None:
    first, _ = team
    before = [key for key in backend.names() if "/backups/" in key]
    first.project.edit({"services.gateway.replicas": 3})
    first.up()
    assert len([key for key in backend.names() if "/backups/" in key]) > len(before)


def test_an_export_holds_no_secret_in_plain_text_and_an_import_puts_it_back(team: Team, tmp_path: Path) -> None:
    first, second = team
    saved = tmp_path / "state.json"
    assert first.run(["stack", "export", "--stack", STACK, "--file", str(saved)]).code == 0
    document = json.loads(saved.read_text(encoding="utf-8"))
    assert document["deployment"]["secrets_providers"]["type"] == "passphrase"
    lost = tmp_path / "lost.json"
    resources = document["deployment"]["resources"]
    document["deployment"]["resources"] = resources[:1]
    lost.write_text(json.dumps(document), encoding="utf-8")
    assert first.run(["stack", "import", "--stack", STACK, "--file", str(lost)]).code == 0
    assert second.preview().counts["create"] == len(resources) - 1
    assert second.run(["stack", "import", "--stack", STACK, "--file", str(saved)]).code == 0
    assert not first.preview().changed


def test_who_was_killed_leaves_a_lock_that_is_named_and_given_back_by_cancel(team: Team, backend: Backend) -> None:
    first, second = team
    first.project.edit({"services.gateway.replicas": 4})
    first.killed_up()
    assert len(_locks(backend)) == 1
    with pytest.raises(ConcurrentUpdateError) as refused:
        second.up()
    (said,) = [each for each in PAGE.splitlines() if each.startswith("the stack is currently locked")]
    assert said in str(refused.value)
    assert "created by " in str(refused.value)
    assert second.run(["cancel", "--yes", "--stack", STACK]).code == 0
    assert not _locks(backend)
    second.project.edit({"services.gateway.replicas": 4})
    second.up()
    assert not first.preview().changed


def test_a_state_that_is_lost_is_put_back_from_the_last_backup_in_the_store(team: Team, backend: Backend) -> None:
    first, second = team
    assert """jq '{version: 3, deployment: .checkpoint.latest}'""" in PAGE
    first.up()
    backups = [key for key in backend.names() if f"/backups/ack-platform/{STACK}/" in key and key.endswith(".json")]
    latest = backend.read(max(backups))
    assert first.run(["stack", "rm", "--force", "--preserve-config", "--yes", "--stack", STACK]).code == 0
    assert not any(key.endswith(STATE) for key in backend.names())
    assert missing(first.settings, '{"deployment": {}}') == ("alb", "nas.fileSystem")
    assert second.run(["stack", "init", STACK]).code == 0
    deployment = json.loads(latest)["checkpoint"]["latest"]
    restored = json.dumps({"version": 3, "deployment": deployment})
    assert second.run(["stack", "import", "--stack", STACK], stdin=restored).code == 0
    assert missing(first.settings, second.run(["stack", "export", "--stack", STACK]).stdout) == ()
    assert not first.preview().changed


def _locks(backend: Backend) -> list[str]:
    return [key for key in backend.names() if "/locks/" in key and key.endswith(".json")]
