"""What the environment variables of a live container say in the words of a service's settings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from pydantic import ValidationError

from adopt.deployment import Settings
from adopt.snapshot import Object
from components.manifests.env_vars import jvm_options, program_params, system_options
from config import StackSettings
from config.checks.secrets import is_secret
from config.checks.variables import managed_by
from config.workload import Jvm

_JVM = {
    "heapPercent": r"-XX:MaxRAMPercentage=(\d+)\.0",
    "metaspaceMi": r"-XX:MaxMetaspaceSize=(\d+)m",
    "codeCacheMi": r"-XX:ReservedCodeCacheSize=(\d+)m",
    "directMemoryMi": r"-XX:MaxDirectMemorySize=(\d+)m",
    "threadStackKi": r"-Xss(\d+)k",
}
"""The settings of the JVM's areas, and the option that each becomes; in this order."""


def variable_settings(container: Object) -> Settings:
    """The variables that are settings by themselves, and those that no setting writes; secrets stay where they are."""
    found: Settings = {"env": {}, "envFromSecrets": {}}
    for each in container.get("env") or ():
        name, value = str(each["name"]), each.get("value")
        reference = (each.get("valueFrom") or {}).get("secretKeyRef")
        if managed_by(name) is not None:
            continue
        if reference is not None:
            found["envFromSecrets"][name] = f"{reference['name']}/{reference['key']}"
        elif "valueFrom" not in each and not is_secret(name, str(value or "")):
            found["env"][name] = str(value or "")
    plain = {str(each["name"]): str(each["value"]) for each in container.get("env") or () if each.get("value")}
    for key, variable in (("executableJar", "EXECUTABLE_JAR"), ("appDir", "APP_DIR"), ("timeZone", "TZ")):
        if variable in plain:
            found[key] = plain[variable]
    if "timeZone" not in found and (zone := re.search(r"-Duser\.timezone=(\S+)", plain.get("SYSTEM_OPTIONS", ""))):
        found["timeZone"] = zone[1]
    jvm = _jvm(plain.get("JVM_OPTIONS_BASE", "").split(" "))
    if jvm is not None:
        found["jvm"] = jvm
    stated = re.fullmatch(r"(\d+)s", plain.get("SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE", ""))
    return found | ({"registration": {"shutdownSeconds": int(stated[1])}} if stated else {})


def option_settings(settings: StackSettings, name: str, container: Object) -> Settings:
    """The lists of options, where a live value is what the builder writes, perhaps with further options after it.

    Args:
        settings: the stack without these settings.
        name: the service.
        container: its live container.
    """
    service = settings.services[name]
    plain = {each["name"]: str(each.get("value") or "") for each in container.get("env") or ()}
    found: Settings = {}
    lists: tuple[tuple[str, str, Callable[[], Sequence[str]]], ...] = (
        ("systemOptions", "SYSTEM_OPTIONS", lambda: system_options(service)),
        ("programParams", "PROGRAM_PARAMS", lambda: program_params(settings, name)),
    )
    for key, variable, written in lists:
        more = _after(plain.get(variable, "").split(" "), written())
        if more:
            found[key] = more
    return found


def _after(live: Sequence[str], written: Sequence[str]) -> list[str] | None:
    """What follows what is written; None if something else comes first, or an option is a secret."""
    more = list(live[len(written) :])
    if list(live[: len(written)]) != list(written):
        return None
    return None if any(map(_secret_option, more)) else more


def _secret_option(option: str) -> bool:
    key, _, value = option.partition("=")
    return is_secret(key.removeprefix("-D").lstrip("-"), value)


def _jvm(live: Sequence[str]) -> Settings | None:
    """The areas and further options; None where the live options are not of this form."""
    matches = [re.fullmatch(pattern, option) for pattern, option in zip(_JVM.values(), live, strict=False)]
    found: Settings = {key: int(match[1]) for key, match in zip(_JVM, matches, strict=False) if match}
    if len(found) < len(_JVM):
        return None
    try:
        jvm = Jvm.model_validate_json(json.dumps(found))
    except ValidationError:
        return None
    more = _after(live, jvm_options(jvm))
    return None if more is None else {**found, **({"options": more} if more else {})}
