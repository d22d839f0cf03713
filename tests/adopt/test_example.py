"""The example of an existing cluster is what the program makes of the guide's cluster, and no other."""

from __future__ import annotations

from pathlib import Path

from config import CATALOGUE, load_stack
from tests.adopt.example import FILE, STACK, made
from tests.adopt.guide import SERVICES


def test_the_commands_that_the_example_states_make_it_out_of_the_guides_cluster(tmp_path: Path) -> None:
    assert made(tmp_path) == FILE.read_text(encoding="utf-8"), "python -m tests.adopt.example writes it anew"
    assert (tmp_path / "services.yaml").read_bytes() == CATALOGUE.read_bytes()


def test_the_example_is_restricted_and_without_a_patch_where_nothing_blocked_it() -> None:
    services = load_stack(STACK, FILE.parent).services
    profiles = {name: each.security_profile for name, each in services.items()}
    # Their second container and their init container, which no setting knows, do not fit `restricted`.
    assert profiles == {**dict.fromkeys(SERVICES, "restricted"), "resource": "baseline", "study": "baseline"}
    assert {name for name, each in services.items() if each.patch.fields} == {"admin", "file", "resource", "study"}
