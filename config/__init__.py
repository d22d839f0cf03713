"""What a stack is: typed settings, the service catalogue, and the one loader that validates them.

Imports neither pulumi nor a provider SDK, so that a typo is reported in milliseconds.
"""

import gc

# What is imported here stays as long as the process. Looking through it for garbage, while it is loaded and once more
# when the process ends, takes a quarter of the time in which a settings error is reported.
_collecting = gc.isenabled()
gc.disable()

from config.errors import Problem, SettingsError  # noqa: E402 -- after the pause, see above
from config.load import CATALOGUE, load, load_stack, read_stack, stack_names  # noqa: E402 -- see above
from config.stack import PROJECT, SECRET_KEYS, StackSettings  # noqa: E402 -- see above

gc.freeze()
if _collecting:
    gc.enable()

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
