"""Reading the outputs as the documents say: the README's lines and the example program, on what uat really exports."""

import runpy
from typing import Any

import pytest
from pulumi.runtime.settings import get_root_resource

from tests import recorder
from tests.docs.documents import ENGLISH, Page
from tests.program.stacks import record
from tests.settings import ROOT

UAT = "organization/ack-platform/uat"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A store in which the stack uat is the only one, by its name as consumers write it."""
    outputs = record("uat").result
    monkeypatch.setattr(recorder, "_NAME", r"[a-z/-]+")  # the logical name of a reference is the stack's whole name
    return {UAT: {"name": UAT, "outputs": outputs, "secretOutputNames": []}}


def test_the_example_consumer_exports_the_gateways_url_and_the_albs_name(store: dict[str, Any]) -> None:
    def program() -> Any:
        runpy.run_path(str(ROOT / "docs" / "examples" / "consumer" / "__main__.py"), run_name="__main__")
        return getattr(get_root_resource(), "outputs", {})["probe"]

    uat = store[UAT]["outputs"]
    probe = recorder.run(program, stack="dev", live=store).result
    assert probe == {"url": "https://gateway.uat.example.com", "via": uat["alb"]["dnsName"]}


def test_the_lines_of_the_readme_read_what_their_comments_say(store: dict[str, Any]) -> None:
    text = next(block.text for block in Page(ENGLISH).blocks if block.language == "python")

    def program() -> dict[str, Any]:
        namespace: dict[str, Any] = {}
        exec(text, namespace)  # noqa: S102 - the README's own lines
        platform = namespace["platform"]
        return {"url": platform.service("gateway").url, "alb": platform.alb_dns_name}

    read = recorder.run(program, stack="dev", live=store).result
    assert f'# "{read["url"]}"' in text
    assert read["alb"] == store[UAT]["outputs"]["alb"]["dnsName"]
