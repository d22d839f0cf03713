"""Options of the JVM and of Spring: -D and arguments override environment variables, so nothing is said twice."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from config.checks.variables import relaxed
from config.errors import Problem
from config.stack import StackSettings

_MEMORY_OPTIONS = (
    (r"-Xmx.*|-XX:MaxHeapSize=.*|-XX:MaxRAMPercentage=.*|-XX:MaxRAM=.*|-XX:MaxRAMFraction=.*", "jvm.heapPercent"),
    (r"-Xms.*|-XX:InitialHeapSize=.*", "jvm.heapPercent, with -XX:InitialRAMPercentage=… under jvm.options"),
    (r"-XX:MaxMetaspaceSize=.*|-XX:MaxPermSize=.*", "jvm.metaspaceMi"),
    (r"-XX:ReservedCodeCacheSize=.*", "jvm.codeCacheMi"),
    (r"-XX:MaxDirectMemorySize=.*", "jvm.directMemoryMi"),
    (r"-Xss.*|-XX:ThreadStackSize=.*", "jvm.threadStackKi"),
    (r"-XX:-UseContainerSupport", "resources.limits.memory, which the JVM reads only with container support"),
)


@dataclass(frozen=True)
class _Stated:
    """A Spring or system property that a service states."""

    path: str
    option: str
    property: str
    value: str


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every option that contradicts a setting, another option, or stands where it has no effect."""
    for name in settings.services:
        yield from _memory(settings, name)
        yield from _misplaced(settings, name)
        stated = list(_stated(settings, name))
        expected = _expected(settings, name)
        first: dict[str, _Stated] = {}
        for each in stated:
            if each.property in expected:
                value, setting = expected[each.property]
                if each.value != value:
                    rule = f'must not contradict {setting}, which gives "{value}"'
                    yield Problem(each.path, rule, f"remove it, or change {setting}", each.option)
            elif first.setdefault(each.property, each).value != each.value:
                rule = f"must not contradict {first[each.property].path}: {first[each.property].option}"
                yield Problem(each.path, rule, "keep one of the two", each.option)


def _expected(settings: StackSettings, name: str) -> dict[str, tuple[str, str]]:
    """The properties that settings write: their value and the setting."""
    service, nacos = settings.services[name], settings.nacos
    path = f"services.{name}"
    expected = {
        "server.port": (str(service.port), f"{path}.port"),
        "server.shutdown": ("graceful", f"{path}.registration"),
        "spring.profiles.active": (settings.spring_profile, "environment.springProfile"),
        "spring.lifecycle.timeout-per-shutdown-phase": (
            f"{service.registration.shutdown_seconds}s",
            f"{path}.registration.shutdownSeconds",
        ),
        "user.timezone": (service.time_zone, f"{path}.timeZone"),
        "file.encoding": ("UTF-8", "the fixed character set"),
    }
    if service.registration.nacos_name is not None:
        expected["spring.application.name"] = (service.registration.nacos_name, f"{path}.registration.nacosName")
    if service.registration.start_hidden:
        hidden = ("false", f"{path}.registration.startHidden")
        expected["spring.cloud.nacos.discovery.instance-enabled"] = hidden
    if nacos is not None:
        for prefix in ("spring.cloud.nacos", "spring.cloud.nacos.discovery", "spring.cloud.nacos.config"):
            expected[f"{prefix}.server-addr"] = (nacos.address, "nacos.address")
            expected[f"{prefix}.namespace"] = (settings.nacos_namespace or "", "nacos.namespaceId")
        expected["spring.cloud.nacos.discovery.group"] = (nacos.group, "nacos.group")
        expected["spring.cloud.nacos.discovery.cluster-name"] = (nacos.cluster, "nacos.cluster")
        expected["spring.cloud.nacos.discovery.port"] = (str(service.port), f"{path}.port")
        cache = f"{nacos.consumer_cache_seconds}s"
        expected["spring.cloud.loadbalancer.cache.ttl"] = (cache, "nacos.consumerCacheSeconds")
    return {relaxed(key): value for key, value in expected.items()}


def stated_property(settings: StackSettings, name: str, wanted: str) -> str | None:
    """What a service states for a Spring property, in any of its spellings; None where it does not."""
    return next((each.value for each in _stated(settings, name) if each.property == relaxed(wanted)), None)


def _options(settings: StackSettings, name: str) -> Iterator[tuple[str, int, str]]:
    service = settings.services[name]
    lists = (
        ("jvm.options", service.jvm.options),
        ("systemOptions", service.system_options),
        ("programParams", service.program_params),
    )
    for key, options in lists:
        for index, option in enumerate(options):
            yield key, index, option


def _stated(settings: StackSettings, name: str) -> Iterator[_Stated]:
    for key, index, option in _options(settings, name):
        prefix = "--" if key == "programParams" else "-D"
        match = re.fullmatch(rf"{prefix}(?P<key>[^=]+)=(?P<value>.*)", option)
        if match:
            yield _Stated(f"services.{name}.{key}[{index}]", option, relaxed(match["key"]), match["value"])
    for variable, value in settings.services[name].env.items():
        yield _Stated(f"services.{name}.env.{variable}", value, relaxed(variable), value)


def _memory(settings: StackSettings, name: str) -> Iterator[Problem]:
    for key, index, option in _options(settings, name):
        for pattern, instead in _MEMORY_OPTIONS:
            if re.fullmatch(pattern, option):
                rule = "must not size memory beside the settings whose sum is checked against the limit"
                yield Problem(f"services.{name}.{key}[{index}]", rule, f"use services.{name}.{instead}", option)


def _misplaced(settings: StackSettings, name: str) -> Iterator[Problem]:
    for key, index, option in _options(settings, name):
        path = f"services.{name}.{key}[{index}]"
        if key == "programParams" and not option.startswith("--"):
            rule = "must start with '--': after the jar, java takes it for an argument of the application"
            yield Problem(path, rule, f"move it to services.{name}.systemOptions", option)
        elif key != "programParams" and option.startswith("--") and not re.match(r"--(add|enable|illegal)-", option):
            rule = "must not be an argument of the application: before the jar, java refuses to start with it"
            yield Problem(path, rule, f"move it to services.{name}.programParams", option)
        elif re.search(r"\s", option):
            rule = "must be one option: start.sh splits it at white space"
            yield Problem(path, rule, "one list item for each option", option)
