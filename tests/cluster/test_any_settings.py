"""Whatever the settings accept, a real API server accepts: objects, and the pods made from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings

from components.manifests.metadata import Manifest
from components.manifests.platform import platform_objects
from config import SettingsError
from config.files import parse_path
from tests.cluster import edges, usage
from tests.cluster.admission import Admission, made
from tests.cluster.api import Api, Object
from tests.cluster.unchecked import unchecked
from tests.manifests import shapes
from tests.manifests.any_settings import Stack, stacks
from tests.manifests.schemas import NEWEST, OLDEST
from tests.program.stacks import FOLDERS, shipped
from tests.settings import REMOVED

ABOUT_USAGE = frozenset(
    (
        *("replicas", "autoscaler", "resources", "registration", "configFiles", "service", "ingress"),
        *("disruptionBudget", "revisionHistory", "nacos", "logRetention", "volume", "limitRange", "pullSecret"),
        "network",
    )
)
"""Words of the keys that a stack's use of a quota follows from."""
ABOUT_PODS = ABOUT_USAGE | {"quota", "namespace", "securityProfile", "tmpSize", "port"}
"""Words of the keys that quota, LimitRange and Pod Security look at."""
FEW: shapes.Changes = {f"services.{name}": REMOVED for name in ("exam", "file", "resource", "study")}
STEP = {"requests.cpu": Fraction(1, 1000), "limits.cpu": Fraction(1, 1000)}
"""The smallest step of a resource of a quota, where it is not 1."""


@pytest.fixture(scope="module")
def admission(api: Api) -> Admission:
    return Admission(api)


@pytest.mark.parametrize("stack", FOLDERS)
def test_every_shipped_stack_is_accepted_as_a_whole(admission: Admission, stack: str) -> None:
    stated = shipped(stack)
    assert admission.refusals(stated, list(platform_objects(stated))) == []


@pytest.mark.parametrize("minor", [OLDEST, NEWEST])
def test_every_position_of_every_switch_is_accepted(admission: Admission, minor: int) -> None:
    assert _refused(admission, minor, shapes.single(minor)) == {}


def test_every_two_switches_together_are_accepted(admission: Admission) -> None:
    assert _refused(admission, NEWEST, shapes.pairs()) == {}


@pytest.mark.parametrize(
    ("about", "share"),
    [pytest.param(None, 1, id="any keys"), pytest.param(ABOUT_PODS, 2, id="what pods are judged by")],
)
def test_what_the_settings_accept_the_api_server_accepts(
    admission: Admission, about: frozenset[str] | None, share: int
) -> None:
    kept: list[int] = []
    examples = settings().max_examples // share

    @settings(max_examples=examples)
    @given(stacks(about))
    def run(drawn: Stack) -> None:
        stated, stack = drawn.nearest_accepted()
        kept.append(len(stack.changes))
        refused = admission.refusals(stated, list(platform_objects(stated)))
        assert not refused, "\n".join([*refused, "in", str(stack)])

    before = admission.asked
    run()
    assert len(kept) >= examples
    assert sum(kept) > 2 * len(kept), "so few changes pass that little was tried"
    assert admission.asked - before > len(kept), "so few objects differ that little was asked"


def test_the_smallest_quota_that_the_settings_accept_is_the_smallest_that_holds_the_stack(admission: Admission) -> None:
    tried: set[str] = set()

    @settings(max_examples=settings().max_examples // 4)
    @given(stacks(ABOUT_USAGE))
    def run(drawn: Stack) -> None:
        stated, stack = replace(drawn, changes=drawn.changes | {("environment", "quota"): None}).nearest_accepted()
        objects = list(platform_objects(stated))
        pods = admission.pods(stated, objects)
        enough = usage.most(objects, pods)
        less = {resource: amount - STEP.get(resource, 1) for resource, amount in enough.items()}
        tried.update(enough)

        accepted = _with_quota(stack, enough).settings()
        assert accepted.environment.quota is not None
        with pytest.raises(SettingsError) as refused:
            _with_quota(stack, less).settings()
        paths = {parse_path(each.path.removeprefix("ack-platform:")) for each in refused.value.problems}
        assert paths == {("environment", "quota", "hard", resource) for resource in less}

        owner = next((name for name in pods if usage.running_pods(objects, *name.split("/"))), None)
        last = list(_last(objects, owner))
        alone = usage.alone(last, pods[owner] if owner else None)
        others = {resource: amount - alone.get(resource, 0) for resource, amount in enough.items()}
        assert admission.refused_by_quota(_left(enough, others), last, objects) == {}
        assert admission.refused_by_quota(_left(less, others), last, objects).keys() == {each["kind"] for each in last}

    run()
    assert tried >= set(usage.KINDS)


@pytest.mark.parametrize("edge", edges.EDGES, ids=str)
def test_one_step_outside_a_bound_is_refused_by_the_settings_and_would_be_by_the_server(
    admission: Admission, edge: edges.Edge
) -> None:
    inside = shapes.shape(NEWEST, {**FEW, **edge.around, edge.key: edge.inside})
    assert admission.refusals(inside, list(platform_objects(inside))) == []

    with pytest.raises(SettingsError) as refused:
        shapes.shape(NEWEST, {**FEW, **edge.around, edge.key: edge.outside})
    key = parse_path(edge.key)
    for each in refused.value.problems:
        assert parse_path(each.path.removeprefix("ack-platform:"))[: len(key)] == key, str(refused.value)

    outside = unchecked(inside, edge.key, edge.outside)
    found = admission.refusals(outside, list(platform_objects(outside)))
    assert any(edge.words in words for words in found), found


def _refused(admission: Admission, minor: int, named: Iterable[tuple[str, shapes.Changes]]) -> dict[str, list[str]]:
    """What the server refuses of the shapes of a Kubernetes minor, by shape."""
    found = {}
    for name, changes in named:
        stated = shapes.shape(minor, changes)
        found[name] = admission.refusals(stated, list(platform_objects(stated)))
    assert len(found) > 45
    return {name: refusals for name, refusals in found.items() if refusals}


def _with_quota(stack: Stack, hard: usage.Usage) -> Stack:
    quota = {"ownership": "owned", "hard": _texts(hard)}
    return replace(stack, changes=stack.changes | {("environment", "quota"): quota})


def _texts(hard: usage.Usage) -> dict[str, str]:
    return {resource: f"{Decimal(each.numerator) / each.denominator:f}" for resource, each in hard.items()}


def _left(hard: usage.Usage, others: usage.Usage) -> dict[str, str]:
    """What a quota has left once all the others are there."""
    return _texts({resource: amount - others[resource] for resource, amount in hard.items()})


def _last(objects: Sequence[Manifest], owner: str | None) -> Iterator[Object]:
    """One object of each kind that a quota counts, and a pod of one owner."""
    everything = [*objects, *made(objects)]
    for kind in sorted(set(usage.KINDS.values()) - {"Pod"}):
        yield from [each for each in everything if each["kind"] == kind][:1]
    for each in objects:
        if f"{each['kind']}/{each['metadata']['name']}" == owner:
            yield from [pod for pod in made([each]) if pod["kind"] == "Pod"]
