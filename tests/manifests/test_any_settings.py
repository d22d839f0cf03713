"""Whatever the settings accept, Kubernetes accepts; whatever they do not, they refuse with their own report."""

import json
from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.manifests.metadata import Manifest
from components.manifests.platform import platform_objects
from config import Problem, SettingsError
from config.files import parse_path
from tests.manifests import any_settings, rules, schemas
from tests.manifests.any_settings import Changes, accepted, all_fields, nearest_accepted
from tests.manifests.model_values import Field, outside
from tests.manifests.test_shapes import LEVELS, pods
from tests.manifests.tools import forbidden

EXAMPLES = 400
# Derandomized: the same run finds the same, and leaves no database behind in the working tree.
RUN = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
"""Anything that YAML can say."""


def test_what_the_settings_accept_renders_objects_that_kubernetes_accepts() -> None:
    kept: list[int] = []
    asked: dict[tuple[str, int], dict[str, Manifest]] = defaultdict(dict)

    @RUN
    @given(any_settings.changes())
    def run(changes: Changes) -> None:
        stack, left = nearest_accepted(changes)
        kept.append(len(left))
        objects = list(platform_objects(stack))
        wrong = rules.broken(objects)
        wrong += [error for each in objects for error in schemas.errors(each, stack.cluster.minor)]
        assert not wrong, "\n".join([*wrong, "with", *any_settings.shown(left)])
        for profile, level in LEVELS.items():
            asked[level, stack.cluster.minor] |= {json.dumps(pod): pod for pod in pods(stack, profile)}

    run()
    assert len(kept) >= EXAMPLES
    assert sum(kept) > 2 * len(kept), "so few changes pass that little was tried"
    for (level, minor), distinct in asked.items():
        answers = forbidden(distinct.values(), level=level, minor=minor)
        assert {pod: answer for pod, answer in zip(distinct, answers, strict=True) if answer} == {}


def fields_of_one_service() -> list[Field]:
    """Every key of a stack with one of its services."""
    return [field for field in all_fields() if field.path[0] != "services" or field.path[1] == "gateway"]


@pytest.mark.parametrize("field", fields_of_one_service(), ids=lambda field: field.shown)
def test_a_value_just_outside_its_type_is_refused_where_it_stands(field: Field) -> None:
    values = outside(field.hint)
    assert values
    for value in values:
        with pytest.raises(SettingsError) as refused:
            accepted({field.path: value})
        paths = [parse_path(each.path.removeprefix("ack-platform:")) for each in refused.value.problems]
        assert any(path[: len(field.path)] == field.path for path in paths), (value, str(refused.value))
        assert "Traceback" not in str(refused.value)


@RUN
@given(st.sampled_from(all_fields()), JUNK)
def test_whatever_stands_at_a_key_the_answer_is_settings_or_their_own_report(field: Field, junk: object) -> None:
    for problem in _problems({field.path: junk}):
        assert problem.file in ("Pulumi.uat.yaml", "services.yaml")
        assert problem.rule.startswith(("must", "has no effect"))


def _problems(changes: Changes) -> Sequence[Problem]:
    """The report on these changes; empty where they are accepted."""
    try:
        accepted(changes)
    except SettingsError as error:
        return error.problems
    return ()
