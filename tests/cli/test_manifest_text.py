"""The YAML of `ackp render` says to every reader what the objects say."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from components.manifests.text import yaml_text

SCALARS = st.text() | st.integers() | st.booleans() | st.none()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(st.text(), VALUES))
def test_whatever_is_written_reads_back_as_it_was(values: dict[str, Any]) -> None:
    assert yaml.safe_load(yaml_text(values)) == values


@pytest.mark.parametrize(
    "text", ["yes", "012", "1e3", "7e-1", "0o17", "y", "1.0", "null", "~", "", "2026-11-09", "0x1F", "=", "<<", "- a"]
)
def test_text_that_looks_like_something_else_is_quoted(text: str) -> None:
    assert yaml_text({"value": text}) == f"value: '{text}'\n"


def test_text_of_several_lines_is_a_block() -> None:
    script = "#!/bin/sh\necho $1\n"
    assert yaml_text({"data": {"run.sh": script}}) == "data:\n  run.sh: |\n    #!/bin/sh\n    echo $1\n"


def test_a_value_that_stands_twice_is_written_twice() -> None:
    labels = {"env": "uat"}
    assert yaml_text({"one": labels, "other": labels}) == "one:\n  env: uat\nother:\n  env: uat\n"


def test_keys_keep_the_order_of_the_builder() -> None:
    assert yaml_text({"spec": {"b": 1, "a": [True, {}]}}) == "spec:\n  b: 1\n  a:\n  - true\n  - {}\n"
