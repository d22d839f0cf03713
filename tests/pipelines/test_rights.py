"""What may be done, in the cloud and in the cluster: all that the program needs and nothing else; a preview reads."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from pipelines import ram
from tests.cluster.deployer import cluster_roles
from tests.settings import ROOT

READING = ("Describe", "Get", "List")
TOKEN = re.compile(r"alicloud:(?P<product>\w+)/(?P<function>get\w+):\w+")
"""Of a look-up that is not called by the SDK's own function."""
COMPONENTS = sorted((ROOT / "components").glob("*.py"))


def test_the_policies_are_up_to_date() -> None:
    assert ram.main("--check") == 0


def test_a_policy_that_was_edited_by_hand_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "policy.json"
    file.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(ram, "FILES", {"preview": file})
    monkeypatch.setattr(ram, "ROOT", file.parent)
    assert ram.main("--check") == 1
    assert "policy.json is not what pipelines/ram.yaml says" in capsys.readouterr().out


def test_there_are_actions_for_every_resource_that_the_shipped_stacks_register_and_no_other() -> None:
    golden = sorted((ROOT / "tests" / "program" / "golden").glob("*.txt"))
    registered = {
        token for file in golden for token in re.findall(r"^ +(alicloud:\S+)", file.read_text(), re.MULTILINE)
    }
    assert set(ram.table().resources) == registered


def test_there_are_actions_for_every_look_up_of_the_components_and_no_other() -> None:
    called = set()
    for file in COMPONENTS:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and node.attr.startswith("get_")
                and ast.unparse(node).startswith("alicloud.")
            ):
                called.add(ast.unparse(node).removesuffix("_output"))
            if isinstance(node, ast.Constant) and (token := TOKEN.fullmatch(str(node.value))):
                words = re.sub("([A-Z])", r"_\1", token["function"]).lower()
                called.add(f"alicloud.{token['product']}.{words}")
    assert set(ram.table().lookups) == called


def test_a_preview_only_reads() -> None:
    policy = json.loads(ram.FILES["preview"].read_text(encoding="utf-8"))
    (statement,) = policy["Statement"]
    assert [each for each in statement["Action"] if not each.partition(":")[2].startswith(READING)] == []


def test_deploying_may_do_all_that_a_preview_may_and_deletes_nothing_that_holds_data_or_an_address() -> None:
    table = ram.table()
    assert set(table.actions("preview")) < set(table.actions("deploy"))
    deleting = [each for each in table.actions("deploy") if each.partition(":")[2].startswith(("Delete", "Release"))]
    assert deleting == ["nas:DeleteAccessRule"]


def readable(file: str) -> set[tuple[str, str, str]]:
    """Group, resource and name of everything that the roles of a file may get; no name is any name."""
    return {
        (group, resource, name)
        for rules in cluster_roles(file).values()
        for rule in rules
        if "get" in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", ["*"])
    }


def test_in_the_cluster_a_previewer_gets_what_the_deployer_gets_and_of_secrets_the_given_one_only() -> None:
    secrets = {("", "secrets", "*")}
    assert readable("previewer.yaml") == readable("deployer.yaml") - secrets | {("", "secrets", "acr-credentials")}
    verbs = {verb for rules in cluster_roles("previewer.yaml").values() for rule in rules for verb in rule["verbs"]}
    assert verbs == {"get"}
