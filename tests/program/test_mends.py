"""What the report of a failed run says to write into the stack file does what it says."""

import pytest
import yaml

from sandbox.causes import GIVEN, given_setting
from tests.program.stacks import record


@pytest.mark.parametrize("name", GIVEN)
def test_the_setting_that_a_report_names_uses_the_object_that_exists(name: str) -> None:
    created = record("test")[name]
    metadata = created.inputs["metadata"]
    identity = "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))
    setting = given_setting({"name": name, "object": identity})
    assert setting is not None
    path, _, value = setting.partition(": ")
    changed = record.__wrapped__("test", changes=((path, yaml.safe_load(value)),))  # a dict cannot be remembered
    assert created.read_id is None
    assert changed[name].read_id == identity
