"""The promise to other teams: what the model may become without breaking a reader."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contract import schema
from contract.model import PlatformOutputs, outputs_schema
from contract.schema import FILE, main, schema_text, violations

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def promised() -> dict[str, Any]:
    """The committed schema."""
    read: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return read


def test_the_committed_schema_is_the_models() -> None:
    assert FILE.read_text(encoding="utf-8") == schema_text()
    Draft202012Validator.check_schema(outputs_schema())


def test_version_1_0_promises_these_fields() -> None:
    """Written by hand from the first release: the one place that a regenerated file cannot follow."""
    assert set(PlatformOutputs.model_json_schema()["properties"]) >= {
        "schemaVersion", "environment", "namespace", "alb", "nas", "dnsRecords", "services",
    }  # fmt: skip
    types = dict(schema._fields(outputs_schema()))
    for path, expected in {
        "alb.id": {"string", "null"},
        "alb.dnsName": {"string", "null"},
        "alb.ingressClass": {"string"},
        "nas.fileSystemId": {"string", "null"},
        "nas.mountTarget": {"string", "null"},
        "nas.claim": {"string"},
        "dnsRecords.*": {"string", "null"},
        "services.*.image": {"string"},
        "services.*.port": {"integer", "null"},
        "services.*.host": {"string", "null"},
        "services.*.url": {"string", "null"},
        "services.*.urls[]": {"string"},
    }.items():
        assert types[path] == (frozenset(expected), True), path


def _service(now: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = now["$defs"]["ServiceOutputs"]
    return found


BREAKING: dict[str, tuple[Change, str]] = {
    "a field removed": (lambda now: _service(now)["properties"].pop("url"), "services.*.url: is gone"),
    "a field renamed": (
        lambda now: _service(now)["properties"].update(address=_service(now)["properties"].pop("host")),
        "services.*.host: is gone",
    ),
    "a text that may be null": (
        lambda now: now["properties"].update(namespace={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "namespace: may now be null where it was string",
    ),
    "a number that becomes a text": (
        lambda now: _service(now)["properties"].update(port={"type": "string"}),
        "services.*.port: may now be string where it was integer, null",
    ),
    "items of another type": (
        lambda now: _service(now)["properties"]["urls"].update(items={"type": "object"}),
        "services.*.urls[]: may now be object where it was string",
    ),
    "a field that may be missing": (
        lambda now: now["required"].remove("dnsRecords"),
        "dnsRecords: may now be missing",
    ),
}


@pytest.mark.parametrize("case", BREAKING)
def test_breaking_a_reader_needs_a_new_major_version(promised: dict[str, Any], case: str) -> None:
    change, line = BREAKING[case]
    now = copy.deepcopy(promised)
    change(now)
    assert f"{line}: needs version 2.0" in violations(promised, now)
    now["properties"]["schemaVersion"]["default"] = "1.1"
    assert f"{line}: needs version 2.0" in violations(promised, now)
    now["properties"]["schemaVersion"]["default"] = "2.0"
    assert violations(promised, now) == []


def test_a_new_field_needs_a_new_minor_version(promised: dict[str, Any]) -> None:
    now = copy.deepcopy(promised)
    now["properties"]["region"] = {"type": "string"}
    assert violations(promised, now) == ["region: is new: needs version 1.1"]
    now["properties"]["schemaVersion"]["default"] = "1.1"
    assert violations(promised, now) == []


def test_a_version_never_goes_back(promised: dict[str, Any]) -> None:
    now = copy.deepcopy(promised)
    now["properties"]["schemaVersion"]["default"] = "0.9"
    assert violations(promised, now) == ["schemaVersion: 0.9 is older than the promised 1.0"]


def test_a_promise_is_narrowed_freely(promised: dict[str, Any]) -> None:
    now = copy.deepcopy(promised)
    _service(now)["properties"]["url"] = {"type": "string"}
    assert violations(promised, now) == []


def test_write_refuses_to_break_the_promise_and_leaves_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], promised: dict[str, Any]
) -> None:
    file = tmp_path / "outputs.schema.json"
    promised["properties"]["region"] = {"type": "string"}  # a promise that the model does not keep
    file.write_text(json.dumps(promised), encoding="utf-8")
    before = file.read_bytes()
    monkeypatch.setattr(schema, "FILE", file)
    assert (main(["--write"]), main(["--check"])) == (1, 1)
    assert file.read_bytes() == before
    assert "region: is gone: needs version 2.0" in capsys.readouterr().err


def test_check_tells_that_the_file_is_not_the_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "outputs.schema.json"
    monkeypatch.setattr(schema, "FILE", file)
    assert main(["--check"]) == 1
    assert "python -m contract.schema --write" in capsys.readouterr().err
    assert (main(["--write"]), main(["--check"])) == (0, 0)
    file.write_text(file.read_text(encoding="utf-8").replace("load balancer", "balancer"), encoding="utf-8")
    assert main(["--check"]) == 1
