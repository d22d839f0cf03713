"""The JVM's memory areas, sized so that together they fit the container's limit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.checks.secrets import is_secret
from improvements.edit import Edit
from improvements.improvement import Item
from improvements.subject import Subject

_VARIABLE = "JVM_OPTIONS_BASE"
_SIZED = re.compile(
    r"-Xm[sx].*|-Xss.*|-XX:(Max|Min|Initial)RAM(Percentage|Fraction)?=.*|-XX:(Max)?HeapSize=.*|-XX:InitialHeapSize=.*"
    r"|-XX:(Max)?MetaspaceSize=.*|-XX:ReservedCodeCacheSize=.*|-XX:MaxDirectMemorySize=.*|-XX:\+ExitOnOutOfMemoryError"
    r"|-XX:[+]UseContainerSupport"
)
"""Options that the areas stand for, and one that is Java's own default since 10."""


def _edit(subject: Subject) -> Edit:
    field = subject.of_container("env", _VARIABLE)
    if not any(each[: len(field)] == field for each in subject.patched):
        return Edit()
    kept = [each for each in (subject.variable(_VARIABLE) or "").split() if not _SIZED.fullmatch(each)]
    if any(is_secret(each.partition("=")[0].removeprefix("-D"), each.partition("=")[2]) for each in kept):
        return Edit(needs=f"an option of {_VARIABLE} is a secret in plain text: move it to a Secret and envFromSecrets")
    stated = [each for each in subject.service.jvm.options if each not in kept]
    return Edit({("jvm", "options"): [*stated, *kept]}, [field])


def _first(subject: Subject) -> Iterator[str]:
    heap, limit = subject.service.jvm.heap_percent, subject.service.resources.limits.memory
    live = subject.variable(_VARIABLE) or "none"
    yield f"the heap becomes {heap} % of {limit} (jvm.heapPercent); the options are now: {live}"


JVM = Item(
    "jvm",
    "heap, metaspace, threads and buffers together may exceed the memory limit, and the kernel kills the process",
    "https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/#exceed-a-container-s-memory-limit",
    _edit,
    first=_first,
)
