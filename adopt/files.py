"""The files of an adoption: stack file and catalogue, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adopt.adoption import Adoption
from adopt.entries import entries
from adopt.finding import AdoptError
from adopt.known import Known
from adopt.stated import Stated
from adopt.yaml_text import extended, yaml_text
from config.files import read_yaml, replace_text
from config.stack import PROJECT

_HEAD = """\
# yaml-language-server: $schema=docs/reference/stack.schema.json
#
# Adopted from the namespace {namespace}: nothing of it is created, replaced or restarted. What no setting says yet
# stands in each service's `patch`; `ackp explain SERVICE.patch --stack {stack}` lists it.
# docs/reference/settings.md explains each key.
config:
  pulumi:disable-default-providers: ["*"] # nothing is ever written with the laptop's own credentials by accident
  pulumi:autonaming:
    providers:
      kubernetes: {{ mode: disabled, resources: {{ "kubernetes:core/v1:ConfigMap": {{ mode: default }} }} }} # {reason}
"""
_AUTONAMING = (
    "an object without a name is an error; a ConfigMap has a new name for new content, and the old one goes last"
)


@dataclass(frozen=True)
class Files:
    """The text of every file that an adoption changes, by path."""

    texts: Mapping[Path, str]

    def write(self) -> None:
        """Write them, the catalogue before the stack file: each whole or not at all, and again after an interruption.

        Raises:
            AdoptError: a file cannot be written; those before it are complete.
        """
        for path, text in self.texts.items():
            _replace(path, text)


def files_of(adoption: Adoption, known: Known, root: Path, catalogue_file: Path, said: Mapping[str, object]) -> Files:
    """The files of an adoption; a file that would not change is none of them.

    Args:
        adoption: the adoption.
        known: what people told.
        root: the folder of the stack files.
        catalogue_file: the catalogue.
        said: the plain values that the stack file has already.
    """
    inferred = adoption.inferred
    catalogue = _read(catalogue_file)
    placed = entries(inferred.services, read_yaml(catalogue_file).values, Stated.of(said).defaults)
    stack_file = root / f"Pulumi.{known.stack}.yaml"
    sections = {f"{PROJECT}:{key}": value for key, value in inferred.sections.items()}
    if placed.defaults:
        sections[f"{PROJECT}:serviceDefaults"] = placed.defaults
    sections[f"{PROJECT}:services"] = placed.services
    if stack_file.exists():
        stack_text = extended(_read(stack_file), {"config": sections})
    else:
        namespace = adoption.taken[0].live["metadata"]["namespace"]
        stack_text = _HEAD.format(namespace=namespace, stack=known.stack, reason=_AUTONAMING)
        stack_text += "".join(f"\n{yaml_text({key: value}, 2)}" for key, value in sections.items())
    added = "".join(f"\n{yaml_text({name: entry})}" for name, entry in placed.catalogue.items())
    texts = {
        catalogue_file: f"{catalogue.rstrip()}\n{added}" if added else catalogue,
        stack_file: stack_text,
    }
    return Files({path: text for path, text in texts.items() if not path.exists() or _read(path) != text})


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise AdoptError(f"{path.name} cannot be read", [error.strerror or str(error)]) from None


def _replace(path: Path, text: str) -> None:
    try:
        replace_text(path, text)
    except OSError as error:
        raise AdoptError(f"{path.name} cannot be written", [error.strerror or str(error)]) from None
