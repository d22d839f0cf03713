"""What a run said, for machines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_FILE = re.compile(r"(?:removed|would remove) (?P<bytes>\d+) bytes: (?P<path>.+)")
_DIRECTORY = re.compile(r"removed an empty directory: (?P<path>.+)")
_SERVICE = re.compile(
    r"(?P<name>\S+): (?:removed|would remove) (?P<files>\d+) files, (?P<bytes>\d+) bytes;"
    r" kept (?P<live>\d+) of live pods, (?P<newest>\d+) newest dumps; (?P<failed>\d+) failed"
)


def report(lines: Iterable[str]) -> dict[str, Any]:
    """The lines of a run, sorted into ``files``, ``directories``, ``services``, and ``notes`` for the rest.

    Args:
        lines: as the run wrote them.
    """
    found: dict[str, list[Any]] = {"services": [], "files": [], "directories": [], "notes": []}
    for line in lines:
        if each := _FILE.fullmatch(line):
            found["files"].append({"path": each["path"], "bytes": int(each["bytes"])})
        elif each := _DIRECTORY.fullmatch(line):
            found["directories"].append(each["path"])
        elif each := _SERVICE.fullmatch(line):
            counts = {key: int(value) for key, value in each.groupdict().items() if key != "name"}
            found["services"].append({"name": each["name"], **counts})
        else:
            found["notes"].append(line)
    return found
