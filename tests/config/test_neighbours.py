"""Two stacks on one cluster."""

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
