"""What a run says and leaves, beside what the rules say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from subprocess import CompletedProcess

from tests.cluster.retention.nas import Tree, still
from tests.cluster.retention.rules import Verdict


def assert_the_rest_is_as_it_was(before: Tree, after: Tree) -> None:
    """Nothing new, and what stayed has its content, owner, permissions and time; of directories all but the time."""
    assert set(after) <= set(before)
    assert still(after) == {path: entry for path, entry in still(before).items() if path in after}


def reported(done: CompletedProcess[str]) -> list[str]:
    """The lines of a report, sorted."""
    return sorted(done.stdout.removesuffix("\n").split("\n"))


def expected(verdicts: Mapping[str, Verdict], done: str) -> list[str]:
    """The lines that a report must have, sorted."""
    lines = []
    for service, verdict in verdicts.items():
        lines += [f"{done} {size} bytes: {shown(path)}" for path, size in verdict.files.items()]
        lines += [f"{done} an empty directory: {shown(path)}" for path in verdict.directories]
        total = f"{len(verdict.files)} files, {sum(verdict.files.values())} bytes"
        kept = f"{verdict.live} of live pods, {verdict.newest} newest dumps"
        lines.append(f"{shown(service)}: {done} {total}; kept {kept}; 0 failed")
    return sorted(lines)


def shown(path: str) -> str:
    """A path as a report shows it: on one line."""
    return re.sub(r"[\x00-\x1f\x7f]", "?", path)
