"""Registration with Nacos by the sidecar: Ready means visible, and offline comes before the end."""

from __future__ import annotations

from collections.abc import Iterator

from config.checks.variables import managed_by
from config.registration import life_cycle
from improvements.drain import end_of_pod, longer_grace
from improvements.edit import Edit
from improvements.improvement import Item
from improvements.subject import POD, Subject

_VARIABLES = ("POD_NAME", "POD_IP")
_CLOUD = "SPRING_CLOUD_"


def _edit(subject: Subject) -> Edit:
    env = subject.of_container("env")
    stated = {field[len(env)] for field in subject.patched if field[: len(env)] == env}
    discovery = sorted(each for each in stated if each.startswith(_CLOUD) and managed_by(each) is not None)
    dropped = [*end_of_pod(subject), *((*env, each) for each in (*_VARIABLES, *discovery))]
    nacos = subject.settings.nacos
    if nacos is None:
        return Edit({("registration", "mode"): "sidecar"}, dropped)
    computed = life_cycle(subject.service.registration, nacos.version, nacos.consumer_cache_seconds).grace
    return Edit({("registration", "mode"): "sidecar", **longer_grace(subject, computed)}, dropped)


def _blocked(before: Subject, _after: Subject) -> Iterator[str]:
    if (*before.of_container("env"), "$patch") in before.patched:
        yield "the patch states the variables as a whole list, without those of the registration: apply variables"
    if any(field[:-1] == (*POD, "initContainers") and field[-1] == "$patch" for field in before.patched):
        yield "the patch states initContainers as a whole list, without the sidecar: remove '- $patch: replace' there"


def _first(subject: Subject) -> Iterator[str]:
    if subject.service.registration.image is None:
        look = f"{subject.kubectl} exec {subject.deployment} -c {subject.container_name} -- sh -c 'command -v curl'"
        yield f"the image must have sh and curl, or registration.image name one that has: {look}"
    nacos = subject.settings.nacos
    if nacos is not None:
        place = f"{nacos.address}, namespace {subject.settings.nacos_namespace}, group {nacos.group}"
        yield f"the process registers at {place} from then on, whatever its application.yml says"
    name = subject.service.registration.nacos_name
    if name is not None:
        yield f"spring.application.name of the service must be {name}, by which the sidecar looks for it in Nacos"


REGISTRATION = Item(
    "registration",
    "consumers call a pod that has ended until Nacos and their caches forget it, and a Ready pod may not be visible",
    "https://nacos.io/en/docs/latest/guide/user/open-api/",
    _edit,
    _blocked,
    _first,
)
