"""Objects against the strict JSON Schemas of Kubernetes minors, which kubernetes-validate carries."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from kubernetes_validate.utils import all_versions, schema_contents
from referencing import Registry, Resource

OLDEST, NEWEST = 28, 36
MINORS = (OLDEST, 35, NEWEST)
CUSTOM = frozenset({"alibabacloud.com/v1"})
"""API groups of custom resources, which have no schema in Kubernetes."""


def errors(manifest: dict[str, Any], minor: int) -> list[str]:
    """What the strict schema of a Kubernetes minor refuses in an object: unknown fields too."""
    return list(_errors(json.dumps(manifest, sort_keys=True), minor))


def assert_valid(manifest: dict[str, Any], *minors: int) -> None:
    """Fail unless the schemas of all these minors accept the object; the oldest and the newest if none is named."""
    found = [error for minor in minors or (OLDEST, NEWEST) for error in errors(manifest, minor)]
    assert not found, "\n".join(found)


@cache
def _errors(text: str, minor: int) -> tuple[str, ...]:
    """Looked for once in each distinct object: most shapes of a stack have most objects in common."""
    manifest = json.loads(text)
    if manifest["apiVersion"] in CUSTOM:
        return ()
    validator = _validator(minor, manifest["apiVersion"], manifest["kind"])
    where = f"{manifest['kind']} {manifest['metadata']['name']}, Kubernetes 1.{minor}"
    return tuple(f"{where}, {error.json_path}: {error.message}" for error in validator.iter_errors(manifest))


@cache
def _validator(minor: int, api_version: str, kind: str) -> Draft202012Validator:
    """One for each kind: the library itself reads its 1.5 MB of definitions again for each object."""
    group, _, version = api_version.rpartition("/")
    name = "-".join([kind.lower(), *([group.split(".")[0]] if group else []), version])
    try:
        schema = schema_contents(f"{_folder(minor)}/{name}.json", f"1.{minor}")
    except FileNotFoundError:
        raise AssertionError(f"Kubernetes 1.{minor} has no {api_version} {kind}") from None
    registry: Registry[Any] = Resource.from_contents(schema) @ Registry()
    return Draft202012Validator(schema, registry=_definitions(minor) @ registry)


@cache
def _definitions(minor: int) -> Resource[Any]:
    return Resource.from_contents(schema_contents(f"{_folder(minor)}/_definitions.json", f"1.{minor}"))


def _folder(minor: int) -> str:
    assert f"1.{minor}.0" in all_versions(), f"no schemas of Kubernetes 1.{minor}"
    return f"kubernetes-json-schema/v1.{minor}.0-local-strict"


def has_field(api_version: str, kind: str, names: list[str], minor: int = NEWEST) -> bool:
    """Whether a kind has a field, by the names that lead to it through lists and mappings."""
    schema = _validator(minor, api_version, kind).schema
    assert isinstance(schema, dict)
    return schema_has_field(schema, names, minor)


def schema_has_field(schema: dict[str, Any], names: list[str], minor: int = NEWEST) -> bool:
    """The same of an object with a schema of its own, such as a custom resource's."""
    for name in names:
        properties = _resolved(schema, minor).get("properties") or {}
        if name not in properties:
            return False
        schema = properties[name]
    return True


def _resolved(schema: dict[str, Any], minor: int) -> dict[str, Any]:
    """The schema that a reference names; of a list, that of its items."""
    while "items" in schema or "$ref" in schema:
        if "items" in schema:
            schema = schema["items"]
        else:
            schema = _definitions(minor).contents["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema
