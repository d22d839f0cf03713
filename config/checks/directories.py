"""Directories inside each other."""

from collections.abc import Iterable, Iterator


def overlap(one: str, other: str) -> bool:
    """Whether two directories are the same or one is inside the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def nested(directories: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each directory that is inside another, with the nearest that it is inside of: (outer, inner).

    In the order of their parts nothing stands between a directory and what is inside it, so no pairs need comparing.
    """
    outer: list[str] = []
    for directory in sorted(set(directories), key=lambda each: each.split("/")):
        while outer and not overlap(outer[-1], directory):
            outer.pop()
        if outer:
            yield outer[-1], directory
        outer.append(directory)
