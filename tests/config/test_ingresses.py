"""What the outside sees: Ingresses, their certificates, and the ALB they share."""

import pytest

from config.checks.annotations import PREFIX
from config.checks.tls import covers
from tests.config.changes import load_changed, problems_of
from tests.config.refusal import Refusal, refusals

INGRESS = "services.gateway.ingress"
HTTPS = [{"port": 443, "protocol": "HTTPS"}]
FILE = {"tls": {"source": "certificate", "id": "10000001-cn-hangzhou", "covers": ["*.test.example.com"]}}


@refusals(
    Refusal(
        "an Ingress without a Service",
        {"services.file.ingress": FILE},
        "services.file.ingress",
        rule="must stand beside service",
        mend="services.file.service: {port: 80}",
    ),
    Refusal(
        "no host and no suffix",
        {"environment.hostSuffix": None},
        f"{INGRESS}.host",
        rule="must be set where environment.hostSuffix is not",
        mend="host: gateway.example.com",
    ),
    Refusal(
        "a host outside the environment's domain",
        {f"{INGRESS}.host": "gateway.uat.example.com"},
        f"{INGRESS}.host",
        "gateway.uat.example.com",
        "must end with environment.hostSuffix, .test.example.com",
        "gateway.test.example.com",
        beside=(f"{INGRESS}.tls.covers",),
    ),
    Refusal(
        "an HTTPS listener without tls",
        {f"{INGRESS}.tls": None},
        f"{INGRESS}.tls",
        rule="must be set with the listener HTTPS/443",
        mend="source: certificate",
    ),
    Refusal(
        "tls on an HTTP listener only",
        {f"{INGRESS}.listeners": [{"port": 80, "protocol": "HTTP"}], f"{INGRESS}.redirectToHttps": False},
        f"{INGRESS}.tls",
        "certificate",
        mend="listeners: [{port: 443, protocol: HTTPS}]",
    ),
    Refusal(
        "a certificate that a listener does not have",
        {f"{INGRESS}.tls.id": "10000009-cn-hangzhou", f"{INGRESS}.listeners": HTTPS},
        f"{INGRESS}.tls.id",
        "10000009-cn-hangzhou",
        "must be among the certificates of the listener HTTPS/443",
        "alb.listeners[1].certificates: [10000001-cn-hangzhou, 10000009-cn-hangzhou]",
    ),
    Refusal(
        "a wildcard certificate one label too shallow",
        {f"{INGRESS}.tls.covers": ["*.example.com"]},
        f"{INGRESS}.tls.covers",
        "*.example.com",
        "must cover the host gateway.test.example.com",
        "*.test.example.com",
    ),
    Refusal(
        "a listener that is not declared",
        {f"{INGRESS}.listeners": [*HTTPS, {"port": 8443, "protocol": "HTTPS"}]},
        f"{INGRESS}.listeners[1]",
        "HTTPS/8443",
        "must be declared under alb.listeners",
        "port: 8443, protocol: HTTPS",
    ),
    Refusal(
        "a listener twice",
        {f"{INGRESS}.listeners": HTTPS * 2},
        f"{INGRESS}.listeners[1]",
        "HTTPS/443",
        mend="remove one",
    ),
    Refusal(
        "a redirect without a listener to come from",
        {
            "alb.listeners": [{"port": 443, "protocol": "HTTPS", "certificates": ["10000001-cn-hangzhou"]}],
            f"{INGRESS}.listeners": HTTPS,
        },
        f"{INGRESS}.redirectToHttps",
        value=True,
        rule="must have the listener HTTP/80",
        mend="port: 80, protocol: HTTP",
    ),
    Refusal(
        "a redirect to a listener that the Ingress does not use",
        {f"{INGRESS}.listeners": [{"port": 8000, "protocol": "HTTPS"}]},
        f"{INGRESS}.redirectToHttps",
        value=True,
        rule="it has no HTTPS/443",
        mend="port: 443, protocol: HTTPS",
    ),
    Refusal(
        "a server's sticky session without its cookie",
        {f"{INGRESS}.stickySession": {"type": "Server"}},
        f"{INGRESS}.stickySession.cookie",
        mend="JSESSIONID",
    ),
    Refusal(
        "a cookie's name for the ALB's own cookie",
        {f"{INGRESS}.stickySession": {"cookie": "JSESSIONID"}},
        f"{INGRESS}.stickySession.cookie",
        "JSESSIONID",
        mend="type: Server",
    ),
    Refusal(
        "the actuator as a path of the outside",
        {f"{INGRESS}.paths": [{"path": "/api"}, {"path": "/actuator/env"}]},
        f"{INGRESS}.paths[1].path",
        "/actuator/env",
        mend="remove it",
    ),
    Refusal(
        "an ALB that drains longer than the pod lives",
        {f"{INGRESS}.drainSeconds": 60},
        f"{INGRESS}.drainSeconds",
        60,
        "drain 15 s + graceful shutdown 25 s",
        "drainSeconds: 40 at most",
    ),
    Refusal(
        "gRPC on an HTTP listener",
        {f"{INGRESS}.backendProtocol": "grpc", f"{INGRESS}.listeners": [*HTTPS, {"port": 80, "protocol": "HTTP"}]},
        f"{INGRESS}.backendProtocol",
        "grpc",
        mend="HTTPS listeners only",
    ),
    Refusal(
        "a path with a wildcard that the type does not read",
        {f"{INGRESS}.paths": [{"path": "/api/*"}]},
        f"{INGRESS}.paths[0].path",
        "/api/*",
        mend="ImplementationSpecific",
    ),
    Refusal(
        "a regular expression without use-regex",
        {f"{INGRESS}.paths": [{"path": "/(api|web)/x"}]},
        f"{INGRESS}.paths[0].path",
        "/(api|web)/x",
        mend="use-regex",
    ),
    Refusal(
        "a regular expression with type Exact",
        {
            f"{INGRESS}.paths": [{"path": "/x", "type": "Exact"}],
            f"{INGRESS}.annotations": {f"{PREFIX}use-regex": "true"},
        },
        f"{INGRESS}.paths[0].type",
        "Exact",
        mend="Prefix",
    ),
)
def test_an_ingress_that_the_alb_could_not_serve(refusal: Refusal) -> None:
    refusal.check()


def canary(**more: object) -> dict[str, object]:
    return {
        "services.file.service": {},
        "services.file.ingress": {
            **FILE,
            "host": "gateway.test.example.com",
            "canary": {"by": "weight", "weight": 10},
            **more,
        },
    }


def test_a_canary_beside_its_twin_is_accepted() -> None:
    ingress = load_changed(canary()).services["file"].ingress
    assert ingress is not None
    assert ingress.canary is not None


@refusals(
    Refusal(
        "a canary of nothing",
        canary(host="alone.test.example.com"),
        "services.file.ingress.paths[0]",
        "alone.test.example.com/",
        "must be served by another service too",
        "a service without canary on alone.test.example.com/",
    ),
    Refusal(
        "a canary with a redirect",
        canary(redirectToHttps=True),
        "services.file.ingress.redirectToHttps",
        value=True,
        mend="redirectToHttps: false",
    ),
    Refusal(
        "a canary by weight and by cookie",
        canary(annotations={f"{PREFIX}canary-by-cookie": "always"}),
        f'services.file.ingress.annotations["{PREFIX}canary-by-cookie"]',
        "always",
        "would make no rule at all",
        "keep one of the two",
    ),
    Refusal(
        "two services for one host and path",
        {"services.file.service": {}, "services.file.ingress": {**FILE, "host": "gateway.test.example.com"}},
        "services.gateway.ingress.paths[0]",
        "gateway.test.example.com/",
        "services.file.ingress.paths[0] has gateway.test.example.com/ on HTTPS/443",
        "another host or path, or canary",
    ),
    Refusal(
        "one order for two Ingresses",
        {f"{INGRESS}.order": 7, "services.file.service": {}, "services.file.ingress": {**FILE, "order": 7}},
        "services.gateway.ingress.order",
        7,
        "must not be the order of file",
        "another number",
    ),
)
def test_ingresses_that_are_in_each_others_way(refusal: Refusal) -> None:
    refusal.check()


@pytest.mark.parametrize(
    ("annotation", "value", "rule", "mend"),
    [
        ("order", "5", "a setting writes", "ingress.order"),
        ("backend-protocol", "HTTPS", "a setting writes", "ingress.backendProtocol"),
        ("ssl-redirect", "true", "a setting writes", "ingress.redirectToHttps"),
        ("canary-weight", "200", "a setting writes", "ingress.canary"),
        ("waf-policy", "60", "ignores unknown ones", "known here"),
        ("cors-max-ages", "60", "ignores unknown ones", 'did you mean "cors-max-age"'),
        ("cors-max-age", "999999", "from -1 to 172800", "172800"),
        ("enable-cors", "yes", '"true" or "false"', "true"),
        ("traffic-limit-qps", "0", "from 1 to 100000", "100000"),
        ("backend-scheduler", "random", "wrr, wlc, sch, uch", "wrr"),
        ("healthcheck-httpversion", "HTTP2", "HTTP1.0 or HTTP1.1", "HTTP1.1"),
        ("actions.other", "[]", "must name the Service", "actions.gateway"),
        ("actions.gateway", "{", "must be a JSON list", "type"),
        ("conditions.gateway", '["x"]', "JSON list of objects with a type", "type"),
        ("rule-direction.gateway", "Both", "Request or Response", "Request"),
        ("backend-scheduler", "uch", "backend-scheduler-uch-value", "uch-value"),
    ],
)
def test_an_alb_annotation_that_is_unknown_or_out_of_range(annotation: str, value: str, rule: str, mend: str) -> None:
    found = problems_of({f"{INGRESS}.annotations": {f"{PREFIX}{annotation}": value}})
    assert [each.path for each in found] == [f'{INGRESS}.annotations["{PREFIX}{annotation}"]']
    assert rule in found[0].rule
    assert mend in found[0].mend
    assert found[0].value in (value, f"{PREFIX}{annotation}")


def test_an_nginx_annotation_is_refused_because_the_alb_does_not_read_it() -> None:
    found = problems_of({f"{INGRESS}.annotations": {"nginx.ingress.kubernetes.io/proxy-read-timeout": "60"}})
    assert "another controller" in found[0].rule
    assert "ingress.canary" in found[0].mend


@pytest.mark.parametrize("key", ["kubernetes.io/ingress.class", "pulumi.com/waitFor"])
def test_an_annotation_that_the_program_writes_is_refused_on_an_ingress(key: str) -> None:
    (found,) = problems_of({f"{INGRESS}.annotations": {key: "x"}})
    assert (found.path, found.value, found.mend) == (f'{INGRESS}.annotations["{key}"]', key, "remove it")


def test_slow_start_needs_the_scheduler_that_has_it() -> None:
    changes = {f"{INGRESS}.slowStartSeconds": 60, f"{INGRESS}.annotations": {f"{PREFIX}backend-scheduler": "wlc"}}
    found = problems_of(changes)
    assert [(each.value, each.mend) for each in found] == [("wlc", "wrr, or no slowStartSeconds")]


def test_a_limit_for_each_client_is_below_the_limit_for_all() -> None:
    annotations = {f"{PREFIX}traffic-limit-qps": "100", f"{PREFIX}traffic-limit-ip-qps": "100"}
    found = problems_of({f"{INGRESS}.annotations": annotations})
    assert [(each.value, each.mend) for each in found] == [("100", '"99" at most')]


def test_a_wildcard_covers_exactly_one_label() -> None:
    assert covers("*.example.com", "a.example.com")
    assert covers("a.example.com", "a.example.com")
    assert not covers("*.example.com", "a.b.example.com")
    assert not covers("*.example.com", "example.com")
    assert not covers("*.example.com", "*.b.example.com")


LISTENERS = {
    "http": {"port": 80, "protocol": "HTTP"},
    "https": {"port": 443, "protocol": "HTTPS", "certificates": ["10000001-cn-hangzhou"]},
    "direct": {"port": 8000, "protocol": "HTTPS", "certificates": ["10000001-cn-hangzhou"]},
}


def listeners(**changes: object) -> dict[str, object]:
    return {"alb.listeners": [each for each in {**LISTENERS, **changes}.values() if each]}


@refusals(
    Refusal(
        "an ALB in one zone",
        {"alb.vSwitches": ["vsw-example000000000000h"]},
        "alb.vSwitches",
        "vsw-example000000000000h",
        "at least two zones",
        "add vsw-example000000000000k",
    ),
    Refusal(
        "two vSwitches of one zone",
        {
            "alb.vSwitches": ["vsw-example000000000000h", "vsw-example000000000000k", "vsw-example000000000000m"],
            "cluster.vSwitches[1]": {"id": "vsw-example000000000000k", "zone": "cn-hangzhou-k", "cidr": "10.2.0.0/21"},
            "cluster.vSwitches": [
                {"id": "vsw-example000000000000h", "zone": "cn-hangzhou-h", "cidr": "10.1.0.0/20"},
                {"id": "vsw-example000000000000k", "zone": "cn-hangzhou-k", "cidr": "10.2.0.0/20"},
                {"id": "vsw-example000000000000m", "zone": "cn-hangzhou-k", "cidr": "10.4.0.0/20"},
            ],
        },
        "alb.vSwitches",
        "vsw-example000000000000h, vsw-example000000000000k, vsw-example000000000000m",
        "cn-hangzhou-k has several",
        "keep one of each zone",
    ),
    Refusal(
        "a vSwitch that is not the cluster's",
        {"alb.vSwitches": ["vsw-example000000000000h", "vsw-example000000000000k", "vsw-example000000000000x"]},
        "alb.vSwitches[2]",
        "vsw-example000000000000x",
        "must be a vSwitch of cluster.vSwitches",
        "did you mean",
    ),
    Refusal(
        "a shared bandwidth for an ALB without public addresses",
        {"alb.addressType": "Intranet", "alb.bandwidthPackage": "cbwp-bp1example"},
        "alb.bandwidthPackage",
        "cbwp-bp1example",
        mend="addressType: Internet",
    ),
    Refusal(
        "a listener twice",
        listeners(again=LISTENERS["https"]),
        "alb.listeners[3]",
        "HTTPS/443",
        "must not be there twice",
        "remove one",
    ),
    Refusal(
        "HTTP and HTTPS on one port",
        listeners(clash={"port": 443, "protocol": "HTTP"}),
        "alb.listeners[3].port",
        443,
        "only HTTPS and QUIC may share one",
        "another port",
    ),
    Refusal(
        "an HTTPS listener without any certificate",
        listeners(extra={"port": 9443, "protocol": "HTTPS"}),
        "alb.listeners[3].certificates",
        "",
        "no Ingress on HTTPS/9443 brings one",
        "12345678-cn-hangzhou",
    ),
    Refusal(
        "a certificate on an HTTP listener",
        listeners(http={"port": 80, "protocol": "HTTP", "certificates": ["10000001-cn-hangzhou"]}),
        "alb.listeners[0].certificates",
        "10000001-cn-hangzhou",
        mend="protocol: HTTPS",
    ),
    Refusal(
        "a TLS policy that does not exist",
        listeners(https={**LISTENERS["https"], "tlsPolicy": "tls_cipher_policy_1_3"}),
        "alb.listeners[1].tlsPolicy",
        "tls_cipher_policy_1_3",
        mend="did you mean",
    ),
    Refusal(
        "a certificate with the suffix of another region",
        listeners(https={**LISTENERS["https"], "certificates": ["10000001-cn-hangzhou", "10000003-ap-southeast-1"]}),
        "alb.listeners[1].certificates[1]",
        "10000003-ap-southeast-1",
        "must end with -cn-hangzhou",
        "with that suffix",
    ),
    Refusal(
        "a certificate twice",
        listeners(https={**LISTENERS["https"], "certificates": ["10000001-cn-hangzhou"] * 2}),
        "alb.listeners[1].certificates[1]",
        "10000001-cn-hangzhou",
        mend="remove one",
    ),
)
def test_an_alb_that_could_not_be_made(refusal: Refusal) -> None:
    refusal.check()


def test_https_and_quic_may_share_a_port() -> None:
    settings = load_changed(listeners(quic={**LISTENERS["https"], "protocol": "QUIC"}))
    assert {"HTTPS/443", "QUIC/443"} <= set(settings.listeners)


def test_an_https_listener_may_leave_its_certificate_to_an_ingress() -> None:
    changes = listeners(https={"port": 443, "protocol": "HTTPS"}, direct={"port": 8000, "protocol": "HTTPS"})
    tls = {"source": "secret", "secretName": "gateway-tls"}
    assert load_changed({**changes, f"{INGRESS}.tls": tls}).listeners["HTTPS/443"].certificates == ()


def test_more_than_fifty_listeners_are_refused() -> None:
    many = [{"port": 1000 + number, "protocol": "HTTP"} for number in range(51)]
    found = problems_of({"alb.listeners": many})
    assert any(each.path == "alb.listeners" and "50" in each.rule for each in found)
