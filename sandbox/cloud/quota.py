"""ResourceQuotas: whether the pods of a Deployment fit, and in the API server's words, which pod does not."""

from typing import Any

from sandbox.cloud.contents import Contents, Entry
from sandbox.cloud.workload import COUNTED, failed_create, thousandths, unstated

_QUOTA = "kubernetes:core/ResourceQuota"
_ALIASES = {"cpu": "requests.cpu", "memory": "requests.memory"}


def problems(contents: Contents, plain: dict[str, Any], wanted: dict[str, int], *, surge: int) -> list[str]:
    """Return the events of pods that the namespace's quotas keep from being created.

    Args:
        contents: the cloud.
        plain: the Deployment.
        wanted: what all its replicas take, as `workload.demand` has it.
        surge: pods beyond the replicas.
    """
    namespace, name = plain["metadata"]["namespace"], plain["metadata"]["name"]
    replicas = plain["spec"].get("replicas", 1)
    if not replicas:
        return []
    pod = {resource: amount // replicas for resource, amount in wanted.items()}
    others = [entry for entry in contents.within(namespace) if entry.demand and entry.id != f"{namespace}/{name}"]
    used = {each: sum(entry.demand.get(each, 0) for entry in others) for each in (*COUNTED, "pods")}
    found = (
        _unstated(contents, quota, plain, pod) or _exceeded(quota, pod, used, replicas + surge)
        for quota in contents.of_type(_QUOTA)
        if quota.id.startswith(f"{namespace}/")
    )
    return [failed_create(plain, reason, named=True) for reason in found if reason]


def _unstated(contents: Contents, quota: Entry, plain: dict[str, Any], pod: dict[str, int]) -> str | None:
    missing = [
        f"{stated} for: {','.join(unstated(contents, plain, resource))}"
        for stated, resource in _counted(quota).items()
        if resource not in pod
    ]
    return f"failed quota: {_name(quota)}: must specify {'; '.join(missing)}" if missing else None


def _exceeded(quota: Entry, pod: dict[str, int], used: dict[str, int], pods: int) -> str | None:
    hard, counted = quota.object["spec"]["hard"], _counted(quota)
    for there in range(pods):  # the API server judges one pod after the other
        before = {each: used[each] + there * pod[each] for each in counted.values()}
        lacking = [stated for stated, each in counted.items() if before[each] + pod[each] > thousandths(hard[stated])]
        if lacking:
            requested = ",".join(f"{each}={_written(counted[each], pod[counted[each]])}" for each in lacking)
            taken = ",".join(f"{each}={_written(counted[each], before[counted[each]])}" for each in lacking)
            limited = ",".join(f"{each}={hard[each]}" for each in lacking)
            return f"exceeded quota: {_name(quota)}, requested: {requested}, used: {taken}, limited: {limited}"
    return None


def _counted(quota: Entry) -> dict[str, str]:
    """Return the resources of a quota that are counted here, as it states them and by their full name."""
    stated = sorted(quota.object.get("spec", {}).get("hard", {}))
    return {each: _ALIASES.get(each, each) for each in stated if _ALIASES.get(each, each) in {*COUNTED, "pods"}}


def _name(quota: Entry) -> str:
    return quota.id.rpartition("/")[2]


def _written(resource: str, amount: int) -> str:
    if resource.endswith("memory"):
        size = amount // 1000
        for unit, factor in (("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10)):
            if size and size % factor == 0:
                return f"{size // factor}{unit}"
        return str(size)
    return str(amount // 1000) if amount % 1000 == 0 else f"{amount}m"
