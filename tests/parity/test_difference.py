"""What differs between two stacks, and whether it should."""

from typing import Any

import pytest

from config.files import parse_path
from parity.difference import Difference, differences
from parity.environment import Environment
from parity.expected import expected_settings, reason
from tests.docs.setting_keys import service_keys, setting_keys
from tests.settings import REMOVED, settings, source

A, B = (f"sha256:{letter * 64}" for letter in "ab")


def found(test: dict[str, Any] | None = None, uat: dict[str, Any] | None = None) -> dict[str, Difference]:
    """What differs between the shipped stacks with changes, by path."""
    return {each.path: each for each in differences(settings("test", test), settings("uat", uat))}


def surprising(test: dict[str, Any] | None = None, uat: dict[str, Any] | None = None) -> set[str]:
    """What is surprising beside what is so between the shipped stacks."""
    before = {path for path, each in found().items() if not each.expected}
    return {path for path, each in found(test, uat).items() if not each.expected} - before


def test_between_the_shipped_stacks_four_differences_are_surprising() -> None:
    assert {path for path, each in found().items() if not each.expected} == {
        "environment.networkPolicies",
        "nacos.auth",
        "services.exam.resources.limits.memory",
        "services.oauth2.egress",
    }


def test_a_stack_beside_itself_differs_in_nothing() -> None:
    assert differences(settings(), settings()) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("services.study.resources.requests.cpu", "500m"),
        ("services.study.probes.startupSeconds", 200),
        ("services.study.probes.type", "http"),
        ("services.study.env", {"FEATURE": "on"}),
        ("services.study.envFromSecrets", {"DB_PASSWORD": "study-db/password"}),
        ("services.study.spread.zone", "DoNotSchedule"),
        ("services.study.registration.startHidden", True),
        ("services.study.registration.nacosName", "study-other"),
        ("services.study.jvm.heapPercent", 50),
        ("services.study.patch", {"deployment": {"spec": {"paused": True}}}),
        ("services.study.timeZone", "UTC"),
        ("services.gateway.ingress.drainSeconds", 20),
        ("services.gateway.ingress.redirectToHttps", False),
        ("services.gateway.autoscaler.cpuPercent", 50),
        ("alb.listeners[0].idleTimeoutSeconds", 30),
        ("environment.namespace.podSecurityVersion", "1.36"),
        ("nacos.group", "OTHER"),
        ("logRetention.dryRun", False),
    ],
)
def test_what_environments_must_have_alike_is_surprising(path: str, value: object) -> None:
    both = {"services.gateway.autoscaler": {"minReplicas": 2, "maxReplicas": 6}} if "autoscaler" in path else {}
    assert any(each.startswith(path.partition("[")[0]) for each in surprising(both, {**both, path: value}))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("services.study.replicas", 3),
        ("services.study.autoscaler", {"minReplicas": 2, "maxReplicas": 3}),
        ("services.study.env", {"DATABASE": "jdbc:mysql://uat-db/uat_study", "HOST": "study.uat.example.com"}),
        ("services.study.envFromSecrets", {"DB_PASSWORD": "uat-db/password"}),
        ("services.study.dataDir", "/product/uat/old-study"),
        ("services.gateway.ingress.host", "front.uat.example.com"),
        ("services.oauth2.eip.bandwidth", 50),
        ('environment.quota.hard["pods"]', "70"),
        ("nas.volume.capacity", "1Ti"),
        ("nacos.address", "10.3.0.11:8848"),
    ],
)
def test_what_makes_the_environment_is_expected(path: str, value: object) -> None:
    test = {
        "services.study.env": {"DATABASE": "jdbc:mysql://test-db/test_study", "HOST": "study.test.example.com"},
        "services.study.envFromSecrets": {"DB_PASSWORD": "test-db/password"},
        "services.study.dataDir": "/product/test/old-study",
    }
    before = {key: old for key, old in test.items() if key == path}
    assert surprising(before, {path: value}) == set()
    assert any(each.startswith(path.partition('["')[0]) for each in found(before, {path: value}))


def test_an_environments_name_is_only_replaced_where_it_stands_as_a_word() -> None:
    environment = Environment.of(settings())
    said = {"uat-db": ["a.uat.example.com", "uatx", "xuat", "/product/uat/x_uat", 5, None]}
    assert environment.neutral(said) == {
        "{environment}-db": [
            "a.{hostSuffix}",
            "uatx",
            "xuat",
            "/product/{environment}/x_{environment}",
            5,
            None,
        ]
    }


@pytest.mark.parametrize(
    ("test", "uat", "expected", "note"),
    [
        ({"tag": "test-1.0-aaaaaaa-20261101T000000"}, {"tag": "uat-1.0-aaaaaaa-20261102T000000"}, True, ""),
        (
            {"tag": "test-1.0-aaaaaaa-20261101T000000", "digest": A},
            {"tag": "uat-1.0-aaaaaaab-20261102T000000", "digest": B},
            True,
            "",
        ),
        (
            {"tag": "test-1.1-aaaaaaa-20261101T000000"},
            {"tag": "uat-1.0-aaaaaaa-20261102T000000"},
            False,
            "another version: 1.1 and 1.0",
        ),
        (
            {"tag": "test-1.0-aaaaaaa-20261101T000000"},
            {"tag": "uat-1.0-bbbbbbb-20261102T000000"},
            False,
            "another commit of 1.0: aaaaaaa and bbbbbbb",
        ),
        ({"tag": "1.0", "digest": A}, {"tag": "1.0.0", "digest": A}, True, ""),
        ({"digest": A}, {"digest": B}, False, "another image"),
        ({"tag": "1.0"}, {"tag": "1.1"}, False, "another image"),
        ({"tag": "1.0", "digest": A}, {"tag": "1.0"}, False, "in uat no digest says"),
        ({"tag": "1.0", "digest": A}, {"tag": "uat-1.0-aaaaaaa-20261102T000000"}, False, "in uat it is built for"),
        ({"tag": "test-latest", "rollout": "1"}, {"tag": "uat-latest", "rollout": "2"}, False, "a moving tag"),
        (
            {"digest": A, "repository": "registry-vpc.cn-hangzhou.aliyuncs.com/other/study"},
            {"digest": A},
            False,
            "another repository",
        ),
    ],
)
def test_images_are_compared_by_version_and_commit_or_by_digest(
    test: dict[str, str],
    uat: dict[str, str],
    expected: bool,  # noqa: FBT001 - a case's value
    note: str,
) -> None:
    difference = found({"services.study.image": test}, {"services.study.image": uat})["services.study.image"]
    assert bool(difference.expected) == expected
    assert note in difference.note


def test_the_same_image_is_no_difference() -> None:
    both = {"services.study.image": {"digest": A}}
    assert "services.study.image" not in found(both, both)


def test_the_same_amount_in_another_unit_is_no_difference() -> None:
    same = {
        "services.study.resources.limits.memory": "2048Mi",
        "services.study.resources.requests.cpu": "0.25",
        "environment.limitRange.max.memory": "8192Mi",
    }
    assert not {*same} & {*found({}, same)}
    assert {*same} <= {*found({}, {path: value.replace("2", "3").replace("8", "9") for path, value in same.items()})}


def test_names_beside_amounts_are_compared_as_names() -> None:
    given = [{"environment.limitRange": {"ownership": "given", "name": f"limits-{each}"}} for each in ("a", "b")]
    assert "environment.limitRange.name" in found(*given)


def test_a_service_that_runs_in_one_of_the_two_is_one_surprise() -> None:
    assert surprising({"services.study": REMOVED}) == {"services.study"}
    assert found({"services.study": REMOVED})["services.study"].values == (None, "runs")


def test_a_listener_of_one_alb_only_is_named_by_protocol_and_port() -> None:
    stated: Any = source().values["alb"]
    paths = surprising({}, {"alb.listeners": [{"port": 9000, "protocol": "HTTP"}, *stated["listeners"]]})
    assert paths == {"alb.listeners.HTTP/9000"}


def test_what_comes_with_another_form_is_not_counted_beside_it() -> None:
    paths = set(found())
    assert "alb.ownership" in paths
    assert not paths & {"alb.id", "alb.edition", "alb.addressType", "nas.fileSystem.storageType"}


def test_every_expected_setting_exists() -> None:
    forms = {"cluster.kubeconfig.*", "addons.*.ownership", "alb.accessLog.*", "alb.listeners.*.certificates"}
    known = {*setting_keys(), *service_keys()}
    for setting in {*expected_settings()} - forms:
        assert setting.removesuffix(".*") in known, setting
        assert reason(parse_path(setting)), setting
