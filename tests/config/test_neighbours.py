"""Two stacks on one cluster."""

from config import StackSettings
from config.checks import neighbours
from tests.config.changes import REMOVED, Changes, load_changed


def clashes(changes: Changes) -> list[tuple[str, str, object]]:
    """What uat takes from test, when uat is changed."""
    found = neighbours.check([load_changed({}, "test"), load_changed(changes, "uat")])
    return [(stack, problem.path, problem.value) for stack, problem in found]


def test_the_shipped_stacks_leave_each_other_alone() -> None:
    assert clashes({}) == []


def test_a_host_of_another_stack_is_refused() -> None:
    changes: Changes = {
        "services.gateway.ingress.host": "gateway.test.example.com",
        "services.gateway.ingress.tls.covers": ["*.test.example.com"],
        "environment.hostSuffix": REMOVED,
    }
    assert clashes(changes) == [("uat", "services.gateway.ingress.host", "gateway.test.example.com")]


def test_names_of_another_stacks_objects_are_refused() -> None:
    changes: Changes = {
        "environment.namespace.name": "test",
        "nas.volume.name": "test-nas",
        "alb.ingressClass": "test-alb",
        "addons.albIngressController": {"ownership": "owned"},
    }
    assert clashes(changes) == [
        ("uat", "environment.name", "test"),
        ("uat", "nas.volume.name", "test-nas"),
        ("uat", "alb.ingressClass", "test-alb"),
        ("uat", "addons.albIngressController.ownership", "albIngressController"),
    ]


def test_one_alb_has_one_albconfig() -> None:
    one = load_changed({}, "uat")
    other = one.model_copy(update={"stack": "demo"})
    assert ("demo", "alb.id") in [(stack, problem.path) for stack, problem in neighbours.check([one, other])]


def test_stacks_of_different_clusters_may_use_the_same_names() -> None:
    one = load_changed({}, "uat")
    cluster = one.cluster.model_copy(update={"id": "c" + "9" * 32})
    other = one.model_copy(update={"stack": "demo", "cluster": cluster})
    assert list(neighbours.check([one, other])) == []


def given_nas(path: str) -> Changes:
    server = {"ownership": "given", "id": "31a8e4abcd", "mountTarget": "31a8e4abcd-x.cn-hangzhou.nas.aliyuncs.com"}
    return {"nas.fileSystem": server, "nas.volume.path": path}


def test_one_directory_of_one_nas_belongs_to_one_environment() -> None:
    one, other = load_changed(given_nas("/shop"), "test"), load_changed(given_nas("/shop"), "uat")
    (found,) = neighbours.check([one, other])
    assert (found[0], found[1].path, found[1].value) == ("uat", "nas.volume.path", "31a8e4abcd:/shop")
    assert list(neighbours.check([one, load_changed(given_nas("/shop2"), "uat")])) == []


def test_a_name_in_one_namespace_of_nacos_belongs_to_one_environment() -> None:
    mixed = load_changed({"nacos.namespaceId": "test", "nacos.auth": REMOVED, "nacos.address": NACOS}, "uat")
    found = list(neighbours.check([load_changed({"nacos.address": NACOS}, "test"), mixed]))
    assert {problem.path for _, problem in found} == {
        f"services.{name}.registration.nacosName" for name in mixed.services
    }
    assert found[0][1].mend == "nacos.namespaceId: one of its own for each environment"


NACOS = "10.3.0.10:8848"


def on_one_alb(stack: str, paths: int) -> StackSettings:
    listeners = [{"port": 80, "protocol": "HTTP"}]
    return load_changed(
        {
            "alb": {"ownership": "givenByIngressClass", "ingressClass": "alb", "listeners": listeners},
            "services.gateway.ingress.listeners": listeners,
            "services.gateway.ingress.redirectToHttps": False,
            "services.gateway.ingress.tls": None,
            "services.gateway.ingress.paths": [{"path": f"/{number}", "type": "Prefix"} for number in range(paths)],
        },
        stack,
    )


def test_stacks_on_one_alb_share_its_forwarding_rules() -> None:
    assert list(neighbours.check([on_one_alb("test", 40), on_one_alb("uat", 60)])) == []
    (found,) = neighbours.check([on_one_alb("test", 40), on_one_alb("uat", 61)])
    assert (found[0], found[1].path, found[1].value) == ("uat", "services", 61)
    assert found[1].rule == (
        "must leave the forwarding rules of the one ALB at 100; together they are 101: test 40, uat 61"
    )


def test_stacks_of_one_cluster_share_the_regions_eips() -> None:
    eip = {"services.oauth2.eip": {"bandwidth": 5}, "services.oauth2.autoscaler": None, "services.oauth2.replicas": 10}
    quota = {"environment.quota": None, "environment.limitRange": None}
    one, other = load_changed({**eip, **quota}, "test"), load_changed({**eip, **quota}, "uat")
    (found,) = neighbours.check([one, other])
    assert (found[0], found[1].path, found[1].value) == ("uat", "services", 11)
    assert "together they are 22: test 11, uat 11" in found[1].rule
