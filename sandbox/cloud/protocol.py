"""The provider protocol's messages, loaded without running the Pulumi SDK.

``import pulumi.runtime.proto`` first runs ``pulumi/__init__.py``, which takes three times as long as the messages
themselves. The generated modules import only one another, so they are loaded as a package of their own, unless
the SDK is in this process already.
"""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2

if TYPE_CHECKING:
    from pulumi.runtime.proto import plugin_pb2, provider_pb2, status_pb2
else:

    def _package() -> str:
        if "pulumi" in sys.modules:
            return "pulumi.runtime.proto"
        spec = importlib.util.find_spec("pulumi")
        package = ModuleType("pulumi_proto")
        package.__path__ = [f"{spec.submodule_search_locations[0]}/runtime/proto"]
        sys.modules["pulumi_proto"] = package
        return "pulumi_proto"

    _proto = _package()
    plugin_pb2 = importlib.import_module(f"{_proto}.plugin_pb2")
    provider_pb2 = importlib.import_module(f"{_proto}.provider_pb2")
    status_pb2 = importlib.import_module(f"{_proto}.status_pb2")

Message = Any
"""A protobuf message or gRPC object of any kind: one handler signature for all methods."""

SERVICE = "pulumirpc.ResourceProvider"

__all__ = [
    "SERVICE",
    "Message",
    "any_pb2",
    "empty_pb2",
    "grpc",
    "plugin_pb2",
    "provider_pb2",
    "status_pb2",
    "struct_pb2",
]
