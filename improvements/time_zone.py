"""The time zone by a variable instead of the node's /etc/localtime."""

from __future__ import annotations

from collections.abc import Iterator

from improvements.edit import Edit
from improvements.fragment import Field
from improvements.improvement import Item
from improvements.subject import POD, Subject

_PATHS = ("/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo")


def _edit(subject: Subject) -> Edit:
    volumes = {
        each["name"] for each in subject.pod.get("volumes") or () if _is_zone((each.get("hostPath") or {}).get("path"))
    }
    mounts = [
        (*POD, kind, container["name"], "volumeMounts", mount["mountPath"])
        for kind in ("initContainers", "containers")
        for container in subject.pod.get(kind) or ()
        for mount in container.get("volumeMounts") or ()
        if mount["name"] in volumes
    ]
    fields: list[Field] = [(*POD, "volumes", str(each)) for each in sorted(volumes)]
    return Edit(dropped=[*fields, *mounts, subject.of_container("env", "TZ")])


def _first(subject: Subject) -> Iterator[str]:
    zone = subject.service.time_zone
    look = f"{subject.kubectl} exec {subject.deployment} -c {subject.container_name} -- date +%Z"
    yield f"the application's zone will be {zone} (timeZone); to see what it is now: {look}"


def _is_zone(path: object) -> bool:
    return isinstance(path, str) and path.startswith(_PATHS)


TIME_ZONE = Item(
    "time-zone",
    "a host path opens files of the node to the pod, which no security level allows, and the time is that of the node",
    "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
    _edit,
    first=_first,
)
