"""What changed between two inputs, as property paths."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.cloud.wire import Secret, Value

Path = tuple[str | int, ...]
Kind = Literal["ADD", "DELETE", "UPDATE"]
_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*\Z")


@dataclass(frozen=True, slots=True)
class Change:
    """One changed property: where it stands and whether it appeared, went or got another value."""

    path: Path
    kind: Kind

    @property
    def dotted(self) -> str:
        """The path as Pulumi writes it: ``spec.containers[0].image``, ``metadata.labels["app.kubernetes.io/name"]``."""
        text = ""
        for part in self.path:
            if isinstance(part, int):
                text += f"[{part}]"
            elif _PLAIN.match(part):
                text += f".{part}" if text else part
            else:
                quoted = part.replace('"', '\\"')
                text += f'["{quoted}"]'
        return text

    def under(self, path: Sequence[str]) -> bool:
        """Tell whether this change is at a path, below it, or takes it away or brings it with a parent."""
        shared = min(len(path), len(self.path))
        return self.path[:shared] == tuple(path)[:shared]


def changes(old: Value, new: Value, path: Path = ()) -> Iterator[Change]:
    """Yield every change between two values, in the order of their keys; secrets are compared by their value."""
    old = old.value if isinstance(old, Secret) else old
    new = new.value if isinstance(new, Secret) else new
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        # Names with two underscores are the provider's own notes beside the inputs.
        yield from _by_key(old, new, [name for name in sorted({*old, *new}) if not name.startswith("__")], path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _by_key(dict(enumerate(old)), dict(enumerate(new)), range(max(len(old), len(new))), path)
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        yield Change(path, "UPDATE")


def _by_key(
    old: Mapping[Any, Value], new: Mapping[Any, Value], keys: Iterable[str | int], path: Path
) -> Iterator[Change]:
    for key in keys:
        if key not in new:
            yield Change((*path, key), "DELETE")
        elif key not in old:
            yield Change((*path, key), "ADD")
        else:
            yield from changes(old[key], new[key], (*path, key))
