"""The base of every settings model: frozen, strict, no unknown keys, camelCase in YAML."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema


class Model(BaseModel):
    """A frozen piece of a stack file.

    Keys are camelCase in YAML and snake_case in Python; unknown keys are refused; nothing is coerced (``"5"`` is not
    ``5``). Attribute docstrings become the reference documentation and the editor's completion texts.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        ser_json_inf_nan="constants",
        # Validators are built when a whole stack is validated, once, and not for each part beforehand. A default that
        # is a model is made by `model_construct` for the same reason: calling the class would build its validator.
        defer_build=True,
    )

    @classmethod
    def model_fields_by_alias(cls) -> dict[str, str]:
        """The keys in YAML and the attributes they fill."""
        return {info.alias or name: name for name, info in cls.model_fields.items()}

    @classmethod
    def documentation(cls) -> Mapping[str, str]:
        """What each attribute means, from the docstrings below them; read only when somebody asks."""
        from config.documentation import attribute_docstrings  # noqa: PLC0415 -- parsing the sources takes 60 ms

        return attribute_docstrings(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        described = handler(schema)
        properties = handler.resolve_ref_schema(described).get("properties", {})
        for key, name in cls.model_fields_by_alias().items():
            if name in cls.documentation():
                properties[key].setdefault("description", cls.documentation()[name])
        return described
