"""JSON Schemas of the files that people edit, for completion and checking in an editor.

A schema knows the form of each key; what no single key can know is checked when the stack is loaded.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from config.documentation import class_docstring
from config.scalars import SERVICE_NAME
from config.service import Service
from config.stack import PROJECT, SECRET_KEYS, Sections

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = "#/$defs/"
_PART = "Part"
"""Ends the name of a definition whose keys are all optional, because the other file may state them."""


def stack_schema() -> Schema:
    """The schema of ``Pulumi.{stack}.yaml``: the settings, the secrets, and the engine's own keys."""
    sections, part, definitions = _definitions()
    settings = {f"{PROJECT}:{key}": value for key, value in sections["properties"].items()}
    defaults = "What holds for all services of this stack unless the catalogue or the service says otherwise."
    services = "The services that run in this stack, and what differs here from config/services.yaml."
    config: Schema = {
        **settings,
        f"{PROJECT}:serviceDefaults": {**part, "description": defaults},
        f"{PROJECT}:services": {**_services(part), "minProperties": 1, "description": services},
        **{f"{PROJECT}:{key}": _secret(key) for key in SECRET_KEYS},
    }
    required = [f"{PROJECT}:{key}" for key in (*sections["required"], "services")]
    return {
        "$schema": _DIALECT,
        "title": "A stack of ack-platform",
        "type": "object",
        "additionalProperties": False,
        "required": ["config"],
        "properties": {
            "config": {
                "type": "object",
                "additionalProperties": False,
                "properties": config,
                "patternProperties": {"^pulumi:": {"description": "A setting of the Pulumi engine."}},
                "required": required,
            },
            "encryptionsalt": {"type": "string", "description": "Written by the engine with the first secret."},
            "encryptedkey": {"type": "string", "description": "Written by the engine with the first secret."},
            "secretsprovider": {"type": "string", "description": "Where the key of the secrets is kept."},
            "environment": {"description": "Pulumi ESC environments."},
        },
        "$defs": definitions,
    }


def services_schema() -> Schema:
    """The schema of the catalogue ``config/services.yaml``."""
    _, part, definitions = _definitions()
    schema = {"$schema": _DIALECT, "title": "The services of ack-platform", **_services(part)}
    return {**schema, "$defs": _used(schema, definitions)}


def schema_text(schema: Schema) -> str:
    """A schema as the file has it: sorted keys, two spaces, a line feed at the end."""
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _services(part: Schema) -> Schema:
    return {
        "type": "object",
        "propertyNames": {"pattern": f"^(?:{SERVICE_NAME.pattern})$", "maxLength": SERVICE_NAME.longest},
        "additionalProperties": {"anyOf": [part, {"type": "null"}]},
    }


def _secret(key: str) -> Schema:
    return {
        "description": f"Set by: pulumi config set --secret {key}",
        "type": "object",
        "additionalProperties": False,
        "required": ["secure"],
        "properties": {"secure": {"type": "string"}},
    }


def _definitions() -> tuple[Schema, Schema, dict[str, Schema]]:
    """The sections, a reference to a service with every key optional, and all definitions that both need."""
    references, joined = models_json_schema(
        [(Sections, "validation"), (Service, "validation")], ref_template=_REFERENCE + "{model}"
    )
    definitions: dict[str, Schema] = joined["$defs"]
    service = references[(Service, "validation")]
    sections = definitions.pop(Sections.__name__)
    part = _as_part(service, definitions)
    definitions[service["$ref"].removeprefix(_REFERENCE) + _PART]["description"] = class_docstring(Service)
    return sections, part, _used({"sections": sections, "part": part}, definitions)


def _as_part(node: Schema, definitions: dict[str, Schema]) -> Schema:
    """A node in which every key of every mapping is optional; a list is stated as a whole, so its items are not."""
    if "$ref" in node:
        name = str(node["$ref"]).removeprefix(_REFERENCE)
        part = name + _PART
        if definitions[name].get("type") != "object":
            return node
        if part not in definitions:
            definitions[part] = {}  # stands for itself while its own keys are visited
            whole = definitions[name]
            properties = {key: _as_part(value, definitions) for key, value in whole.get("properties", {}).items()}
            definitions[part] = {
                **{key: value for key, value in whole.items() if key != "required"},
                "properties": properties,
            }
        return {**node, "$ref": _REFERENCE + part}
    kept = {key: value for key, value in node.items() if key not in ("oneOf", "anyOf", "discriminator")}
    # Without required keys, more than one of the choices may fit.
    choices = [_as_part(each, definitions) for each in (*node.get("oneOf", ()), *node.get("anyOf", ()))]
    return {**kept, "anyOf": choices} if choices else node


def _used(schema: Schema, definitions: Mapping[str, Schema]) -> dict[str, Schema]:
    """The definitions that a schema refers to, directly or not."""
    found: dict[str, Schema] = {}
    waiting = [schema]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in found:
                found[name] = definitions[name]
                waiting.append(definitions[name])
    return found


def _references(node: object) -> list[str]:
    if isinstance(node, Mapping):
        own = [str(node["$ref"]).removeprefix(_REFERENCE)] if isinstance(node.get("$ref"), str) else []
        return [*own, *(name for value in node.values() for name in _references(value))]
    return [name for value in node for name in _references(value)] if isinstance(node, list) else []
