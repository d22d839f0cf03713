"""Faults on request, over the wire."""

import threading
import time
from pathlib import Path

import grpc
import pytest

from sandbox.cloud.faults import Faults
from tests.sandbox.cloud_client import CLUSTER, RefusedError, served, service

SERVICE = "core/v1:Service"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return tmp_path / "faults.yaml"


def test_the_second_matching_create_fails_once_with_its_own_text(planted: Path, rules: Path) -> None:
    rules.write_text('- {operation: create, type: "kubernetes:*", nth: 2, effect: fail, message: out of stock}\n')
    with served(planted, rules) as cloud:
        cloud.create(SERVICE, service("first"))
        with pytest.raises(RefusedError, match=r"^out of stock$"):
            cloud.create(SERVICE, service("second"))
        cloud.create(SERVICE, service("second"))


def test_a_rule_strikes_only_what_its_patterns_name(planted: Path, rules: Path) -> None:
    rules.write_text('[{"operation": "create", "type": "*:Service", "name": "b*", "times": null, "effect": "fail"}]')
    with served(planted, rules) as cloud:
        cloud.create(SERVICE, service("a"))
        cloud.create("core/v1:ServiceAccount", {"metadata": {"name": "b", "namespace": "prod"}})
        for _ in range(3):
            with pytest.raises(RefusedError, match="InternalError: the cloud failed to create b"):
                cloud.create(SERVICE, service("b"))


def test_a_preview_meets_no_fault(planted: Path, rules: Path) -> None:
    rules.write_text("- {operation: create, effect: fail}\n")
    with served(planted, rules) as cloud:
        cloud.kubernetes.create(SERVICE, service(), preview=True)
        with pytest.raises(RefusedError):
            cloud.create(SERVICE, service())


def test_a_throttled_create_succeeds_after_a_retry_delay(planted: Path, rules: Path) -> None:
    rules.write_text("- {operation: create, effect: throttle, seconds: 0.3}\n")
    with served(planted, rules) as cloud:
        started = time.monotonic()
        cloud.create(SERVICE, service())
        assert time.monotonic() - started >= 0.3


def test_a_throttled_data_source_fails_at_once(planted: Path, rules: Path) -> None:
    rules.write_text("- {operation: invoke, type: '*getKubernetesAddons', effect: throttle}\n")
    with served(planted, rules) as cloud:
        with pytest.raises(RefusedError, match=r"Throttling\.User"):
            cloud.alicloud.invoke("cs/getKubernetesAddons", clusterId=CLUSTER)
        cloud.alicloud.invoke("cs/getKubernetesAddons", clusterId=CLUSTER)


def test_a_hanging_create_ends_when_the_run_is_cancelled(planted: Path, rules: Path) -> None:
    rules.write_text("- {operation: create, effect: hang}\n")
    with served(planted, rules) as cloud:
        ended: list[BaseException] = []

        def create() -> None:
            try:
                cloud.create(SERVICE, service())
            except RefusedError as error:
                ended.append(error)

        hanging = threading.Thread(target=create)
        hanging.start()
        hanging.join(0.3)
        assert hanging.is_alive()
        cloud.kubernetes.cancel()
        hanging.join(5)
        (error,) = ended
        assert isinstance(error, RefusedError)
        assert error.code == grpc.StatusCode.CANCELLED
        assert cloud.kubernetes.read(SERVICE, "prod/gateway").id == ""


@pytest.mark.parametrize(("committed", "there"), [("true", "prod/gateway"), ("false", "")])
def test_a_lost_connection_may_have_done_the_work_or_not(
    planted: Path, rules: Path, committed: str, there: str
) -> None:
    rules.write_text(f"- {{operation: create, effect: drop, committed: {committed}}}\n")
    with served(planted, rules) as cloud:
        with pytest.raises(RefusedError, match="connection reset by peer") as lost:
            cloud.create(SERVICE, service())
        assert lost.value.code == grpc.StatusCode.UNAVAILABLE
        assert cloud.kubernetes.read(SERVICE, "prod/gateway").id == there


def test_a_vanished_object_is_gone_when_it_is_read_next(planted: Path, rules: Path) -> None:
    rules.write_text("- {operation: read, name: prod/prod-nas, nth: 2, effect: vanish}\n")
    with served(planted, rules) as cloud:
        assert cloud.kubernetes.read("core/v1:PersistentVolumeClaim", "prod/prod-nas").id
        assert not cloud.kubernetes.read("core/v1:PersistentVolumeClaim", "prod/prod-nas").id


def test_an_object_that_vanishes_after_its_create_is_reported_created(planted: Path, rules: Path) -> None:
    rules.write_text("- {operation: create, effect: vanish}\n")
    with served(planted, rules) as cloud:
        assert cloud.create(SERVICE, service())[0] == "prod/gateway"
        assert cloud.kubernetes.read(SERVICE, "prod/gateway").id == ""


def test_rules_may_be_written_while_the_cloud_runs(planted: Path, rules: Path) -> None:
    with served(planted, rules) as cloud:
        cloud.create(SERVICE, service("first"))
        rules.write_text("- {operation: create, effect: fail}\n")
        with pytest.raises(RefusedError):
            cloud.create(SERVICE, service("second"))
        rules.unlink()
        cloud.create(SERVICE, service("second"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {operation: create, effect: explode}", "effect 'explode': one of throttle, fail, hang, drop, vanish"),
        ("- {operation: reboot, effect: fail}", "operation 'reboot': one of create"),
        ("- {operation: create, effect: fail, colour: red}", "colour"),
    ],
)
def test_a_wrong_rule_is_named_with_its_file(rules: Path, text: str, said: str) -> None:
    rules.write_text(text)
    with pytest.raises(ValueError, match=said) as wrong:
        Faults(rules)
    assert str(rules) in str(wrong.value)
