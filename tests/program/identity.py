"""The identity of every resource of a stack: what the engine knows it by, and the options that decide over its life.

Reviewed like an API: a line that changes or goes is a resource that is replaced or deleted on a live cluster.
``python -m tests.program.identity`` writes the golden files anew.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.program.stacks import FOLDERS, record
from tests.recorder import Recording, Registered

GOLDEN = Path(__file__).with_name("golden")
STACK = "ack-platform-"
"""How the name of the root resource begins."""


def inventory(recording: Recording) -> str:
    """One line for each resource, below its parent: type, name, and every option that is set."""
    return "".join(f"{line}\n" for line in _below(recording, "", ""))


def _below(recording: Recording, parent: str, indent: str) -> Iterator[str]:
    children = [
        each for each in recording.resources if ("" if each.parent.startswith(STACK) else each.parent) == parent
    ]
    for each in sorted(children, key=lambda child: (child.type, child.name)):
        yield f"{indent}{each.type} {each.name}{''.join(f'  {option}' for option in _options(each))}"
        yield from _below(recording, each.name, f"{indent}    ")


def _options(resource: Registered) -> Iterator[str]:
    if resource.read_id is not None:
        yield f"read={resource.read_id}"
    if resource.provider:
        yield f"provider={resource.provider}"
    if resource.protect:
        yield "protect"
    if resource.retain_on_delete:
        yield "retainOnDelete"
    for option, values in {
        "ignoreChanges": resource.ignore_changes,
        "additionalSecretOutputs": resource.secret_outputs,
        "dependsOn": resource.depends_on,
    }.items():
        if values:
            yield f"{option}={','.join(values)}"
    if resource.deleted_with:
        yield f"deletedWith={resource.deleted_with}"


if __name__ == "__main__":
    for name in FOLDERS:
        (GOLDEN / f"{name}.txt").write_text(inventory(record(name)), encoding="utf-8")
