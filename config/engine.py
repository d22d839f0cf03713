"""The settings of the running stack, from the engine's configuration. The one reader of ``pulumi.Config``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

from config.errors import Problem, SettingsError
from config.files import YamlFile, read_yaml
from config.load import CATALOGUE, SecretState, Source, load
from config.stack import PROJECT, SECRET_KEYS, StackSettings


@dataclass(frozen=True)
class Secrets:
    """The stack's secrets; each stays an encrypted output, and is None where the stack needs none."""

    kubeconfig: pulumi.Output[str] | None
    nacos_password: pulumi.Output[str] | None
    registry_password: pulumi.Output[str] | None


def load_running_stack() -> tuple[StackSettings, Secrets]:
    """Load and validate the running stack's settings, and take hold of its secrets.

    Raises:
        pulumi.RunError: the complete report, which the engine prints without a stack trace.
    """
    try:
        settings = load(_source(), read_yaml(CATALOGUE))
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
    config = pulumi.Config(PROJECT)
    found = {key: config.require_secret(key) for key in settings.required_secrets}
    return settings, Secrets(
        kubeconfig=found.get("kubeconfig"),
        nacos_password=found.get("nacosPassword"),
        registry_password=found.get("registryPassword"),
    )


def _source() -> Source:
    name = f"Pulumi.{pulumi.get_stack()}.yaml"
    values: dict[str, object] = {}
    secrets: dict[str, SecretState] = {}
    problems: list[Problem] = []
    everything: Mapping[str, str] = {**get_config_env(), **CONFIG.get()}
    for full_key, text in sorted(everything.items()):
        namespace, _, key = full_key.rpartition(":")
        if namespace != PROJECT:
            continue
        if key in SECRET_KEYS:
            secrets[key] = "encrypted" if is_config_secret(full_key) else "plain"
        elif is_config_secret(full_key):
            rule = f"must not be encrypted: the secrets are {', '.join(SECRET_KEYS)}"
            problems.append(Problem(f"{PROJECT}:{key}", rule, file=name))
        else:
            values[key] = _value(text)
    return Source(pulumi.get_stack(), values, secrets, YamlFile(name, {}), tuple(problems))


def _value(text: str) -> object:
    """A configuration value; the engine hands mappings over as JSON and everything else as text."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
