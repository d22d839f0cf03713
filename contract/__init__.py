"""What other teams may read: the typed outputs of a stack, their JSON Schema, and a typed reader for Python programs.

Depends on nothing else of this project, so a consumer may copy or vendor this one folder.
"""

from contract.model import SCHEMA_VERSION, Alb, Nas, PlatformOutputs, ServiceOutputs

__all__ = ["SCHEMA_VERSION", "Alb", "Nas", "PlatformOutputs", "ServiceOutputs"]
