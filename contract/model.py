"""The outputs of a stack: a promise to other teams.

A field is added in a minor version; removing or retyping one needs a new major version. No output is a secret.
"""

from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

SCHEMA_VERSION = "1.0"


class _Output(BaseModel):
    """Frozen, camelCase on the wire; fields of a newer minor version are ignored."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        use_attribute_docstrings=True,
        json_schema_serialization_defaults_required=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _absent_is_null(cls, values: object) -> object:
        """Fill in the nulls, which Pulumi's SDK leaves out of what a program reads from another stack.

        Source: https://github.com/pulumi/pulumi/blob/master/sdk/python/lib/pulumi/runtime/rpc.py
        """
        if not isinstance(values, dict):
            return values
        nullable = {
            to_camel(name): None
            for name, field in cls.model_fields.items()
            if type(None) in get_args(field.annotation) and name not in values
        }
        return {**nullable, **values}


class Alb(_Output):
    """The load balancer in front of the environment."""

    id: str | None = Field(examples=["alb-exampleuat0000001"])
    """The ALB's instance id; null where only an IngressClass is given."""
    dns_name: str | None = Field(examples=["alb-exampleuat0000001.cn-hangzhou.alb.aliyuncs.com"])
    """The ALB's DNS name: the target of CNAME records. Its addresses may change."""
    ingress_class: str = Field(examples=["uat-alb"])
    """The IngressClass of the environment."""


class Nas(_Output):
    """The file system under the services' DATA_DIR."""

    file_system_id: str | None = Field(examples=["31a8e4abcd"])
    """The file system's id; null where only a claim is given."""
    mount_target: str | None = Field(examples=["31a8e4abcd-abc12.cn-hangzhou.nas.aliyuncs.com"])
    """The mount target's domain name; null where only a claim is given."""
    claim: str = Field(examples=["uat-nas"])
    """The PersistentVolumeClaim in the environment's namespace."""


class ServiceOutputs(_Output):
    """One service."""

    image: str = Field(
        examples=["registry-vpc.cn-hangzhou.aliyuncs.com/example/gateway:uat-1.4.0-3f2a9c1b-20261109T093000"]
    )
    """The image reference that its pods run."""
    port: int | None = Field(examples=[8080])
    """The port of its Kubernetes Service; null where it has none."""
    host: str | None = Field(examples=["gateway.uat.example.com"])
    """Its public host; null where it has none."""
    url: str | None = Field(examples=["https://gateway.uat.example.com"])
    """Its first public URL; null where it has none."""
    urls: list[str] = Field(examples=[["https://gateway.uat.example.com", "https://gateway.uat.example.com:8000"]])
    """All its public URLs, in the order of its listeners."""


class PlatformOutputs(_Output):
    """Everything that a stack exports."""

    schema_version: str = Field(default=SCHEMA_VERSION, examples=[SCHEMA_VERSION])
    """The version of this contract, major.minor."""
    environment: str = Field(examples=["uat"])
    """The environment's name."""
    namespace: str = Field(examples=["uat"])
    """The Kubernetes namespace."""
    alb: Alb
    """The load balancer."""
    nas: Nas
    """The file system."""
    dns_records: dict[str, str | None]
    """CNAME records to make: public host → the ALB's DNS name."""
    services: dict[str, ServiceOutputs]
    """The services by name."""


def outputs_schema() -> dict[str, Any]:
    """The JSON Schema of a stack's outputs, as ``pulumi stack output --json`` prints them."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **PlatformOutputs.model_json_schema(by_alias=True, mode="serialization"),
    }
