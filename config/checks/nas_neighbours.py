"""Directories that services of two stacks have on one NAS, or have inside each other.

The rule is that of one stack: the same directory where both say that they share it, and never one inside another. Only
given file systems are compared: the id of one that a stack owns is not known before it is there, nor is the directory
behind a claim that is given.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from config.checks.directories import nested
from config.checks.volumes import stated_at
from config.errors import Problem
from config.nas import GivenNas
from config.stack import StackSettings


@dataclass(frozen=True)
class _User:
    """A service that has a directory of a file system."""

    order: int
    """Of its stack among all."""
    settings: StackSettings
    name: str
    directory: str

    @property
    def shares(self) -> bool:
        mount = self.settings.services[self.name].nas
        return mount is not None and mount.shared


def check(stacks: Sequence[StackSettings]) -> Iterator[tuple[str, Problem]]:
    """Every directory that is, or is inside or around, one of another stack's, with the later stack's name.

    Args:
        stacks: valid settings of stacks, in the order of their files.
    """
    systems: dict[tuple[str, str], dict[str, list[_User]]] = defaultdict(lambda: defaultdict(list))
    for order, settings in enumerate(stacks):
        system, root = settings.nas.file_system, settings.nas_path
        if isinstance(system, GivenNas) and root is not None:
            for user in _users(order, settings, root):
                systems[settings.cluster.id, system.id][user.directory].append(user)
    for users in systems.values():
        for several in users.values():
            yield from _not_shared(several)
        for outer, inner in nested(users):
            for each in users[inner]:
                one, other = sorted((users[outer][0], each), key=lambda user: user.order)
                yield _refused(one, other, "must not be under or over the directory", "a directory beside it")


def _users(order: int, settings: StackSettings, root: str) -> Iterator[_User]:
    for name in sorted(settings.services):
        if (sub_path := settings.sub_path(name)) is not None:
            yield _User(order, settings, name, f"{root.rstrip('/')}/{sub_path}")


def _not_shared(users: Iterable[_User]) -> Iterator[tuple[str, Problem]]:
    first, *others = users
    for each in others:
        if each.order != first.order and not (each.shares and first.shares):
            mend = "a directory of its own, or nas: {shared: true} on both"
            yield _refused(first, each, "must not be the directory", mend)


def _refused(one: _User, other: _User, rule: str, mend: str) -> tuple[str, Problem]:
    rule = f'{rule} of {one.name} in the stack "{one.settings.stack}", {one.directory}'
    return other.settings.stack, Problem(stated_at(other.settings, other.name), rule, mend, other.directory)
