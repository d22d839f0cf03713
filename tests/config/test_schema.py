"""The JSON Schemas for editors and the page of all settings."""

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cli.schema import documents
from config.reference import settings_page
from config.schema import schema_text, services_schema, stack_schema
from config.service import Service
from config.stack import Sections
from tests.config.changes import ROOT

FILES = [
    "Pulumi.test.yaml",
    "Pulumi.uat.yaml",
    "docs/examples/existing-cluster/Pulumi.prod.yaml",
]


def errors_in(values: object, schema: dict[str, Any]) -> list[str]:
    jsonschema.Draft202012Validator.check_schema(schema)
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(values)]


def stack_file(name: str = "Pulumi.test.yaml") -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return values


@pytest.mark.parametrize("name", FILES)
def test_the_shipped_stack_files_are_valid(name: str) -> None:
    assert errors_in(stack_file(name), stack_schema()) == []


def test_the_shipped_catalogue_is_valid() -> None:
    catalogue = yaml.safe_load((ROOT / "config/services.yaml").read_text(encoding="utf-8"))
    assert errors_in(catalogue, services_schema()) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ack-platform:clustr", {}),
        ("ack-platform:nacos", {"address": "nacos:8848"}),
        ("ack-platform:registryPassword", "plain"),
        ("ack-platform:services", {}),
        ("ack-platform:services", {"Gateway": {}}),
        ("ack-platform:services", {"gateway": {"replcas": 1}}),
        ("ack-platform:services", {"gateway": {"replicas": "1"}}),
        ("ack-platform:services", {"gateway": {"jvm": {"heapPercent": 101}}}),
        ("ack-platform:services", {"gateway": {"ingress": {"listeners": [{"port": 443}]}}}),
    ],
)
def test_an_editor_would_underline(key: str, value: object) -> None:
    values = copy.deepcopy(stack_file())
    values["config"][key] = value
    assert errors_in(values, stack_schema())


def test_a_stack_may_state_only_a_part_of_what_the_catalogue_completes() -> None:
    values = copy.deepcopy(stack_file())
    values["config"]["ack-platform:services"] = {
        "gateway": {"ingress": {"tls": {"id": "1-cn-hangzhou"}}, "autoscaler": {"maxReplicas": 3}, "eip": None},
        "file": None,
    }
    values["config"]["ack-platform:registryPassword"] = {"secure": "v1:x"}
    assert errors_in(values, stack_schema()) == []


def test_every_key_is_documented_for_completion() -> None:
    undocumented = [
        f"{name}.{key}"
        for name, definition in stack_schema()["$defs"].items()
        for key, value in definition.get("properties", {}).items()
        if "description" not in value and "const" not in value and "enum" not in value
    ]
    assert undocumented == []


@pytest.mark.parametrize(("path", "text"), documents().items(), ids=lambda value: getattr(value, "name", ""))
def test_the_generated_documents_are_up_to_date(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text


def test_the_schema_is_the_same_bytes_each_time() -> None:
    assert schema_text(stack_schema()) == schema_text(stack_schema())


def test_the_page_has_a_row_for_every_key() -> None:
    page = settings_page()
    for model in (Sections, Service):
        for key in model.model_fields_by_alias():
            assert f"| `{key}` |" in page
    assert "Says which of the shapes this is." in page
    assert "None" not in page
