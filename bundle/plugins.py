"""The provider plug-ins in the versions that `uv.lock` pins: installed here, or downloaded as `pulumi` does it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from bundle.install import plugins_directory
from bundle.manifest import Target
from sandbox.download import fetch
from sandbox.network import WayFailedError, host_of
from sandbox.progress import Progress

PLUGINS = ("kubernetes", "alicloud")
"""The plug-ins that the program needs; the Python packages are named `pulumi-` and the same."""

VARIABLE = "PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES"
"""Pulumi's own variable for another place: `regexp1=URL1,regexp2=URL2`, matched against the usual addresses.

Source: https://www.pulumi.com/docs/iac/cli/environment-variables/
"""


def file_name(name: str, version: str, target: Target) -> str:
    """The name of a plug-in's archive, as Pulumi publishes it."""
    return f"pulumi-resource-{name}-v{version}-{target.system}-{target.go_machine}.tar.gz"


def installed(name: str, version: str) -> Path | None:
    """The folder of a plug-in of this machine."""
    place = plugins_directory() / f"resource-{name}-v{version}"
    return place if (place / f"pulumi-resource-{name}").is_file() else None


def addresses(name: str, version: str) -> list[str]:
    """Where a plug-in's archive may be, in the order in which `pulumi` asks: GitHub, then get.pulumi.com.

    An address that `PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES` names for the one takes the place of both.

    Raises:
        WayFailedError: The variable is no list of `regexp=URL`, or names something that is no HTTP address.
    """
    usual = {
        f"github://api.github.com/pulumi/pulumi-{name}": (
            f"https://github.com/pulumi/pulumi-{name}/releases/download/v{version}"
        ),
        "https://get.pulumi.com/releases/plugins": "https://get.pulumi.com/releases/plugins",
    }
    first = _override(next(iter(usual)))
    return [first] if first else [_override(source) or address for source, address in usual.items()]


def download(name: str, version: str, target: Target, folder: Path, progress: Progress) -> Path:
    """Download a plug-in's archive into a folder.

    Raises:
        WayFailedError: No address has it; the text says why, address by address.
    """
    archive = folder / file_name(name, version, target)
    closed = []
    for address in addresses(name, version):
        try:
            url = f"{address.rstrip('/')}/{archive.name}"
            fetch(url, archive, progress, name=f"{name} plug-in", mirrors=VARIABLE)
        except WayFailedError as reason:
            closed.append(str(reason))
        else:
            return archive
    raise WayFailedError("; ".join(dict.fromkeys(closed)))


def _override(source: str) -> str | None:
    """The address that the variable has for a source. Groups are filled in as Pulumi does it: `$1`, `${org}`."""
    for pair in filter(None, os.environ.get(VARIABLE, "").split(",")):
        pattern, equals, address = pair.partition("=")
        if not equals or not address or "=" in address:
            raise WayFailedError(f"{VARIABLE} is no list of regexp1=URL1,regexp2=URL2")
        try:
            found = re.search(pattern, source)
        except re.error as error:
            raise WayFailedError(f'{VARIABLE}: "{pattern}" is no regular expression: {error}') from None
        if not found:
            continue
        for number, text in enumerate((found[0], *found.groups(default=""))):
            address = address.replace(f"${number}", text)
        for group, text in found.groupdict(default="").items():
            address = address.replace(f"${{{group}}}", text)
        if not address.startswith(("http://", "https://")):
            raise WayFailedError(f"{VARIABLE}: {host_of(address)} is not reached over HTTP")
        return address
    return None
