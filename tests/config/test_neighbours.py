"""Two stacks on one cluster."""

from collections.abc import Mapping

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
    assert (found[0], found[1].path, found[1].value) == ("uat", "alb.quotas.rules", 100)
    assert found[1].rule == (
        "must hold the forwarding rules of all stacks on the one ALB:\n"
        "             uat gateway                      61\n"
        "             test gateway                     40\n"
        "             sum                             101"
    )
    assert "rules: 101 once Quota Center raised alb_quota_loadbalancer_rules_num_standard_edition" in found[1].mend


def with_eips(stack: str, replicas: int, quota: int | None = None) -> StackSettings:
    changes: dict[str, object] = {
        "services.oauth2.eip": {"bandwidth": 5},
        "services.oauth2.autoscaler": None,
        "services.oauth2.replicas": replicas,
        "environment.quota": None,
        "environment.limitRange": None,
    }
    return load_changed(changes if quota is None else {**changes, "cluster.quotas.eips": quota}, stack)


def test_stacks_of_one_cluster_share_the_regions_eips() -> None:
    (found,) = neighbours.check([with_eips("test", 10), with_eips("uat", 10)])
    assert (found[0], found[1].path, found[1].value) == ("uat", "cluster.quotas.eips", 20)
    rows = [line.split() for line in found[1].rule.splitlines()[1:]]
    assert rows == [["test", "oauth2", "11"], ["uat", "oauth2", "11"], ["sum", "22"]]


def test_together_stacks_have_the_largest_quota_that_any_of_them_states() -> None:
    assert list(neighbours.check([with_eips("test", 10), with_eips("uat", 10, quota=22)])) == []
    assert list(neighbours.check([with_eips("test", 10, quota=22), with_eips("uat", 10, quota=11)])) == []
    (found,) = neighbours.check([with_eips("test", 10, quota=11), with_eips("uat", 10, quota=21)])
    assert (found[0], found[1].value) == ("uat", 21)


def on_one_nas(stack: str, root: str, **services: Mapping[str, object]) -> StackSettings:
    return load_changed({**given_nas(root), **{f"services.{name}.nas": nas for name, nas in services.items()}}, stack)


def test_a_directory_inside_that_of_another_stacks_service_is_refused() -> None:
    one = on_one_nas("test", "/shop", file={"subPath": "uat/product"})
    other = on_one_nas("uat", "/shop/uat", exam={"subPath": "product/exam/here"})
    assert one.sub_path("file") == "uat/product"
    found = list(neighbours.check([one, other]))
    directories = {f"/shop/uat/{other.sub_path(name)}" for name in other.services}
    assert {(stack, problem.value) for stack, problem in found} == {("uat", each) for each in directories}
    (exam,) = (problem for _, problem in found if problem.value == "/shop/uat/product/exam/here")
    assert exam.path == "services.exam.nas.subPath"
    assert exam.rule == 'must not be under or over the directory of file in the stack "test", /shop/uat/product'


def test_the_later_stack_is_told_of_a_directory_whichever_of_the_two_is_outside() -> None:
    inner = on_one_nas("test", "/shop/test", exam={"subPath": "data/exam"})
    outer = on_one_nas("uat", "/shop", file={"subPath": "test/data"})
    (found,) = neighbours.check([inner, outer])
    assert (found[0], found[1].path, found[1].value) == ("uat", "services.file.nas.subPath", "/shop/test/data")
    assert found[1].rule.endswith('of exam in the stack "test", /shop/test/data/exam')


def test_directories_beside_each_other_and_of_other_file_systems_are_left_alone() -> None:
    one = on_one_nas("test", "/shop", file={"subPath": "uat/product/uat/exam-files"})
    beside = on_one_nas("uat", "/shop/uat")
    assert list(neighbours.check([one, beside])) == []
    elsewhere = {"ownership": "given", "id": "31b8e4abcd", "mountTarget": "31b8e4abcd-x.cn-hangzhou.nas.aliyuncs.com"}
    changes = {"nas.fileSystem": elsewhere, "nas.volume.path": "/shop", "services.exam.nas": {"subPath": "uat"}}
    assert list(neighbours.check([load_changed(changes, "test"), beside])) == []


def test_services_of_two_stacks_have_one_directory_only_where_both_say_so() -> None:
    shared, own = {"subPath": "uat/data", "shared": True}, {"subPath": "uat/data"}
    theirs = {"subPath": "data", "shared": True}
    both = [on_one_nas("test", "/shop", file=shared), on_one_nas("uat", "/shop/uat", file=theirs)]
    assert list(neighbours.check(both)) == []
    (found,) = neighbours.check([on_one_nas("test", "/shop", file=own), both[1]])
    assert (found[0], found[1].path, found[1].value) == ("uat", "services.file.nas.subPath", "/shop/uat/data")
    assert found[1].mend == "a directory of its own, or nas: {shared: true} on both"
