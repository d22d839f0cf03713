"""The JSON Schema of the outputs as a file, and the rule under which it may change.

``python -m contract.schema --write`` writes it, ``--check`` says whether the model has moved away from it.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from contract.model import PlatformOutputs, outputs_schema

FILE = Path(__file__).with_name("outputs.schema.json")
"""The promised schema; a consumer in another language may generate its types from it."""

Schema = Mapping[str, Any]


def schema_text() -> str:
    """The schema of the model as the file has it: sorted keys, two spaces, a line feed at the end."""
    return json.dumps(outputs_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def version_of(schema: Schema) -> tuple[int, int]:
    """The contract version that a schema states: major, minor."""
    major, minor = str(schema["properties"]["schemaVersion"]["default"]).split(".")
    return int(major), int(minor)


def violations(promised: Schema, now: Schema) -> list[str]:
    """What a reader of the promised outputs would trip over, and which version that takes.

    Args:
        promised: the schema that consumers know.
        now: the schema of the model.

    Returns:
        One line for each field that is gone, may now be missing, or has another type within the same major version;
        and one for each field that is new within the same minor version. Empty: the promise is kept.
    """
    (old_major, old_minor), (major, minor) = version_of(promised), version_of(now)
    if (major, minor) < (old_major, old_minor):
        return [f"schemaVersion: {major}.{minor} is older than the promised {old_major}.{old_minor}"]
    if major > old_major:
        return []
    found = [f"{line}: needs version {old_major + 1}.0" for line in _breaking(promised, now)]
    if minor == old_minor:
        added = sorted(dict(_fields(now)).keys() - dict(_fields(promised)).keys())
        found += [f"{path}: is new: needs version {old_major}.{old_minor + 1}" for path in added]
    return found


def _breaking(promised: Schema, now: Schema) -> Iterator[str]:
    old, new = dict(_fields(promised)), dict(_fields(now))
    for path, (types, required) in sorted(old.items()):
        if path not in new:
            yield f"{path}: is gone"
            continue
        if extra := new[path][0] - types:
            yield f"{path}: may now be {', '.join(sorted(extra))} where it was {', '.join(sorted(types))}"
        if required and not new[path][1]:
            yield f"{path}: may now be missing"


def _fields(schema: Schema) -> Iterator[tuple[str, tuple[frozenset[str], bool]]]:
    """Path (``services.*.url``, ``services.*.urls[]``), JSON types and whether it is always there, of each field."""
    definitions = schema.get("$defs", {})

    def walk(node: Schema, path: str, *, required: bool) -> Iterator[tuple[str, tuple[frozenset[str], bool]]]:
        choices = [_resolved(choice, definitions) for choice in node.get("anyOf", [node])]
        if path:
            yield path, (frozenset(str(choice.get("type", "anything")) for choice in choices), required)
        for choice in choices:
            always = choice.get("required", ())
            for name, child in choice.get("properties", {}).items():
                yield from walk(child, f"{path}.{name}".lstrip("."), required=name in always)
            if isinstance(values := choice.get("additionalProperties"), Mapping):
                yield from walk(values, f"{path}.*", required=True)
            if isinstance(items := choice.get("items"), Mapping):
                yield from walk(items, f"{path}[]", required=True)

    return walk(schema, "", required=True)


def _resolved(node: Schema, definitions: Schema) -> Schema:
    reference = node.get("$ref")
    resolved: Schema = definitions[str(reference).rpartition("/")[2]] if reference else node
    return resolved


def main(arguments: list[str]) -> int:
    """Write the file (``--write``), or compare it with the model (``--check``); the exit code is 1 if that fails."""
    if arguments not in (["--write"], ["--check"]):
        sys.stderr.write("usage: python -m contract.schema --write | --check\n")
        return 2
    promised = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else None
    broken = violations(promised, outputs_schema()) if promised else []
    if broken:
        sys.stderr.write("\n".join([f"{PlatformOutputs.__name__} breaks what {FILE.name} promises:", *broken, ""]))
        return 1
    if arguments == ["--write"]:
        FILE.write_text(schema_text(), encoding="utf-8")
    elif promised is None or FILE.read_text(encoding="utf-8") != schema_text():
        sys.stderr.write(f"{FILE.name} is not the model's schema: python -m contract.schema --write\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
