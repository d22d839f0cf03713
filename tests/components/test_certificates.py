"""Certificates that the account has, against the hosts that they are for."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components.certificates import LOOK_UP
from tests.components.platform import record
from tests.config.changes import Changes, load_changed
from tests.given_cloud import answers
from tests.recorder import Recording
from tests.settings import ROOT

PAGE = ROOT / "docs" / "how-to" / "ids-of-your-account.md"
BOTH = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])
INGRESS = "services.gateway.ingress"


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said as a warning."""
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, *_: said.append(message))
    return said


def certificate(number: str, common: str, sans: str | None = "") -> dict[str, Any]:
    return {"id": number, "common": common, "sans": sans}


def run(*certificates: dict[str, Any], changes: Changes | None = None, preview: bool = True) -> Recording:
    stack = load_changed(changes or {}, "uat")
    cloud = {**answers(stack), "getServiceCertificates": {"certificates": list(certificates)}}
    return record(stack, preview=preview, cloud=cloud)


def asked(recording: Recording) -> list[dict[str, Any]]:
    return [call.args for call in recording.calls if call.token == LOOK_UP]


@BOTH
def test_a_certificate_for_other_hosts_is_refused_before_the_alb_config_is_registered(*, preview: bool) -> None:
    stack, recording = load_changed({}, "uat"), Recording()
    cloud = {
        **answers(stack),
        "getServiceCertificates": {"certificates": [certificate("10000002", "shop.org", "shop.org, *.shop.org")]},
    }
    with pytest.raises(pulumi.RunError) as refused:
        record(stack, preview=preview, cloud=cloud, recording=recording)
    assert f"```text\n{refused.value}\n```" in PAGE.read_text(encoding="utf-8")
    assert "alb-alb-config" not in recording.names()


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(certificate("10000002", "*.uat.example.com"), id="by its common name"),
        pytest.param(certificate("10000002", "shop.org", "shop.org,gateway.uat.example.com"), id="by a further name"),
        pytest.param(certificate("10000002", "*.UAT.Example.com", None), id="in capitals"),
    ],
)
def test_a_certificate_for_the_host_is_taken_without_a_word(found: dict[str, Any], warnings: list[str]) -> None:
    recording = run(certificate("10000001", "shop.org"), found)
    assert warnings == []
    assert asked(recording) == [{}]


def test_a_certificate_that_is_not_found_is_a_warning_and_no_refusal(warnings: list[str]) -> None:
    run(certificate("10000001", "*.uat.example.com"))
    (warning,) = warnings
    assert warning.startswith(f"{INGRESS}.tls.id: 10000002-cn-hangzhou is not among the account's valid certificates")


def test_a_certificate_without_names_is_not_judged(warnings: list[str]) -> None:
    run(certificate("10000002", "", None))
    assert len(warnings) == 1


def test_a_host_whose_certificate_is_to_be_discovered_is_warned_of_where_there_is_none(warnings: list[str]) -> None:
    changes: Changes = {f"{INGRESS}.tls": {"source": "discovery"}}
    run(certificate("10000002", "*.example.com"), changes=changes)
    (warning,) = warnings
    assert warning.startswith(f"{INGRESS}.tls: no valid certificate of the account is for gateway.uat.example.com")
    warnings.clear()
    run(certificate("10000009", "*.uat.example.com"), changes=changes)
    assert warnings == []


def test_an_account_whose_certificates_cannot_be_read_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, warnings: list[str]
) -> None:
    async def forbidden(*_: object) -> None:
        raise Exception("invoke failed: Forbidden.RAM")  # noqa: TRY002 -- as the SDK does

    monkeypatch.setattr(pulumi.runtime, "invoke_async", forbidden)
    assert "alb-alb-config" in run().names()
    (warning,) = warnings
    assert "yundun-cert:ListUserCertificateOrder" in warning
    assert warning.endswith("Forbidden.RAM")


def test_nothing_is_asked_where_every_certificate_is_in_a_secret() -> None:
    changes: Changes = {f"{INGRESS}.tls": {"source": "secret", "secretName": "gateway-tls"}}
    assert asked(run(changes=changes)) == []


def test_every_host_with_a_certificate_for_others_is_named_at_once() -> None:
    tls = {"source": "certificate", "id": "10000002-cn-hangzhou", "covers": ["file.uat.example.com"]}
    listeners = [{"port": 443, "protocol": "HTTPS"}]
    changes: Changes = {"services.file.service": {}, "services.file.ingress": {"listeners": listeners, "tls": tls}}
    with pytest.raises(pulumi.RunError) as refused:
        run(certificate("10000002", "shop.org"), changes=changes)
    for name in ("gateway", "file"):
        assert f"ack-platform:services.{name}.ingress.tls.id" in str(refused.value)
