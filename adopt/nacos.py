"""Where a live service says that its Nacos is."""

from __future__ import annotations

import json
import re

from adopt.snapshot import Object
from adopt.workload import Workload
from config.checks.variables import relaxed

_PROPERTIES = {
    f"springcloudnacos{part}serveraddr" for part in ("", "discovery", "config")
}  # as Spring reads them, whatever they are written like
_OPTION = re.compile(r"(?:-D|--)([\w.-]+)=(\S+)")
_API = re.compile(r"https?://([\w.-]+:\d+)/nacos/")


def address(workload: Workload) -> str | None:
    """The address in the variables and options of a service, else in the calls of its hooks; None without one."""
    container = workload.container
    for each in container.get("env") or ():
        value = str(each.get("value") or "")
        stated: dict[str, str] = {
            relaxed(str(each["name"])): value,
            **{relaxed(key): text for key, text in _OPTION.findall(value)},
        }
        found = [stated[name] for name in sorted(_PROPERTIES & stated.keys())]
        for text in found:
            if text and "$" not in text:
                return text
    return _called(container)


def _called(container: Object) -> str | None:
    match = _API.search(json.dumps(container.get("lifecycle") or {}))
    return match[1] if match else None
