"""Reading a stack file: what is ambiguous, misplaced, misspelt or secret is refused, all at once, with its line."""

from pathlib import Path

import pytest

from config import Problem, SettingsError, load, load_stack, read_stack
from config.files import YamlFile, read_yaml
from config.load import CATALOGUE
from tests.config.changes import ROOT, load_changed, problems_of

CANARY = "canary-7Hq2-plain-text"
SHIPPED = (ROOT / "Pulumi.test.yaml").read_text(encoding="utf-8")


def problems_in(tmp_path: Path, text: str, stack: str = "test", catalogue: Path = CATALOGUE) -> list[Problem]:
    """The problems of a stack file with this text."""
    (tmp_path / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        load_stack(stack, tmp_path, secrets="generated", catalogue=catalogue)
    assert CANARY not in str(raised.value)
    return list(raised.value.problems)


def edited(old: str, new: str) -> str:
    """The shipped stack file with one text replaced."""
    assert SHIPPED.count(old) == 1
    return SHIPPED.replace(old, new)


def line_of(text: str, part: str) -> int:
    """The line of the last place where a part stands."""
    return text[: text.rindex(part)].count("\n") + 1


def test_a_key_twice_is_refused_at_its_second_line(tmp_path: Path) -> None:
    text = edited("    region: cn-hangzhou\n", "    region: cn-hangzhou\n    region: cn-beijing\n")
    found = problems_in(tmp_path, text)
    assert [(each.path, each.rule, each.mend, each.line) for each in found if "twice" in each.rule] == [
        ("config.ack-platform:cluster.region", "must not be there twice", "keep one of the two", 14)
    ]


def test_a_tab_is_refused_with_its_line(tmp_path: Path) -> None:
    text = edited("    region: cn-hangzhou\n", "\tregion: cn-hangzhou\n")
    (found,) = problems_in(tmp_path, text)
    assert found.path == "(syntax)"
    assert found.line == line_of(text, "\tregion")
    assert found.mend == "indent with spaces, never with tabs"


def test_malformed_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    (found,) = problems_in(tmp_path, "config:\n  a: [1, 2\n  b: 3\n")
    assert found.path == "(syntax)"
    assert found.line in (2, 3)


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    (found,) = problems_in(tmp_path, "- a\n- b\n")
    assert found.rule == "must be a mapping of keys"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.test.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="must be readable: it is not UTF-8 text"):
        load_stack("test", tmp_path)


def test_an_empty_file_names_every_key_that_is_missing(tmp_path: Path) -> None:
    paths = {each.path.removeprefix("ack-platform:") for each in problems_in(tmp_path, "")}
    assert paths == {"cluster", "addons", "alb", "nas", "environment", "registry", "services"}


@pytest.mark.parametrize("word", ["yes", "no", "on", "Off", "True", "012", "1e3", "0x10", "+5", "1_000", "2026-11-23"])
def test_a_word_that_yaml_readers_read_differently_is_refused(tmp_path: Path, word: str) -> None:
    text = edited("    name: test\n", f"    name: {word}\n")
    found = [each for each in problems_in(tmp_path, text) if "every YAML reader" in each.rule]
    assert [each.value for each in found] == [word]
    assert f'"{word}"' in found[0].mend
    assert found[0].line == line_of(text, f"name: {word}")


def test_the_same_word_in_quotes_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: \"yes\"\nb: '012'\nc: |\n  on\n", encoding="utf-8")
    assert read_yaml(path) == YamlFile(
        "a.yaml", {"a": "yes", "b": "012", "c": "on\n"}, {("a",): 1, ("b",): 2, ("c",): 3}
    )


@pytest.mark.parametrize(
    ("value", "mend"), [("1.10", '"1.1"'), ("5", '"5"'), ("true", '"true"')], ids=["1.10", "5", "true"]
)
def test_an_image_tag_that_is_no_text_is_refused(tmp_path: Path, value: str, mend: str) -> None:
    text = edited(
        "file: { image: { tag: test-1.2.1-51b7aa90-20261028T090000 } }", f"file: {{ image: {{ tag: {value} }} }}"
    )
    (found,) = problems_in(tmp_path, text)
    assert found.path == "ack-platform:services.file.image.tag"
    assert found.rule == "must be text"
    assert mend in found.mend


def test_a_merge_key_is_refused(tmp_path: Path) -> None:
    text = edited("    region: cn-hangzhou\n", "    region: cn-hangzhou\n    <<: {}\n")
    assert any("merge key" in each.rule for each in problems_in(tmp_path, text))


def test_an_unknown_stack_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SettingsError) as raised:
        read_stack("uatt", ROOT)
    (problem,) = raised.value.problems
    assert (problem.path, problem.value, problem.mend) == ("(stack)", "uatt", 'did you mean "uat"?')


def test_an_unknown_top_level_key_is_refused(tmp_path: Path) -> None:
    (found,) = [each for each in problems_in(tmp_path, SHIPPED + "\nconfg: {}\n") if each.path == "confg"]
    assert found.mend == 'did you mean "config"?'
    assert found.line == line_of(SHIPPED + "\nconfg: {}\n", "confg")


def test_a_misspelt_section_is_refused_with_the_nearest_key(tmp_path: Path) -> None:
    found = problems_in(tmp_path, edited("ack-platform:logRetention:", "ack-platform:logRetenton:"))
    assert [(each.path, each.mend) for each in found] == [("ack-platform:logRetenton", 'did you mean "logRetention"?')]


def test_a_misspelt_key_of_a_service_is_refused_with_the_nearest_key() -> None:
    (found,) = problems_of({"services.file.replcas": 3})
    assert (found.path, found.value, found.mend) == ("services.file.replcas", 3, 'did you mean "replicas"?')


@pytest.mark.parametrize(
    ("key", "mend"),
    [
        ("alicloud:region", "ack-platform:cluster.region"),
        ("kubernetes:kubeconfig", "ack-platform:cluster.kubeconfig"),
        ("ack-platfrom:alb", 'did you mean "ack-platform"?'),
    ],
)
def test_a_key_of_another_namespace_is_refused(tmp_path: Path, key: str, mend: str) -> None:
    found = problems_in(tmp_path, SHIPPED + f"\n  {key}: x\n")
    assert [each.path for each in found] == [key]
    assert mend in found[0].mend


def test_a_secret_in_plain_text_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (found,) = problems_in(tmp_path, SHIPPED + f"\n  ack-platform:registryPassword: {CANARY}\n")
    assert found.rule == "must be encrypted; its plain text was not read"
    assert found.mend == "pulumi config set --stack test --secret registryPassword"


def test_a_secret_inside_a_setting_is_refused() -> None:
    found = problems_of({"registry.username": {"secure": "v1:abc"}})
    assert any(each.path == "registry.username" and "must not be encrypted" in each.rule for each in found)


def test_a_missing_secret_names_the_command_that_sets_it() -> None:
    with pytest.raises(SettingsError) as raised:
        load(read_stack("uat", ROOT), read_yaml(CATALOGUE))
    assert [(each.path, each.mend) for each in raised.value.problems] == [
        ("ack-platform:nacosPassword", "pulumi config set --stack uat --secret nacosPassword"),
        ("ack-platform:registryPassword", "pulumi config set --stack uat --secret registryPassword"),
    ]


def test_an_encrypted_secret_is_taken(tmp_path: Path) -> None:
    text = SHIPPED + "\n  ack-platform:registryPassword: { secure: v1:abc }\n"
    (tmp_path / "Pulumi.test.yaml").write_text(text, encoding="utf-8")
    assert load_stack("test", tmp_path).stack == "test"


def test_a_service_that_the_catalogue_does_not_know_is_refused_with_the_nearest_name() -> None:
    (found,) = problems_of({"services.gatway": {}})
    assert (found.path, found.mend) == ("services.gatway", 'did you mean "gateway"?')


@pytest.mark.parametrize("name", ["Gateway", "gate_way", "1gateway", "-gateway", "gateway-", "", "网关", "aliyun-gw"])
def test_a_services_name_that_kubernetes_refuses_is_refused(name: str) -> None:
    (found,) = problems_of({f"services.{name}" if name else 'services[""]': {}}) if name else problems_of(_named(""))
    assert "must be a service name" in found.rule
    assert found.mend == "for example gateway"


def _named(name: str) -> dict[str, object]:
    values = read_stack("test", ROOT).values["services"]
    assert isinstance(values, dict)
    return {"services": {**values, name: {}}}


@pytest.mark.parametrize("services", [None, {}, []], ids=["null", "empty", "a list"])
def test_no_services_are_refused(services: object) -> None:
    found = problems_of({"services": services})
    assert [each.rule for each in found if each.path == "services"] == ["must name at least one service"]


def test_everything_wrong_is_reported_at_once_beside_broken_sections() -> None:
    found = problems_of(
        {
            "cluster.region": "China",
            "environment.quota.hard": {"pods": "12Zi"},
            "nacos": 5,
            "services.file.resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}},
            "services.exam.replicas": -1,
            "services.admin.jvm": {"heapPercent": 95},
            "services.gateway.ingres": {},
        }
    )
    assert {each.path for each in found} == {
        "cluster.region",
        "environment.quota.hard.pods",
        "nacos",
        "services.file.resources.requests.cpu",
        "services.exam.replicas",
        "services.admin.jvm.heapPercent",
        "services.gateway.ingres",
    }


@pytest.mark.parametrize(
    "section", ["cluster", "addons", "alb", "nas", "environment", "registry", "nacos", "logRetention"]
)
def test_a_broken_section_never_keeps_the_others_from_being_checked(section: str) -> None:
    found = problems_of({section: {"nonsense": 1}, "services.admin.jvm": {"heapPercent": 95}})
    paths = {each.path for each in found}
    assert "services.admin.jvm.heapPercent" in paths
    assert any(path.startswith(section) for path in paths)


def test_a_problem_of_the_catalogue_names_the_catalogue_and_its_line(tmp_path: Path) -> None:
    catalogue = tmp_path / "services.yaml"
    text = CATALOGUE.read_text(encoding="utf-8").replace("startupSeconds: 420", "startupSeconds: 5")
    catalogue.write_text(text, encoding="utf-8")
    (found,) = problems_in(tmp_path, SHIPPED, catalogue=catalogue)
    assert (found.file, found.path, found.value) == ("services.yaml", "exam.probes.startupSeconds", 5)
    assert found.line == line_of(text, "startupSeconds: 5")


def test_a_problem_of_the_defaults_for_all_is_said_once() -> None:
    (found,) = problems_of({"serviceDefaults.replicas": 1000})
    assert (found.path, found.value) == ("serviceDefaults.replicas", 1000)


def test_the_report_has_file_line_value_rule_and_mend() -> None:
    with pytest.raises(SettingsError) as raised:
        load_changed({"services.file.replicas": 1000})
    assert str(raised.value) == (
        "Pulumi.test.yaml: 1 error; nothing was created.\n\n"
        f"  Pulumi.test.yaml:{line_of(SHIPPED, '    file: {')}  ack-platform:services.file.replicas\n"
        "    value  1000\n"
        "    rule   must be 200 or less\n"
        "    mend   200 at most"
    )


def test_a_service_with_the_name_of_the_job_that_removes_logs_is_refused(tmp_path: Path) -> None:
    catalogue = tmp_path / "services.yaml"
    catalogue.write_text(CATALOGUE.read_text(encoding="utf-8") + "\nlog-retention:\n  registration: { mode: none }\n")
    text = SHIPPED + "\n    log-retention: { image: { tag: test-1.0.0-3f2a9c1b-20261102T101500 } }\n"
    (found,) = problems_in(tmp_path, text, catalogue=catalogue)
    assert found.path == "ack-platform:services.log-retention"
    assert (found.line, found.mend) == (line_of(text, "log-retention:"), "another name for the service")


def test_a_service_with_the_name_of_an_environments_network_policy_is_refused(tmp_path: Path) -> None:
    catalogue = tmp_path / "services.yaml"
    catalogue.write_text(CATALOGUE.read_text(encoding="utf-8") + "\nallow-dns:\n  registration: { mode: none }\n")
    text = f"{SHIPPED}\n    allow-dns: {{ image: {{ tag: test-1.0.0-3f2a9c1b-20261102T101500 }} }}\n".replace(
        "    namespace: { podSecurity: restricted }", "    networkPolicies: { nacos: [10.3.0.0/24] }"
    )
    rules = {each.path: each.rule for each in problems_in(tmp_path, text, catalogue=catalogue)}
    assert "the environment's NetworkPolicies have such names" in rules["ack-platform:services.allow-dns"]
