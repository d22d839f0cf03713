"""Patches: of objects that the service has, of fields that may be patched, in words that can be merged and applied."""

from collections import Counter
from collections.abc import Iterator

from pydantic import JsonValue

from config.errors import Problem, did_you_mean
from config.files import KeyPath, show_path
from config.merge_keys import APPLY_KEYS
from config.patch import KINDS, ORDER, Patch, merge_key
from config.stack import StackSettings

_REPLACE = {"$patch": "replace"}
_KEPT_BY_THE_SERVER = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid")
_FIXED: dict[tuple[str, ...], str] = {
    ("apiVersion",): "remove it",
    ("kind",): "remove it",
    ("status",): "remove it: controllers write it",
    ("metadata", "name"): "remove it",
    ("metadata", "namespace"): "use environment.namespace.name",
    ("metadata", "annotations", "pulumi.com/patchFieldManager"): "remove it: all objects have the same field manager",
    **{("metadata", key): "remove it: the API server writes it" for key in _KEPT_BY_THE_SERVER},
}
"""Fields that no patch may touch, and what to do instead."""
_FIXED_OF: dict[str, dict[tuple[str, ...], str]] = {
    "deployment": {
        ("metadata", "name"): "use services.{service}.names.deployment",
        ("spec", "selector"): "use services.{service}.selectorLabels; the selector of a live Deployment stays as it is",
    },
    "service": {("metadata", "name"): "use services.{service}.service.name"},
    "ingress": {("metadata", "name"): "use services.{service}.ingress.name"},
    "autoscaler": {("metadata", "name"): "use services.{service}.names.autoscaler"},
    "disruptionBudget": {("metadata", "name"): "use services.{service}.names.disruptionBudget"},
}


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every patch, and every part of one, that could not be applied or would make another object of it."""
    for name, service in settings.services.items():
        absent = dict(_absent(settings, name))
        for role, patch in service.patch.stated.items():
            path = ("services", name, "patch", role)
            if role in absent:
                yield Problem(show_path(path), "must be of an object that the service has", absent[role])
            else:
                yield from _fixed(path, patch, name)
                yield from _mergeable(path, KINDS[role], (), patch)
        if settings.pull_secret is not None:
            yield from _pull_secrets(("services", name, "patch", "deployment"), service.patch.deployment)


def _absent(settings: StackSettings, name: str) -> Iterator[tuple[str, str]]:
    """The objects that a service does not have, and what would make one."""
    service, without = settings.services[name], "or remove the patch"
    if service.service is None:
        yield "service", f"set services.{name}.service, {without}"
    if service.service is None or service.ingress is None:
        yield "ingress", f"set services.{name}.ingress, {without}"
    if service.autoscaler is None:
        yield "autoscaler", f"set services.{name}.autoscaler, {without}"
    if service.disruption_budget is None or service.fewest_replicas < 2:  # noqa: PLR2004 -- no budget for one pod
        yield "disruptionBudget", f"set services.{name}.disruptionBudget, and two replicas, {without}"
    if settings.environment.network_policies is None:
        yield "networkPolicy", f"set environment.networkPolicies, {without}"
    if service.service_account is not None:
        yield "serviceAccount", f"remove services.{name}.serviceAccount: a given account is never written, {without}"


def _fixed(path: KeyPath, patch: Patch, name: str) -> Iterator[Problem]:
    told: set[KeyPath] = set()
    for field, mend in {**_FIXED, **_FIXED_OF.get(str(path[-1]), {})}.items():
        touched = _touched(patch, field)
        if touched is not None and touched not in told:
            told.add(touched)
            rule = f"must not change {show_path(field)}"
            yield Problem(show_path((*path, *touched)), rule, mend.replace("{service}", name))


def _touched(patch: JsonValue, field: tuple[str, ...]) -> KeyPath | None:
    """Where a patch changes a field, or all that is around it."""
    for depth, part in enumerate(field):
        if not isinstance(patch, dict):
            return field[:depth]
        if "$patch" in patch:
            return (*field[:depth], "$patch")
        if part not in patch:
            return None
        patch = patch[part]
    return field


def _pull_secrets(path: KeyPath, patch: JsonValue) -> Iterator[Problem]:
    """Pull Secrets that would be merged with one whose name cannot be compared yet."""
    for part in ("spec", "template", "spec", "imagePullSecrets"):
        if not isinstance(patch, dict) or part not in patch:
            return
        path, patch = (*path, part), patch[part]
    if isinstance(patch, list) and _REPLACE not in patch:
        rule = "must be the whole list: the pull Secret's name may be known only after creation"
        yield Problem(show_path(path), rule, "add the item '- $patch: replace', or state null")


def _mergeable(path: KeyPath, kind: str, field: tuple[str, ...], patch: JsonValue) -> Iterator[Problem]:
    """What strategic merge would not understand of a value, and of all below it."""
    key = merge_key(kind, field)
    if isinstance(patch, list) and key is not None:
        yield from _elements(path, kind, field, patch, key)
    elif isinstance(patch, list):
        for index, element in enumerate(patch):
            if isinstance(element, dict) and "$patch" in element:
                rule = "must not stand in this list: it has no merge key, so it is replaced as a whole"
                yield Problem(show_path((*path, index, "$patch")), rule, "state the whole list, without $patch")
    elif key is not None and patch is not None:
        yield Problem(show_path(path), "must be a list", f"start each item with '- {key}: …'")
    elif isinstance(patch, dict):
        yield from _mapping(path, kind, field, patch)


def _mapping(path: KeyPath, kind: str, field: tuple[str, ...], patch: Patch) -> Iterator[Problem]:
    for name, value in patch.items():
        if name.startswith("$"):
            yield from _directive((*path, name), kind, field, name, value)
            yield from _unordered((*path, name), kind, field, patch, name)
        else:
            yield from _mergeable((*path, name), kind, (*field, name), value)


def _directive(path: KeyPath, kind: str, field: tuple[str, ...], name: str, value: JsonValue) -> Iterator[Problem]:
    shown = show_path(path)
    if name == "$patch":
        if value not in ("replace", "delete"):
            yield Problem(shown, "must be replace or delete", did_you_mean(str(value), ("replace", "delete")), value)
        return
    if not name.startswith(ORDER):
        rule = f"must be a directive that is known here: $patch, or {ORDER} with the name of a list"
        yield Problem(shown, rule, did_you_mean(name, ("$patch", ORDER)))
        return
    key = merge_key(kind, (*field, name.removeprefix(ORDER)))
    if key is None:
        yield Problem(shown, "must be the order of a list that has a merge key", "state the whole list instead")
    elif not isinstance(value, list) or not all(isinstance(each, dict) and key in each for each in value):
        yield Problem(shown, f"must be a list of mappings with {key}", f"start each item with '- {key}: …'")


def _unordered(path: KeyPath, kind: str, field: tuple[str, ...], patch: Patch, order: str) -> Iterator[Problem]:
    """Elements of a patch that the order of their list does not name, which the API server refuses."""
    name = order.removeprefix(ORDER)
    key, places, elements = merge_key(kind, (*field, name)), patch[order], patch.get(name)
    if not isinstance(places, list) or not isinstance(elements, list):
        return
    ordered = [each.get(key) for each in places if isinstance(each, dict) and key is not None]
    for element in elements:
        if key is None or not isinstance(element, dict) or key not in element or "$patch" in element:
            continue
        if element[key] not in ordered:
            rule = f"must name {element[key]} too, which the list beside it states"
            yield Problem(show_path(path), rule, f"add '- {key}: {element[key]}' in its place")


def _elements(path: KeyPath, kind: str, field: tuple[str, ...], patch: list[JsonValue], key: str) -> Iterator[Problem]:
    """The elements of a list that is merged by a key."""
    stated: Counter[str] = Counter()
    for index, element in enumerate(patch):
        here = (*path, index)
        if not isinstance(element, dict) or (key not in element and element != _REPLACE):
            yield Problem(show_path(here), f"must be a mapping with {key}, by which this list is merged", f"{key}: …")
            continue
        yield from _mapping(here, kind, field, element)
        if "$patch" not in element:
            beside, otherwise = APPLY_KEYS.get(field[-1], ("", ""))
            identity = f"{element[key]} {element.get(beside, otherwise)}".strip()
            stated[identity] += 1
            if stated[identity] == 2:  # noqa: PLR2004 -- the second, and no further one
                rule = f"must not state {identity} twice: server-side apply refuses it"
                yield Problem(show_path(here), rule, "keep one of them; of variables the last is in force")
