"""The same stack as a flat Pulumi program: no settings, no builders, one loop over what is written in recording.json.

It stands in for `__main__.py` in a copied project. Its inputs are plain values where the real program's are outputs of
other resources, so it has less to wait for: it is the floor.
"""

import json
from pathlib import Path
from typing import Any

import pulumi
import pulumi_alicloud as alicloud
import pulumi_kubernetes as k8s

_PROVIDERS = {"pulumi:providers:kubernetes": k8s.Provider, "pulumi:providers:alicloud": alicloud.Provider}
_MARK = "4dabf18193072939515e22adb298388d"  # of a secret, on the wire: events tell that a value is one, not which


def _resource_class(token: str) -> Any:  # noqa: ANN401 -- the SDK's classes share no constructor
    """The SDK's class of a Kubernetes type, ``kubernetes:apps/v1:Deployment``; None for a custom one."""
    _, version, kind = token.split(":")
    group, _, version = version.partition("/")
    package = getattr(k8s, group.removesuffix(".k8s.io").removesuffix(".authorization"), None)
    return getattr(getattr(package, version), kind) if package else None


def _snake(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


def _input(value: Any) -> Any:  # noqa: ANN401 -- any JSON value
    if isinstance(value, dict) and _MARK in value:
        return pulumi.Output.secret({".dockerconfigjson": "e30="})
    if isinstance(value, dict):
        return {key: _input(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_input(each) for each in value]
    return value


def _register(recorded: dict[str, Any], made: dict[str, Any]) -> Any:  # noqa: ANN401 -- see _resource_class
    opts = pulumi.ResourceOptions(
        parent=made.get(recorded["parent"]),
        provider=made.get(recorded["provider"].rpartition("::")[0]),
        protect=recorded["protect"] or None,
    )
    token, name = recorded["type"], recorded["name"]
    if not recorded["custom"]:
        component = pulumi.ComponentResource(token, name, None, opts)
        component.register_outputs({})
        return component
    inputs = {key: _input(value) for key, value in recorded["inputs"].items()}
    if token in _PROVIDERS:
        known = {_snake(key): value for key, value in inputs.items() if key not in ("__internal", "version")}
        return _PROVIDERS[token](name, **known)
    kind = _resource_class(token)
    if recorded["operation"] == "read":
        return kind.get(name, recorded["id"], opts)
    arguments = {_snake(key): value for key, value in inputs.items() if key not in ("apiVersion", "kind")}
    if kind is None:
        return k8s.apiextensions.CustomResource(
            name, api_version=inputs["apiVersion"], kind=inputs["kind"], opts=opts, **arguments
        )
    return kind(name, opts=opts, **arguments)


def main() -> None:
    """Register everything, in the order in which the real program did."""
    made: dict[str, Any] = {}
    for recorded in json.loads(Path("recording.json").read_text(encoding="utf-8")):
        if recorded["type"] != "pulumi:pulumi:Stack":
            made[recorded["urn"]] = _register(recorded, made)


if __name__ == "__main__":
    main()
