"""What runs in a container beside a service's."""

from __future__ import annotations

from importlib.resources import files


def script(name: str) -> str:
    """The text of a tool's script, after what all of them begin with.

    Args:
        name: the file in this package.
    """
    return "\n".join(files("debugger").joinpath(each).read_text(encoding="utf-8") for each in ("attach.sh", name))
