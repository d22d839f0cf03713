"""Environment variables: those that settings write are not written twice."""

import re
from collections.abc import Iterator

from config.errors import Problem
from config.files import show_path
from config.service import Service
from config.stack import StackSettings

MANAGED = {
    "ENVIRONMENT": "environment.springProfile",
    "PROFILE": "environment.imageProfile",
    "EXECUTABLE_JAR": "services.{service}.executableJar",
    "DATA_DIR": "services.{service}.dataDir or environment.dataDir",
    "APP_DIR": "services.{service}.appDir",
    "JVM_OPTIONS_BASE": "services.{service}.jvm",
    "SYSTEM_OPTIONS": "services.{service}.systemOptions",
    "PROGRAM_PARAMS": "services.{service}.programParams",
    "JAVA_TOOL_OPTIONS": "services.{service}.jvm.options, which the check of the memory sum reads",
    "JDK_JAVA_OPTIONS": "services.{service}.jvm.options, which the check of the memory sum reads",
    "_JAVA_OPTIONS": "services.{service}.jvm.options, which the check of the memory sum reads",
    "JVM_OPTIONS": "services.{service}.jvm.options",
    "TZ": "services.{service}.timeZone",
    "LANG": "nothing: it is C.UTF-8",
    "LC_ALL": "nothing: LANG is C.UTF-8",
    "POD_NAME": "nothing: it is the pod's name",
    "POD_IP": "nothing: it is the pod's address",
    "NODE_NAME": "nothing: it is the node's name",
    "HOSTNAME": "nothing: it is the pod's name",
    "SERVER_PORT": "services.{service}.port",
    "SERVER_SHUTDOWN": "nothing: shutdown is always graceful",
    "SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE": "services.{service}.registration.shutdownSeconds",
    "SPRING_PROFILES_ACTIVE": "environment.springProfile",
    "MANAGEMENT_ENDPOINT_HEALTH_PROBES_ENABLED": "services.{service}.probes.type: http",
    "SPRING_CLOUD_NACOS_DISCOVERY_SERVERADDR": "nacos.address",
    "SPRING_CLOUD_NACOS_DISCOVERY_NAMESPACE": "nacos.namespaceId",
    "SPRING_CLOUD_NACOS_DISCOVERY_GROUP": "nacos.group",
    "SPRING_CLOUD_NACOS_DISCOVERY_IP": "nothing: it is the pod's address",
    "SPRING_CLOUD_NACOS_DISCOVERY_PORT": "services.{service}.port",
    "SPRING_CLOUD_NACOS_DISCOVERY_INSTANCEENABLED": "services.{service}.registration.startHidden",
    "SPRING_CLOUD_NACOS_DISCOVERY_FAILFAST": "nothing: it is false where a sidecar watches over the registration",
    "SPRING_CLOUD_LOADBALANCER_CACHE_TTL": "nacos.consumerCacheSeconds",
    "SPRING_CONFIG_ADDITIONALLOCATION": "services.{service}.configFiles",
}
"""Variables that settings write, and the setting to use instead."""
_MANAGED_PREFIXES = {
    "aliyun_logs_": "services.{service}.logs",
    "REGISTRATION_": "services.{service}.registration",
    "KUBERNETES_": "nothing: kubelet writes it",
}


def relaxed(name: str) -> str:
    """A property's name without what Spring's relaxed binding ignores: case, ``_``, ``-`` and ``.``.

    Source: https://docs.spring.io/spring-boot/reference/features/external-config.html
    """
    return name.lower().replace("_", "").replace("-", "").replace(".", "")


_REFERENCE = re.compile(r"(?<!\$)(?:\$\$)*\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)")
_BY_RELAXED = {relaxed(name): instead for name, instead in MANAGED.items() if name.startswith(("S", "M"))}


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every variable that a setting writes already, and every one that is stated twice."""
    for name, service in settings.services.items():
        for key in ("env", "envFromSecrets"):
            stated = service.env if key == "env" else service.env_from_secrets
            for variable in stated:
                instead = _instead(variable, service)
                if instead is not None:
                    path = show_path(("services", name, key, variable))
                    shown = stated[variable] if key == "envFromSecrets" else variable
                    use = instead.replace("{service}", name)
                    yield Problem(path, "must not be a variable that settings write", f"use {use}", shown)
        yield from _values(name, service)
        for variable in sorted(set(service.env) & set(service.env_from_secrets)):
            path = show_path(("services", name, "env", variable))
            yield Problem(path, "must not be in envFromSecrets too", "keep one of the two", variable)


def _values(name: str, service: Service) -> Iterator[Problem]:
    """Values that a container cannot have, or that would not say what they seem to say.

    Source: https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    """
    for variable, value in service.env.items():
        path = show_path(("services", name, "env", variable))
        if "\0" in value:
            yield Problem(path, "must not contain the character NUL: no process can have it", "remove it", variable)
        for used in _REFERENCE.findall(value):
            if used in service.env and used >= variable:
                rule = f"must not use {used}, which is set after it: variables are set in the order of their names"
                yield Problem(path, rule, f"the value of {used} itself, or a name that sorts after it", value)


def _instead(variable: str, service: Service) -> str | None:
    if variable == "HOME" and service.security_profile == "restricted":
        return "nothing: it is /tmp under the read-only root file system"
    return managed_by(variable)


def managed_by(variable: str) -> str | None:
    """The setting that writes a variable of any service; None where it is the user's own."""
    for prefix, instead in _MANAGED_PREFIXES.items():
        if variable.startswith(prefix):
            return instead
    return MANAGED.get(variable) or _BY_RELAXED.get(relaxed(variable))
