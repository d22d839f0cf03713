"""What docs/how-to/remove-old-logs.md says that may go, written once more and without a look at the script."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from tests.cluster.retention.nas import DAY, Entry, Tree

_ARCHIVE = re.compile(r".*(\.log|\.log[.-].*|\.gz|\.zip)", re.DOTALL)
_GC_LOG = re.compile(r"gc-.*\.log(\..*)?", re.DOTALL)
_CONFIGURATION = ("application", "bootstrap", "logback")
_MADE = "[bcdfghjklmnpqrstvwxz2456789]"


@dataclass
class Verdict:
    """What a run does to one service's directory.

    Attributes:
        files: Paths of files that go, with their sizes.
        directories: Paths of directories that go.
        live: How many old files stay because a live pod's name is in their path.
        newest: How many old dumps stay because they are among the newest.
    """

    files: dict[str, int] = field(default_factory=dict)
    directories: set[str] = field(default_factory=set)
    live: int = 0
    newest: int = 0


@dataclass(frozen=True)
class Rules:
    """The settings, the namespace's live pods, and the time."""

    live: Collection[str]
    now: float
    logs_days: int = 14
    dumps_days: int = 30
    keep_dumps: int = 2

    def verdicts(self, tree: Tree, *, dry_run: bool) -> dict[str, Verdict]:
        """The verdict on each service whose directory a run looks at.

        Args:
            tree: The environment's directory.
            dry_run: Then directories without the mark are looked at too, and no directory goes.
        """
        services = [path for path, each in tree.items() if "/" not in path and each.is_directory and path[0] != "."]
        return {
            service: self._verdict(tree, service, dry_run=dry_run)
            for service in services
            if dry_run or _is_file(tree.get(f"{service}/.log-retention"))
        }

    def _verdict(self, tree: Tree, service: str, *, dry_run: bool) -> Verdict:
        verdict = Verdict()
        files = {path: each for path, each in tree.items() if path.startswith(f"{service}/") and each.is_file}
        dumps = [each.seconds for path, each in files.items() if _is_dump(path)]
        for path, each in files.items():
            dump = _is_dump(path)
            if not (dump or _is_closed_log(path)) or _is_configuration(path):
                continue
            if self.now - each.seconds < (self.dumps_days if dump else self.logs_days) * DAY:
                continue
            if self._is_live(path):
                verdict.live += 1
            elif dump and sum(other > each.seconds for other in dumps) < self.keep_dumps:
                verdict.newest += 1
            else:
                verdict.files[path] = len(each.content)
        if not dry_run:
            verdict.directories |= set(self._directories(tree, service, set(verdict.files)))
        return verdict

    def _directories(self, tree: Tree, service: str, gone: set[str]) -> Iterator[str]:
        removed = set(gone)
        for path in sorted(tree, key=lambda each: -each.count("/")):
            first, *below = path.split("/")
            if first != service or len(below) < 2 or below[0] not in {"logs", "gc", "dumps"}:
                continue
            inside = {each for each in tree if each.startswith(f"{path}/") and "/" not in each[len(path) + 1 :]}
            if (
                tree[path].is_directory
                and self.now - tree[path].seconds >= self.logs_days * DAY
                and _is_of_a_pod(path)
                and not (self._is_live(path) or _is_configuration(path))
                and inside <= removed - gone  # what loses a file now has changed now, and goes another time
            ):
                removed.add(path)
                yield path

    def _is_live(self, path: str) -> bool:
        return any(pod in path for pod in self.live)


def _is_file(entry: Entry | None) -> bool:
    return entry is not None and entry.is_file


def _is_dump(path: str) -> bool:
    _, *below = path.split("/")
    return path.endswith(".hprof") and (len(below) == 1 or below[0] == "dumps")


def _is_closed_log(path: str) -> bool:
    _, *below = path.split("/")
    if len(below) == 1:
        known = _GC_LOG.fullmatch(below[0]) is not None
    else:
        known = below[0] in {"logs", "gc"} and _ARCHIVE.fullmatch(below[-1]) is not None
    dated = re.search(r"[-._/][0-9]", "/".join(below)) is not None
    return known and (not path.endswith(".log") or dated or _is_of_a_pod(path))


def _is_of_a_pod(path: str) -> bool:
    service, _, below = path.partition("/")
    return re.search(rf"/{re.escape(service)}-{_MADE}.*-{_MADE}{{5}}", f"/{below}", re.DOTALL) is not None


def _is_configuration(path: str) -> bool:
    return path.rpartition("/")[2].startswith(_CONFIGURATION) or "/tmp/" in f"{path}/"
