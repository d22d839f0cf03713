"""The variables that the program writes into every application's container."""

from __future__ import annotations

from components.manifests.env_vars import env_vars
from config.checks.variables import managed_by
from improvements.edit import Edit
from improvements.fragment import DIRECTIVE
from improvements.improvement import Item
from improvements.subject import Subject

_OF_OTHERS = ("JVM_OPTIONS_BASE", "SYSTEM_OPTIONS", "PROGRAM_PARAMS", "SERVER_SHUTDOWN", "SPRING_", "TZ")
"""How variables begin that have an improvement of their own."""
_ORDER = "$setElementOrder/env"


def _edit(subject: Subject) -> Edit:
    env = subject.of_container("env")
    stated = {field[len(env)] for field in subject.patched if field[: len(env)] == env}
    written = {each["name"] for each in env_vars(subject.settings, subject.name)}
    names = [each for each in sorted(stated) if each in written and not each.startswith(_OF_OTHERS)]
    dropped = [(*env, each) for each in names if managed_by(each) is not None or each == "HOME"]
    if DIRECTIVE in stated:
        dropped.append((*env, DIRECTIVE))
    return Edit(dropped=[*dropped, (*subject.of_container(), _ORDER)])


VARIABLES = Item(
    "variables",
    "the character set and port are the image's, not the settings', and a log line or a script cannot tell its pod",
    "https://kubernetes.io/docs/tasks/inject-data-application/environment-variable-expose-pod-information/",
    _edit,
)
