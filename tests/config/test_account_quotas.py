"""What an account may have: forwarding rules and certificates of an ALB, EIPs of a region."""

from tests.config.changes import load_changed, problems_of
from tests.config.refusal import Refusal, refusals
from tests.config.test_ingresses import INGRESS, LISTENERS, listeners


@refusals(
    Refusal(
        "more EIPs than a region has",
        {"services.oauth2.replicas": 20, "environment.quota": None},
        "cluster.quotas.eips",
        20,
        "oauth2                           21\n             sum                              21",
        "a NAT gateway for the VPC, or eips: 21 once Quota Center raised eip_quota_instances_num",
    ),
    Refusal(
        "more EIPs than the stack leaves to its pods",
        {"services.oauth2.replicas": 4, "environment.quota": None, "cluster.quotas.eips": 4},
        "cluster.quotas.eips",
        4,
        mend="eips: 5",
    ),
    Refusal(
        "a quota below nothing",
        {"cluster.quotas.eips": -1},
        "cluster.quotas.eips",
        -1,
        mend="0",
    ),
    Refusal(
        "more forwarding rules than an ALB holds",
        {f"{INGRESS}.paths": [{"path": f"/{number}"} for number in range(34)]},
        "alb.quotas.rules",
        100,
        "gateway                         102   gateway.test.example.com: 34 paths on 2 listeners, 34 redirects\n",
        "another ALB, or rules: 102 once Quota Center raised",
    ),
)
def test_a_quota_of_the_account_that_the_stack_exceeds(refusal: Refusal) -> None:
    refusal.check()


def test_an_account_may_have_a_larger_quota_of_forwarding_rules_and_a_stack_may_state_a_smaller_one() -> None:
    many = {f"{INGRESS}.paths": [{"path": f"/{number}"} for number in range(34)]}
    assert load_changed({**many, "alb.quotas.rules": 102}).alb.quotas.rules == 102
    assert [each.path for each in problems_of({**many, "alb.quotas.rules": 101})] == ["alb.quotas.rules"]
    assert [each.value for each in problems_of({"alb.quotas.rules": 2})] == [2]


MANY = [f"{10000001 + number}-cn-hangzhou" for number in range(27)]


def test_an_alb_takes_twenty_five_certificates_beside_each_listeners_own() -> None:
    load_changed(listeners(https={**LISTENERS["https"], "certificates": MANY[:26]}))
    (found,) = problems_of(listeners(https={**LISTENERS["https"], "certificates": MANY}))
    assert (found.path, found.value) == ("alb.quotas.certificates", 25)
    assert found.rule.splitlines()[1:] == [
        "             HTTPS/443                        26",
        "             sum                              26",
    ]
    assert "certificates: 26 once Quota Center raised" in found.mend


def test_an_account_may_have_a_larger_quota_of_certificates() -> None:
    many = listeners(https={**LISTENERS["https"], "certificates": MANY})
    assert load_changed({**many, "alb.quotas.certificates": 26}).alb.quotas.certificates


def test_a_certificate_from_a_secret_counts_on_each_listener_of_its_ingress() -> None:
    tls = {"source": "secret", "secretName": "gateway-tls"}
    found = problems_of({f"{INGRESS}.tls": tls, "alb.quotas.certificates": 1})
    assert [each.path for each in found] == ["alb.quotas.certificates"]
    assert found[0].rule.splitlines()[1:] == [
        "             HTTPS/443                         1",
        "             HTTPS/8000                        1",
        "             sum                               2",
    ]
