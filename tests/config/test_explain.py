"""Where a value comes from."""

import pytest

from config import load, read_stack
from config.explain import Explanation, UnknownKeyError, explain
from config.files import read_yaml
from config.load import CATALOGUE
from tests.config.changes import ROOT

LINES = {
    name: (ROOT / name).read_text(encoding="utf-8").splitlines() for name in ("Pulumi.uat.yaml", "config/services.yaml")
}


def explained(wanted: str) -> list[Explanation]:
    source, catalogue = read_stack("uat", ROOT), read_yaml(CATALOGUE)
    return explain(load(source, catalogue, secrets="generated"), source, catalogue, wanted)


@pytest.mark.parametrize(
    ("wanted", "value", "file", "path", "on_line"),
    [
        (
            "gateway.autoscaler.maxReplicas",
            6,
            "Pulumi.uat.yaml",
            "services.gateway.autoscaler.maxReplicas",
            "autoscaler",
        ),
        ("file.replicas", 2, "Pulumi.uat.yaml", "serviceDefaults.replicas", "replicas: 2"),
        ("exam.probes.startupSeconds", 420, "services.yaml", "exam.probes.startupSeconds", "startupSeconds: 420"),
        ("cluster.region", "cn-hangzhou", "Pulumi.uat.yaml", "cluster.region", "region: cn-hangzhou"),
        ("alb.listeners[2].port", 8000, "Pulumi.uat.yaml", "alb.listeners[2].port", "port: 8000"),
    ],
)
def test_a_stated_value_names_the_file_and_line_that_states_it(
    wanted: str, value: object, file: str, path: str, on_line: str
) -> None:
    (found,) = explained(wanted)
    assert found.value == value
    name, _, rest = found.origin.partition(":")
    line, _, shown = rest.partition(" ")
    assert (name, shown) == (file, f"({path})")
    lines = next(text for key, text in LINES.items() if key.endswith(file))
    assert on_line in lines[int(line) - 1]


def test_a_default_is_called_one_with_its_documentation() -> None:
    (found,) = explained("file.port")
    assert (found.value, found.origin, found.default, found.allowed) == (80, "default", "80", "1 to 65535")
    assert found.meaning == "The container port that Spring listens on."


def test_a_service_is_explained_key_by_key() -> None:
    found = explained("gateway")
    assert [each.path for each in found] == [each.path for each in explained("services.gateway")]
    assert all(each.path.startswith("services.gateway.") for each in found)
    assert {each.origin.split(":")[0] for each in found} == {"default", "services.yaml", "Pulumi.uat.yaml"}
    assert all(each.meaning for each in found if not each.path.endswith((".source", ".by")))


def test_the_whole_stack_can_be_explained() -> None:
    sections = {each.path.split(".")[0] for each in explained("")}
    assert sections == {
        "cluster",
        "addons",
        "alb",
        "nas",
        "environment",
        "registry",
        "nacos",
        "logRetention",
        "debug",
        "allowReplace",
        "waivers",
        "services",
    }


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("gateway.replcas", 'there is no key "replcas" in services.gateway; did you mean "replicas"?'),
        ("gatway.replicas", 'there is no key "gatway" in a stack'),
        ("services.gatway", 'there is no key "gatway" in services; did you mean "gateway"?'),
        ("environmnt.name", 'there is no key "environmnt" in a stack; did you mean "environment"?'),
        ("file.ingress.host", "services.file.ingress is None here"),
    ],
)
def test_a_key_that_does_not_exist_is_refused_with_the_nearest(wanted: str, message: str) -> None:
    with pytest.raises(UnknownKeyError) as raised:
        explained(wanted)
    assert message in str(raised.value)
