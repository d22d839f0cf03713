"""Whatever the settings accept, Kubernetes accepts; whatever they do not, they refuse with their own report."""

import json
from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.manifests.metadata import Manifest
from components.manifests.platform import platform_objects
from config import Problem, SettingsError
from config.files import parse_path
from tests.manifests import rules, schemas
from tests.manifests.any_settings import Stack, all_fields, stacks
from tests.manifests.model_values import Field, outside
from tests.manifests.test_shapes import LEVELS, pods
from tests.manifests.tools import forbidden

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
"""Anything that YAML can say."""


def test_what_the_settings_accept_renders_objects_that_kubernetes_accepts() -> None:
    kept: list[int] = []
    asked: dict[tuple[str, int], dict[str, Manifest]] = defaultdict(dict)

    @given(stacks())
    def run(drawn: Stack) -> None:
        stated, stack = drawn.nearest_accepted()
        kept.append(len(stack.changes))
        objects = list(platform_objects(stated))
        wrong = rules.broken(objects)
        wrong += [error for each in objects for error in schemas.errors(each, stated.cluster.minor)]
        assert not wrong, "\n".join([*wrong, "in", str(stack)])
        for profile, level in LEVELS.items():
            asked[level, stated.cluster.minor] |= {json.dumps(pod): pod for pod in pods(stated, profile)}

    run()
    assert len(kept) >= settings().max_examples
    assert sum(kept) > 2 * len(kept), "so few changes pass that little was tried"
    for (level, minor), distinct in asked.items():
        answers = forbidden(distinct.values(), level=level, minor=minor)
        assert {pod: answer for pod, answer in zip(distinct, answers, strict=True) if answer} == {}


def keys() -> list[tuple[str, Field]]:
    """Every key of the stacks that own and are given everything, with one of the services."""
    first: dict[tuple[str, ...], tuple[str, Field]] = {}
    for stack in ("uat", "test"):
        for field in all_fields(stack):
            if field.path[0] != "services" or field.path[1] == "gateway":
                first.setdefault(field.path, (stack, field))
    return list(first.values())


@pytest.mark.parametrize(("stack", "field"), [pytest.param(*key, id=key[1].shown) for key in keys()])
def test_a_value_just_outside_its_type_is_refused_where_it_stands(stack: str, field: Field) -> None:
    values = outside(field.hint)
    assert values
    for value in values:
        with pytest.raises(SettingsError) as refused:
            Stack(stack, {field.path: value}).settings()
        paths = [parse_path(each.path.removeprefix("ack-platform:")) for each in refused.value.problems]
        assert any(path[: len(field.path)] == field.path for path in paths), (value, str(refused.value))
        assert "Traceback" not in str(refused.value)


@given(st.sampled_from(keys()), JUNK)
def test_whatever_stands_at_a_key_the_answer_is_settings_or_their_own_report(
    key: tuple[str, Field], junk: object
) -> None:
    stack, field = key
    for problem in _problems(Stack(stack, {field.path: junk})):
        assert problem.file in (f"Pulumi.{stack}.yaml", "services.yaml")
        assert problem.rule.startswith(("must", "has no effect"))


def _problems(stack: Stack) -> Sequence[Problem]:
    """The report on a stack; empty where it is accepted."""
    try:
        stack.settings()
    except SettingsError as error:
        return error.problems
    return ()
