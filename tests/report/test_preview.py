"""What the engine writes is read in both of its forms; what is no whole preview is refused, a line for each reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cost.prices import read_prices
from report.preview import PreviewError, read_preview
from report.report import report
from sandbox.command import Done, EngineCommand
from sandbox.problem import SandboxError
from tests.report.cases import CASES, Scene

EDITS = {**CASES["selector-changed"].edits, "alb.allowListenerRemoval": ["HTTPS/8000"]}


@pytest.fixture(scope="module")
def written(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A preview's document, as the engine writes it."""
    copy = scene.copy(tmp_path_factory.mktemp("written"))
    copy.project.edit(EDITS)
    return copy.preview()


def refused(text: str, stack: str = "uat") -> str:
    with pytest.raises(PreviewError) as raised:
        read_preview(text, "preview.json", stack)
    return str(raised.value)


def test_events_give_the_same_report_as_the_document(
    scene: Scene, written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = scene.copy(tmp_path)
    copy.project.edit(EDITS)
    usual = vars(EngineCommand)["environment"].__get__
    streaming = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
    monkeypatch.setattr(EngineCommand, "environment", property(lambda command: {**usual(command), **streaming}))
    events = copy.preview()
    assert json.loads(events.splitlines()[0])["sequence"] == 0
    as_events, as_document = (report(read_preview(text, "preview.json"), read_prices()) for text in (events, written))
    assert as_events.json == as_document.json
    assert as_events.exit_code == 4
    assert [each.what for each in as_events.exemptions] == ["HTTPS/8000"]
    [last] = [number for number, line in enumerate(events.splitlines()) if "summaryEvent" in line]
    cut = "\n".join(events.splitlines()[:last])
    assert "has no end" in refused(cut)
    assert "line 3 is no whole event, it was cut short" in refused(
        "\n".join([*events.splitlines()[:2], '{"sequence": 2,'])
    )


@pytest.mark.parametrize("share", [0.0001, 0.1, 0.5, 0.9, 0.9999])
def test_a_document_that_is_cut_short_is_refused(written: str, share: float) -> None:
    said = refused(written[: int(len(written) * share)])
    assert said.startswith("preview.json: cut short, the JSON has no end")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "preview.json: empty; the engine wrote no preview"),
        ("Previewing update (uat):\n", "preview.json: line 1 is not JSON"),
        ("[]", "has no end"),
        ('{"version": 3, "deployment": {}}', "preview.json: no preview of Pulumi 3.259"),
        ('{"steps": 4, "changeSummary": {}}', "step 1 names no resource as Pulumi 3.259 does"),
        ('{"steps": [{"op": "same", "urn": "gateway"}], "changeSummary": {}}', "step 1 names no resource"),
        (
            '{"steps": [{"op": "transmogrify", "urn": "urn:pulumi:uat::p::t::n"}], "changeSummary": {}}',
            "step 1 has the operation 'transmogrify', which Pulumi 3.259 does not know",
        ),
        ('{"steps": [], "changeSummary": {}}', "the preview names no resource"),
    ],
)
def test_what_is_no_preview_is_refused_in_one_line(text: str, words: str) -> None:
    said = refused(text)
    assert words in said
    assert "\n" not in said


def test_a_preview_that_leaves_out_what_stays_says_nothing_of_quota_and_cost(written: str) -> None:
    document = json.loads(written)
    changing = [step for step in document["steps"] if step["op"] != "same"]
    unprotected = next(step for step in document["steps"] if step["urn"].endswith("environment-quota"))
    del unprotected["newState"]["protect"]  # named by the engine even so
    document["steps"] = [*changing, unprotected]
    less, more = (report(read_preview(text, "preview.json"), read_prices()) for text in (json.dumps(document), written))
    assert (less.quota, less.cost, less.unchanged) == ((), None, ())
    assert str(more.quota[0]) == "64 %"
    assert more.cost is not None
    assert less.services == more.services
    assert [row.also for row in less.shared] == [("ResourceQuota ack-platform loses its protection",)]


def test_a_preview_of_another_stack_is_refused(written: str) -> None:
    assert refused(written, "test") == "preview.json: a preview of the stack uat, not of test."


def test_a_preview_that_failed_is_refused_with_the_engines_reasons(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, outputs = scene.copy(tmp_path), []
    copy.project.edit(CASES["namespace-renamed"].edits)  # what is protected is not replaced
    run = EngineCommand.run

    def recording(command: EngineCommand, *arguments: Any, **more: Any) -> Done:
        done = run(command, *arguments, **more)
        outputs.append(done.stdout)
        return done

    monkeypatch.setattr(EngineCommand, "run", recording)
    with pytest.raises(SandboxError):
        copy.preview()
    first, *reasons = refused(outputs[-1]).splitlines()
    assert first == "preview.json: the preview failed; nothing can be reported."
    assert any("Namespace environment-namespace: unable to replace resource" in each for each in reasons)


def test_values_of_secrets_are_left_behind_when_a_preview_is_read() -> None:
    urn = "urn:pulumi:uat::ack-platform::kubernetes:core/v1:Secret::s"
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": "hunter2"}
    state = {"inputs": {"data": secret, "list": [{"deep": secret}]}}
    text = json.dumps({"steps": [{"op": "create", "urn": urn, "newState": state}], "changeSummary": {}})
    [step] = read_preview(text, "preview.json").steps
    assert step.new == {"data": "[secret]", "list": [{"deep": "[secret]"}]}
