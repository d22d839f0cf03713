"""Directories: of the container, and of the NAS volume."""

from collections import defaultdict
from collections.abc import Iterator

from config.checks.directories import nested, overlap
from config.errors import Problem
from config.registration import CREDENTIALS_DIRECTORY, SCRIPT_DIRECTORY, STATE_DIRECTORY
from config.stack import StackSettings

_TOP = ("bin", "boot", "dev", "etc", "lib", "lib64", "opt", "proc", "root", "run", "sbin", "sys", "tmp", "usr", "var")
_SYSTEM = frozenset(f"/{name}" for name in _TOP)
_CONFIG_MAP_BYTES = 2**20


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every mount that hides something, and every directory of the NAS that two services would share unawares."""
    for name in settings.services:
        yield from _mounts(settings, name)
        yield from _config_files(settings, name)
    yield from _shared_directories(settings)


def _mounts(settings: StackSettings, name: str) -> Iterator[Problem]:
    service, path, data_dir = settings.services[name], f"services.{name}", settings.data_dir(name)
    if service.nas is not None:
        if overlap(service.app_dir, data_dir):
            rule = f"must not be under or over DATA_DIR ({data_dir}): the NAS would hide the jar"
            yield Problem(f"{path}.appDir", rule, "for example /app", service.app_dir)
        if data_dir in _SYSTEM:
            rule = "must not be a directory of the image's system: the NAS would hide it"
            yield Problem(f"{path}.dataDir", rule, f"for example /product/{settings.environment.name}/{name}", data_dir)
        yield from _beside_the_script(settings, name, f"{path}.dataDir", data_dir)
    if not service.config_files:
        return
    yield from _beside_the_script(settings, name, f"{path}.configFilesPath", service.config_files_path)
    mounted = service.config_files_path
    others = [("appDir", service.app_dir), ("the scratch directory", "/tmp")]  # noqa: S108 -- a pod's own /tmp
    if service.nas is not None:
        others.append(("DATA_DIR", data_dir))
    for what, other in others:
        if overlap(mounted, other):
            rule = f"must not be under or over {what} ({other})"
            yield Problem(f"{path}.configFilesPath", rule, "for example /etc/spring", mounted)
    if mounted in _SYSTEM:
        rule = "must not be a directory of the image's system: the files would hide it"
        yield Problem(f"{path}.configFilesPath", rule, "for example /etc/spring", mounted)


def _beside_the_script(settings: StackSettings, name: str, path: str, mounted: str) -> Iterator[Problem]:
    """With mode ``hooks`` the application's own container holds the directories of the registration script."""
    if settings.registration_mode(name) != "hooks":
        return
    for other in (SCRIPT_DIRECTORY, CREDENTIALS_DIRECTORY, STATE_DIRECTORY):
        if overlap(mounted, other):
            rule = f"must not be under or over {other}: the registration hooks have their files there"
            yield Problem(path, rule, "another directory, or registration: {mode: sidecar}", mounted)


def _config_files(settings: StackSettings, name: str) -> Iterator[Problem]:
    sizes = {file: len(text.encode()) for file, text in settings.services[name].config_files.items()}
    if sum(sizes.values()) > _CONFIG_MAP_BYTES:
        rule = "must be at most 1 MiB together: a ConfigMap holds no more"
        mend = f"put large files on the NAS under {settings.data_dir(name)}"
        listed = ", ".join(f"{file} {size} bytes" for file, size in sorted(sizes.items()))
        yield Problem(f"services.{name}.configFiles", rule, mend, listed)


def _shared_directories(settings: StackSettings) -> Iterator[Problem]:
    mounted: dict[str, list[str]] = defaultdict(list)
    for name in sorted(settings.services):
        if (directory := settings.sub_path(name)) is not None:
            mounted[directory].append(name)
    for outer, inner in nested(mounted):
        for name in mounted[inner]:
            one, other = sorted((name, mounted[outer][0]))
            rule = f"must not be under or over the directory of {one}, {settings.sub_path(one)}"
            yield Problem(stated_at(settings, other), rule, "a directory beside it", settings.sub_path(other))
    for directory, names in mounted.items():
        yield from _not_shared(settings, directory, names)


def _not_shared(settings: StackSettings, directory: str, names: list[str]) -> Iterator[Problem]:
    """Services with one directory of which one did not say that it shares it."""
    for name in names if len(names) > 1 else ():
        mount = settings.services[name].nas
        if mount is not None and not mount.shared:
            partner = names[1] if name == names[0] else names[0]
            rule = f"must not be the directory of {partner} too"
            mend = "a directory of its own, or nas: {shared: true} on both"
            yield Problem(stated_at(settings, name), rule, mend, directory)


def stated_at(settings: StackSettings, name: str) -> str:
    """The key that a service's directory of the volume follows from."""
    mount = settings.services[name].nas
    return f"services.{name}.nas.subPath" if mount and mount.sub_path else f"services.{name}.dataDir"
