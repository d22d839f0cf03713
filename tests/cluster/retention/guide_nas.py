"""An environment's directory as the guide's services leave it on the NAS, and what must become of each thing in it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.cluster.retention.nas import Nas

GONE = "file-68bff5d45b-cgnd8"
"""A pod that is no more."""
_LONG = 4000

_GOES = (
    ("logs/error/error.2026-01-01.log", 14.01),
    ("logs/info/info.2026-01-01.0.log.gz", 15),
    ("logs/warn/2026/01/warn.zip", _LONG),
    ("logs/{gone}/spring.log", 14.01),
    ("logs/{gone}.log", 99),
    ("logs/spring.log.1", 99),
    ("logs/spring.log-20260101", 99),
    ("gc-{gone}-2026-01-01.log", 99),
    ("gc-{gone}-2026-01-01.log.0", 99),
    ("gc/{gone}/gc.log", 99),
    ("gc/{gone}/gc-20260101T033000.log.0", 99),  # this and the next as image/start.sh names them
    ("logs/hs_err-{gone}-20260101T033000.log", 99),
    ("dump-2.hprof", 32),
    ("dumps/{gone}/1/java_pid1.hprof", 40),
    ("logs/two words.1.log", 99),
    ("logs/line\nbreak\n.1.log", 99),
    ("logs/-rf.1.log", 99),
    ("logs/--.1.log", 99),
    ("logs/$(touch pwned) `id` 'a' \"b\" \\n * [a]? ~.1.log", 99),
    ("logs/a.log. ", 99),
    ("logs/\x1b[31mred\udcff.1.log", 99),
    ("logs/.hidden.1.log", 99),
    ("logs/.hidden/a.1.log", 99),
)
_STAYS = (
    ("application.yml", _LONG),
    ("application-uat.yml", _LONG),
    ("bootstrap.yml", _LONG),
    ("logback-spring.xml", _LONG),
    ("logs/application.2026-01-01.log", _LONG),
    ("logs/logback.1.log.gz", _LONG),
    ("server.2026-01-01.log", _LONG),
    ("uploads/report.2026-01-01.log", _LONG),
    ("uploads/a.hprof", _LONG),
    ("tmp/upload.log.gz", _LONG),
    ("logs/tmp/upload.log.gz", _LONG),
    ("dumps/tmp/a.hprof", _LONG),
    ("user file.docx", _LONG),
    ("-rf", _LONG),
    (".profile", _LONG),
    ("logs/notes.txt", _LONG),
    ("logs/.nfs000001", _LONG),
    ("logs/error/error.log", _LONG),
    ("logs/file-error.log", _LONG),
    ("logs/info/info.2026-11-01.log", 13.99),
    ("logs/{gone}-0/spring.log", 13.99),
    ("logs/from-tomorrow.1.log", -1),
    ("logs/{live}/spring.log", _LONG),
    ("logs/error/{live}.2026-01-01.log.gz", _LONG),
    ("gc-{live}-2026-01-01.log", _LONG),
    ("dumps/{live}/1/java_pid1.hprof", _LONG),
    ("dumps/{gone}/2/java_pid1.hprof", 29.99),
    ("dump-1.hprof", 31),  # with the one before it, one of the two newest
)
_LINKS = (
    ("logs/link.1.log", "error/error.2026-01-01.log"),
    ("logs/loop", ".."),
    ("logs/self.1.log", "self.1.log"),
    ("logs/dangling.1.log", "nowhere"),
    ("logs/outside", "../../no-mark/logs"),
    ("gc/outside", "/no-mark"),
    ("link.hprof", "../no-mark/a.hprof"),
)


@dataclass(frozen=True)
class Fate:
    """What a run removes.

    Attributes:
        files: The files, with their sizes.
        directories: The empty directories.
    """

    files: dict[str, int]
    directories: set[str]


def fill(nas: Nas, live: str) -> Fate:
    """Fill the directory: a service `file` that has everything, and others that must stay whole.

    Args:
        nas: The directory; what was there goes.
        live: The name of a live pod of the service.
    """
    nas.clear()
    nas.marked("file")
    files = {}
    for size, (path, days) in enumerate(_GOES, start=1):
        files[nas.file(_path(path, live), days, b"x" * size)] = size
    for path, days in _STAYS:
        nas.file(_path(path, live), days)
    for path, target in _LINKS:
        nas.link(_path(path, live), target)
    _fill_others(nas)
    empty = [nas.directory(f"file/logs/{GONE}-1{each}", 99) for each in ("/a/b", "/a", "")]
    for path in (f"logs/{live}-1", f"logs/tmp/{GONE}", "logs/debug", "uploads/none", f"uploads/{GONE}", f"tmp/{GONE}"):
        nas.directory(f"file/{path}", 99)
    nas.directory(f"file/gc/{GONE}-2", 13.99)
    nas.directory(f"file/logs/{GONE}-0", 99)  # not empty
    return Fate(files, set(empty))


def _fill_others(nas: Nas) -> None:
    nas.file("elsewhere.1.log", _LONG)
    for service in ("no-mark", "mark-is-a-directory", ".hidden"):
        nas.file(f"{service}/logs/a.1.log", _LONG)
        nas.file(f"{service}/a.hprof", _LONG)
    nas.directory("mark-is-a-directory/.log-retention", 0)
    nas.file(".hidden/.log-retention", 0)
    nas.link("linked-service", ".hidden")
    nas.marked("linked-inside")
    for name in ("logs", "gc", "dumps"):
        nas.link(f"linked-inside/{name}", "../no-mark/logs")


def _path(path: str, live: str) -> str:
    return "file/" + path.replace("{live}", live).replace("{gone}", GONE)
