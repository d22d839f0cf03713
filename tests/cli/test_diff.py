"""`ackp diff` as a person runs it."""

import json

from typer.testing import CliRunner, Result

from cli.app import app
from tests.docs.documents import Page
from tests.settings import ROOT

PAGE = Page(ROOT / "docs" / "how-to" / "compare-environments.md")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["diff", *arguments])


def test_the_page_shows_what_the_command_prints() -> None:
    shown = next(block.text for block in PAGE.blocks if block.text.startswith("test and uat"))
    assert run("test", "uat").output == shown


def test_all_lists_each_expected_difference_with_its_reason() -> None:
    lines = run("test", "uat", "--all").output.splitlines()
    after = lines[lines.index("expected") + 1 :]
    assert len(after) == 36
    assert all(line.endswith(")") for line in after)
    assert "study.replicas 1 → 2 (size of the environment)" in [" ".join(line.split()) for line in after]


def test_json_has_both_lists_with_the_values_by_stack() -> None:
    said = json.loads(run("test", "uat", "--json").output)
    assert said["stacks"] == ["test", "uat"]
    assert [each["path"] for each in said["surprising"]][:1] == ["environment.networkPolicies"]
    memory = next(each for each in said["surprising"] if each["service"] == "exam")
    assert memory["values"] == {"test": "2Gi", "uat": "4Gi"}
    assert len(said["expected"]) == 36
    assert all(each["reason"] for each in said["expected"])


def test_only_with_fail_a_surprise_is_an_exit_code() -> None:
    assert run("test", "uat").exit_code == 0
    assert run("test", "uat", "--fail").exit_code == 3


def test_the_same_stack_twice_and_an_unknown_one_are_refused() -> None:
    assert run("uat", "uat").exit_code == 2
    unknown = run("uat", "tset")
    assert (unknown.exit_code, 'did you mean "test"?' in unknown.stderr) == (1, True)
