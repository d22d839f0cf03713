"""`ackp map`: who is reachable from where, and the pictures in pages."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from cli.flowchart import Flowchart, Shape
from cli.reachability import flowchart
from tests.cli.flowcharts import Drawn, read
from tests.docs.documents import CHINESE, ENGLISH, Page
from tests.settings import ROOT, settings

ODD = '"]; --> x %% #quot; & <b>"*.x.y* 1. `graph` 路由 \\ | {{}} ~ ^ ! ? @ $ é'


def drawn(changes: dict[str, Any] | None = None, stack: str = "uat") -> Drawn:
    return read(str(flowchart(settings(stack, changes))))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["map", *arguments])


@pytest.mark.parametrize("shape", Shape)
def test_a_label_stays_what_it_is_in_every_shape(shape: Shape) -> None:
    chart = Flowchart()
    chart.group("box", ODD)
    one = chart.node("pods", ODD, shape, ODD, "second", group="box")
    other = chart.node("pods", ODD + "'", shape, "end")
    chart.edge(one, other, ODD)
    found = read(str(chart))
    assert one != other
    assert found.nodes == {one: f"{ODD} / second", other: "end"}
    assert found.groups == {"box": (ODD, [one])}
    assert found.edges == {(one, other): ODD}


def test_names_that_differ_only_in_their_marks_are_two_nodes_and_none_is_named_like_a_group() -> None:
    chart = Flowchart()
    chart.group("alb", "ALB")
    ids = {chart.node("claim", name, Shape.BOX, name) for name in ("a-b", "a.b", "a--b", "a..b")}
    assert len({*ids, chart.node("alb", "", Shape.BOX, "x"), "alb"}) == 6


def test_a_request_goes_from_the_internet_by_listener_ingress_and_service_to_the_pods() -> None:
    found = drawn()
    way = ["clients", "listener_HTTPS_443", "ingress_gateway", "service_gateway", "pods_gateway"]
    assert all(edge in found.edges for edge in pairwise(way))
    assert found.edges["listener_HTTP_80", "ingress_gateway"] == "..redirect to 443"
    assert ("listener_HTTPS_8000", "ingress_gateway") in found.edges
    assert found.nodes["ingress_gateway"] == "Ingress gateway / gateway.uat.example.com/"
    assert found.edges["service_gateway", "pods_gateway"] == "port 80"
    assert found.nodes["pods_gateway"] == "gateway / 2 to 6 pods / in Nacos gateway"
    assert found.groups["alb"] == (
        "ALB alb-exampleuat0000001",
        ["listener_HTTP_80", "listener_HTTPS_443", "listener_HTTPS_8000"],
    )


def test_a_service_without_an_ingress_is_reached_by_nothing_from_outside() -> None:
    found = drawn()
    assert [source for source, target in found.edges if target == "pods_study"] == []


def test_every_service_reaches_its_claim_and_nacos_and_one_with_an_eip_the_internet() -> None:
    found = drawn()
    for name in settings().services:
        assert (f"pods_{name}", "nacos") in found.edges
        assert (f"pods_{name}", "claim_uat_nas") in found.edges
    assert found.nodes["claim_uat_nas"] == "claim uat-nas / NAS example0nas / directory /uat"
    assert found.nodes["nacos"] == "Nacos nacos.example.internal:8848 / namespace uat"
    assert [edge for edge in found.edges if edge[1] == "internet"] == [("pods_oauth2", "internet")]


def test_without_mount_and_name_in_nacos_neither_is_drawn() -> None:
    changes = {"services.study.nas": None, "services.study.registration": {"mode": "none", "nacosName": None}}
    found = drawn(changes)
    assert [target for source, target in found.edges if source == "pods_study"] == []
    assert found.nodes["pods_study"] == "study / 2 pods"


def test_an_eip_lets_in_too_where_no_policy_closes_the_namespace() -> None:
    assert drawn().edges["pods_oauth2", "internet"] == "an EIP for each pod, out only"
    found = drawn(stack="test")
    assert found.edges["pods_oauth2", "internet"] == "an EIP for each pod, in too, where the security group lets it"
    assert found.groups["namespace"][0] == "Namespace test: every pod of the cluster gets in"


@pytest.mark.parametrize(
    ("alb", "title", "clients"),
    [
        ({"ownership": "owned", "addressType": "Intranet"}, "ALB test-alb", "VPC"),
        ({"ownership": "owned", "addressType": "Internet", "name": "front"}, "ALB front", "Internet"),
    ],
)
def test_an_own_alb_says_whether_the_internet_reaches_it(alb: dict[str, Any], title: str, clients: str) -> None:
    found = drawn({f"alb.{key}": value for key, value in alb.items()}, stack="test")
    assert (found.groups["alb"][0], found.nodes["clients"]) == (title, clients)


def test_of_a_given_alb_nobody_says_that_it_is_public() -> None:
    listeners = [{"port": 443, "protocol": "HTTPS", "certificates": ["10000002-cn-hangzhou"]}]
    changes = {
        "alb": {"ownership": "givenByIngressClass", "ingressClass": "alb", "listeners": listeners},
        "services.gateway.ingress.listeners": [{"port": 443, "protocol": "HTTPS"}],
        "services.gateway.ingress.redirectToHttps": False,
    }
    found = drawn(changes)
    assert found.nodes["clients"] == "Internet / if this ALB is public"
    assert found.groups["alb"] == ("ALB of IngressClass alb", ["listener_HTTPS_443"])


def test_a_patch_moves_the_picture() -> None:
    patch = {
        "ingress": {
            "metadata": {"annotations": {"alb.ingress.kubernetes.io/listen-ports": '[{"HTTPS": 8000}]'}},
            "spec": {"rules": [{"host": "*.uat.example.com"}]},
        },
        "service": {"spec": {"selector": {"app.kubernetes.io/name": "study"}}},
    }
    found = drawn({"services.gateway.patch": patch})
    assert ("listener_HTTPS_443", "ingress_gateway") not in found.edges
    assert ("ingress_gateway", "service_gateway") not in found.edges
    assert ("service_gateway", "pods_gateway") not in found.edges
    assert found.edges["service_gateway", "pods_study"] == "port 80"


def test_a_service_leads_to_the_pods_that_have_all_labels_of_its_selector() -> None:
    labels = {"study": {"tier": "front", "side": "b"}, "exam": {"tier": "front"}, "file": {"side": "b"}}
    selector = {"$patch": "replace", "tier": "front", "side": "b"}
    changes = {f"services.{name}.labels": each for name, each in labels.items()}
    found = drawn({**changes, "services.gateway.patch": {"service": {"spec": {"selector": selector}}}})
    assert [target for source, target in found.edges if source == "service_gateway"] == ["pods_study"]
    del selector["side"]
    both = drawn({**changes, "services.gateway.patch": {"service": {"spec": {"selector": selector}}}})
    assert [target for source, target in both.edges if source == "service_gateway"] == ["pods_exam", "pods_study"]


def test_the_picture_is_on_standard_output_the_same_each_time() -> None:
    first, second = run("uat"), run("uat")
    assert first.output == second.output == str(flowchart(settings()))


@pytest.mark.parametrize("path", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_the_readmes_show_the_picture_of_uat(path: Path) -> None:
    shown = [block.text for block in Page(path).blocks if block.language == "mermaid"]
    assert shown == [str(flowchart(settings()))]
    assert run("uat", "--check", "--out", str(path)).exit_code == 0


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_page_gets_the_picture_below_its_mark_and_stays_as_it_is_around_it(tmp_path: Path, end: str) -> None:
    page = tmp_path / "page.md"
    before = f"# Page{end}{end}<!-- ackp map uat -->{end}{end}After, with ```mermaid in it{end}"
    page.write_bytes(before.encode())
    stale = run("uat", "--check", "--out", str(page))
    assert stale.exit_code == 1
    assert "run `ackp map uat --out" in stale.stderr
    assert page.read_bytes().decode() == before
    for word in ("written", "up to date"):
        assert run("uat", "--out", str(page)).output.endswith(f"page.md: {word}\n")
    block = f"```mermaid\n{flowchart(settings())}```\n".replace("\n", end)
    assert page.read_bytes().decode() == before.replace(f"-->{end}", f"-->{end}{block}")
    page.write_bytes(page.read_bytes().replace(b"pods_study", b"pods_stale"))
    assert run("uat", "--check", "--out", str(page)).exit_code == 1
    assert run("uat", "--out", str(page)).exit_code == 0
    assert page.read_bytes().decode() == before.replace(f"-->{end}", f"-->{end}{block}")


def test_another_file_is_the_picture_alone(tmp_path: Path) -> None:
    assert run("uat", "--out", str(tmp_path / "uat.mmd")).exit_code == 0
    assert (tmp_path / "uat.mmd").read_text(encoding="utf-8") == str(flowchart(settings()))


def test_a_page_without_the_mark_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- ackp map test -->\n", encoding="utf-8")
    refused = run("uat", "--out", str(tmp_path / "uat.mmd"), "--out", str(page))
    assert refused.exit_code == 1
    assert "put the line <!-- ackp map uat --> where it shall stand" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]


def test_bad_input_is_one_line_with_what_to_type_instead(tmp_path: Path) -> None:
    assert 'did you mean "uat"?' in run("uatt").stderr
    assert run("uat", "--check").exit_code == 2
    folder = run("uat", "--out", str(tmp_path / "none" / "uat.mmd"))
    assert (folder.exit_code, "cannot be written" in folder.stderr) == (1, True)
    assert "cannot be read" in run("uat", "--out", str(tmp_path)).stderr


def test_make_check_compares_both_readmes() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "scripts/ackp map uat --check --out README.md --out README.zh-CN.md" in makefile
