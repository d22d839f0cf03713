"""Whatever stands in a stack file: settings, or one report; never a stack trace."""

from collections.abc import Sequence
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from config import Problem, SettingsError, read_stack
from config.files import KeyPath, read_yaml, show_path
from config.load import CATALOGUE
from tests.config.changes import REMOVED, ROOT, Changes, load_changed

STACKS = ("test", "uat")


def paths_in(values: object, above: KeyPath = ()) -> list[KeyPath]:
    """Every key path of a mapping, the inner ones too."""
    below: list[KeyPath] = []
    items = enumerate(values) if isinstance(values, list) else values.items() if isinstance(values, dict) else ()
    for key, value in items:
        below += [(*above, key), *paths_in(value, (*above, key))]
    return below


PATHS = {
    stack: [
        *paths_in(dict(read_stack(stack, ROOT).values)),
        *(("services", *path) for path in paths_in(read_yaml(CATALOGUE).values)),
    ]
    for stack in STACKS
}
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.just("0")
    | st.just("10.0.0.0/8"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
CHANGE = st.sampled_from(STACKS).flatmap(
    lambda stack: st.tuples(st.just(stack), st.sampled_from(PATHS[stack]), JSON | st.just(REMOVED))
)


@settings(max_examples=150, deadline=None)
@given(CHANGE)
@example(("test", ("environment", "quota", "hard", "pods"), "1.5m"))
@example(("test", ("services", "gateway", "ingress"), None))
def test_any_value_at_any_key_is_accepted_or_reported(change: tuple[str, KeyPath, Any]) -> None:
    stack, path, value = change
    problems = reported(stack, {show_path(path): value})
    assert all(each.path and each.rule for each in problems)
    assert {each.file for each in problems} <= {f"Pulumi.{stack}.yaml", "services.yaml"}


def reported(stack: str, changes: Changes) -> Sequence[Problem]:
    """What is wrong with a changed stack; nothing where it is accepted."""
    try:
        load_changed(changes, stack)
    except SettingsError as error:
        return error.problems
    except KeyError:  # the key stands in the catalogue, so it cannot be taken out of the stack file
        return ()
    return ()
