"""Whether this machine has everything that a run needs, without asking any server: `ackp doctor --offline`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bundle import plugins, wheels
from bundle.install import plugins_directory
from bundle.manifest import this_machine
from cli.doctor import Finding
from cli.options import ROOT
from config import SettingsError, load_stack, stack_names
from sandbox.engine import OLDEST, WayFailedError, cached_path, inspect, installed_engine

LANGUAGE_HOST = "pulumi-language-python"

BUNDLE = "scripts/venv --bundle FILE, with a FILE that `ackp bundle` makes on a connected machine"
"""The mend for most of it."""

_ENOUGH = 5


def findings(*, sandbox: bool) -> Iterator[Finding]:
    """What is there and what is not, one finding for each thing; everything that is not there is `wrong`.

    Args:
        sandbox: Only what `make up` needs; else also what `pulumi up` needs.
    """
    yield _packages()
    yield _engine()
    if not sandbox:
        yield _pulumi()
        yield _language_host()
        for name in plugins.PLUGINS:
            yield _plugin(name)
        yield _uv()
        yield from _credentials()


def _packages() -> Finding:
    pinned = wheels.versions(ROOT, this_machine())
    wrong = []
    for name, wanted in pinned.items():
        try:
            found = version(name)
        except PackageNotFoundError:
            wrong.append(f"{name} {wanted} is missing")
            continue
        if found != wanted:
            wrong.append(f"{name} is {found}, not {wanted}")
    if not wrong:
        return Finding("Python packages", "ok", f"{len(pinned)}, as uv.lock pins them")
    more = f" and {len(wrong) - _ENOUGH} more" if len(wrong) > _ENOUGH else ""
    return Finding("Python packages", "wrong", f"{'; '.join(wrong[:_ENOUGH])}{more}", BUNDLE)


def _engine() -> Finding:
    engine = installed_engine()
    if engine is None:
        return Finding("Pulumi engine", "wrong", f"none on PATH, none at {cached_path()}", BUNDLE)
    return Finding(
        "Pulumi engine", "ok", f"{'.'.join(map(str, engine.version))} from the {engine.origin}: {engine.path}"
    )


def _pulumi() -> Finding:
    """The `pulumi` that a person types."""
    found = shutil.which("pulumi")
    if found is None:
        mend = f'export PATH="{cached_path().parent}:$PATH"' if cached_path().exists() else BUNDLE
        return Finding("pulumi on PATH", "wrong", "no program of this name", mend)
    try:
        engine = inspect(Path(found), "PATH")
    except WayFailedError as reason:
        return Finding("pulumi on PATH", "wrong", str(reason), f"install {'.'.join(map(str, OLDEST))} or newer")
    return Finding("pulumi on PATH", "ok", f"{'.'.join(map(str, engine.version))}: {found}")


def _language_host() -> Finding:
    """The program beside `pulumi`, or on PATH, that runs a program in Python."""
    pulumi, alone = shutil.which("pulumi"), shutil.which(LANGUAGE_HOST)
    places = [Path(pulumi or cached_path()).resolve().with_name(LANGUAGE_HOST), *([Path(alone)] if alone else [])]
    for place in places:
        if place.is_file() and os.access(place, os.X_OK):
            return Finding("language host", "ok", str(place))
    mend = "take it from the archive of the official release, https://www.pulumi.com/docs/install/, or with "
    return Finding("language host", "wrong", f"no {LANGUAGE_HOST} beside pulumi or on PATH", f"{mend}{BUNDLE}")


def _plugin(name: str) -> Finding:
    """In the pinned version, where `pulumi` looks; one on PATH goes before, whatever its version."""
    wanted, program = version(f"pulumi-{name}"), f"pulumi-resource-{name}"
    ambient = shutil.which(program)
    if ambient:
        return Finding(f"{name} plug-in", "ok", f"from PATH, which goes before any other: {ambient}")
    place = plugins.installed(name, wanted)
    if place and os.access(place / program, os.X_OK):
        return Finding(f"{name} plug-in", "ok", f"{wanted}: {place}")
    others = sorted(path.name for path in plugins_directory().glob(f"resource-{name}-v*") if path.is_dir())
    detail = f"no {wanted} in {plugins_directory()}" + (f", but {', '.join(others)}" if others else "")
    mend = f"{BUNDLE}; or, from an archive: pulumi plugin install resource {name} {wanted} --file ARCHIVE"
    return Finding(f"{name} plug-in", "wrong", detail, mend)


def _uv() -> Finding:
    """`Pulumi.yaml` names it as the tool of the environment, so `pulumi` starts it."""
    found = shutil.which("uv")
    if found:
        return Finding("uv on PATH", "ok", found)
    return Finding("uv on PATH", "wrong", "no program of this name", f'export PATH="{ROOT / ".venv" / "bin"}:$PATH"')


def _credentials() -> Iterator[Finding]:
    """`ack-ram-tool`, which fetches a credential at each run of a stack whose kubeconfig has `source: ack`."""
    stacks = []
    for stack in stack_names(ROOT):
        try:
            source = load_stack(stack, ROOT, secrets="generated").cluster.kubeconfig.source
        except SettingsError:
            continue  # `ackp check` says what is wrong there
        stacks += [stack] if source == "ack" else []
    if not stacks:
        return
    found = shutil.which("ack-ram-tool")
    if found:
        yield Finding("ack-ram-tool", "ok", found)
        return
    mend = "https://github.com/AliyunContainerService/ack-ram-tool/releases, or another cluster.kubeconfig.source"
    yield Finding("ack-ram-tool", "wrong", f"not on PATH; needed by {', '.join(stacks)}", mend)
