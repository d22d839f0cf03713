"""What a stack is: typed settings, the service catalogue, and the one loader that validates them.

Imports neither pulumi nor a provider SDK, so that a typo is reported in milliseconds.
"""

from config.errors import Problem, SettingsError
from config.load import CATALOGUE, load, load_stack, read_stack, stack_names
from config.stack import PROJECT, SECRET_KEYS, StackSettings

__all__ = [
    "CATALOGUE",
    "PROJECT",
    "SECRET_KEYS",
    "Problem",
    "SettingsError",
    "StackSettings",
    "load",
    "load_stack",
    "read_stack",
    "stack_names",
]
