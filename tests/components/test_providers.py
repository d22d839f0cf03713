"""The two providers: explicit, made once, with nothing in them that changes from run to run."""

import json
from pathlib import Path

import pytest

from components.providers import make_providers
from tests.components.platform import CANARY, secrets
from tests.recorder import Recording, Secret, run
from tests.settings import settings

BOTH = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])


def record(changes: dict[str, object] | None = None, *, preview: bool = False) -> Recording:
    def program() -> None:
        make_providers(settings("uat", changes), secrets())

    return run(program, preview=preview)


@BOTH
def test_there_are_two_providers_and_the_alicloud_one_knows_only_its_region(*, preview: bool) -> None:
    recording = record(preview=preview)
    assert {each.name: each.type for each in recording.resources} == {
        "alicloud": "pulumi:providers:alicloud",
        "kubernetes": "pulumi:providers:kubernetes",
    }
    stated = {
        key: value
        for key, value in recording["alicloud"].inputs.items()
        if key not in ("configurationSource", "protocol")
    }
    assert stated == {"region": "cn-hangzhou"}


def test_only_another_cluster_replaces_the_kubernetes_provider_and_secrets_change_in_place() -> None:
    inputs = record()["kubernetes"].inputs
    assert inputs["clusterIdentifier"] == "cexample0000000000000000000000001"
    assert json.loads(inputs["enableSecretMutable"]) is True
    assert "namespace" not in inputs


def test_the_ack_kubeconfig_is_the_same_in_every_run() -> None:
    first, second = (record()["kubernetes"].inputs["kubeconfig"] for _ in range(2))
    assert first == second
    assert json.loads(first)["users"][0]["user"]["exec"]["command"] == "ack-ram-tool"


def test_a_kubeconfig_from_the_stacks_secrets_stays_secret() -> None:
    recording = record({"cluster.kubeconfig": {"source": "secret"}})
    assert recording["kubernetes"].inputs["kubeconfig"] == Secret(CANARY)


def test_of_a_kubeconfig_file_only_the_path_is_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "config").write_text(CANARY)
    recording = record({"cluster.kubeconfig": {"source": "file", "path": "~/config"}})
    assert recording["kubernetes"].inputs["kubeconfig"] == str(tmp_path / "config")


def test_a_kubeconfig_file_that_is_not_there_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    missing = tmp_path / "nowhere"
    record({"cluster.kubeconfig": {"source": "file", "path": str(missing)}})
    assert f"cluster.kubeconfig.path: there is no file {missing} on this machine" in caplog.text
