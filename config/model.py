"""The base of every settings model: frozen, strict, no unknown keys, camelCase in YAML."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    """A frozen piece of a stack file.

    Keys are camelCase in YAML and snake_case in Python; unknown keys are refused; nothing is coerced (``"5"`` is not ``5``).
    Attribute docstrings become the reference documentation and the editor's completion texts.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        alias_generator=to_camel,
        use_attribute_docstrings=True,
        ser_json_inf_nan="constants",
    )

    @classmethod
    def model_fields_by_alias(cls) -> dict[str, str]:
        """The keys in YAML and the attributes they fill."""
        return {info.alias or name: name for name, info in cls.model_fields.items()}
