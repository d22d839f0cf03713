"""The JVM's areas against the container's memory limit."""

from collections.abc import Iterator
from fractions import Fraction

from pydantic import JsonValue

from config.errors import Problem
from config.jvm import jvm_size, largest_heap_percent
from config.quantity import MI, show_memory
from config.service import Service
from config.stack import StackSettings

_STEP_MI = 256


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every service whose JVM at full use would be killed for its memory."""
    for name, service in settings.services.items():
        if _has_options_of_its_own(settings.container(name), service):
            continue
        limit = service.resources.limits.memory
        size = jvm_size(service.jvm, limit)
        if not size.fits:
            rule = f"must fit resources.limits.memory with the JVM's other areas: {size}"
            yield Problem(f"services.{name}.jvm.heapPercent", rule, _mend(service), service.jvm.heap_percent)


def _has_options_of_its_own(container: str, service: Service) -> bool:
    """Whether a patch keeps the JVM's options of an adopted service: then the settings do not size its memory."""
    containers = _below(service.patch.deployment, "spec", "template", "spec", "containers")
    for each in containers if isinstance(containers, list) else ():
        variables = _below(each, "env")
        if _below(each, "name") == container and isinstance(variables, list):
            told = [(_below(one, "name"), _below(one, "$patch")) for one in variables]
            return any(variable == "JVM_OPTIONS_BASE" or directive == "replace" for variable, directive in told)
    return False


def _below(value: JsonValue, *keys: str) -> JsonValue:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _mend(service: Service) -> str:
    heap = largest_heap_percent(service.jvm, service.resources.limits.memory)
    smaller = f"heapPercent {heap} at most, or " if heap else ""
    return f"{smaller}resources.limits.memory {_smallest_limit(service)} at least"


def _smallest_limit(service: Service) -> str:
    """The smallest limit, in steps of 256 MiB, that the areas fit with the heap share as stated."""
    if service.jvm.heap_percent == 100:  # noqa: PLR2004 -- the whole limit is heap: no limit leaves room for the rest
        return "(none: a heapPercent of 100 never fits)"
    limit = _STEP_MI
    while not jvm_size(service.jvm, f"{limit}Mi").fits:
        limit += _STEP_MI
    return show_memory(Fraction(limit * MI))
