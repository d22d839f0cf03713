"""Patches on the real engine: nulls and directives pass its configuration, and every run says how many there are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sandbox.place import Place
from tests.engine.conftest import Ackp
from tests.engine.stacks import Cloud, Project

PATCH = {
    "deployment": {
        "metadata": {"labels": {"env": None}},
        "spec": {
            "template": {
                "spec": {
                    "$setElementOrder/containers": [{"name": "gateway"}, {"name": "agent"}],
                    "containers": [
                        {
                            "name": "gateway",
                            "env": [{"name": "LANG", "$patch": "delete"}, {"name": "OLD", "value": "1"}],
                        },
                        {"name": "agent", "image": "registry.example.com/agent:1"},
                    ],
                }
            }
        },
    },
}


def test_a_patched_object_comes_up_as_it_is_patched_and_stays(
    ackp: Callable[..., Ackp], place: Place, tmp_path: Path
) -> None:
    project = Project.copy(tmp_path / "project", "test", small=True)
    project.edit({"services.gateway.patch": PATCH})
    code, out, error = ackp(project.root, "up", "--stack", "test").end()
    assert code == 0, error
    debt = "patched: 5 fields of 1 service; ackp explain SERVICE.patch --stack test lists them"
    assert debt in out.splitlines()
    deployment = Cloud(place).get("apps/Deployment", "test/gateway")
    assert "env" not in deployment["metadata"]["labels"]
    gateway, agent = deployment["spec"]["template"]["spec"]["containers"]
    assert agent == {"name": "agent", "image": "registry.example.com/agent:1"}
    assert gateway["env"][0] == {"name": "OLD", "value": "1"}
    assert "LANG" not in [each["name"] for each in gateway["env"]]
    again = ackp(project.root, "preview", "--stack", "test").end()[1]
    assert "test: nothing would change" in again
    assert debt in again.splitlines()

    project.edit({"services.gateway.patch": {}})
    assert ackp(project.root, "up", "--stack", "test").end()[0] == 0
    built = Cloud(place).get("apps/Deployment", "test/gateway")
    assert built["metadata"]["labels"]["env"] == "test"
    assert [each["name"] for each in built["spec"]["template"]["spec"]["containers"]] == ["gateway"]
