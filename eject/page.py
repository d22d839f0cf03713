"""The page beside the files of an ejected stack: what they are, and what to do without Pulumi; `page.md` filled in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from string import Template

from components.manifests.metadata import FIELD_MANAGER, Manifest
from components.manifests.pull_secret import NACOS_SECRET
from eject.deployment import Deployment, Left, Release

_KEYS = {"kubernetes.io/dockerconfigjson": (".dockerconfigjson",), "kubernetes.io/tls": ("tls.crt", "tls.key")}
_TEMPLATE = Path(__file__).with_suffix(".md")


def heading(stack: str) -> str:
    """The first line, by which a folder is known again."""
    return f"# The stack {stack}, ejected"


def page(found: Deployment) -> str:
    """The page, in Markdown."""
    cloud = _table(found.cloud) or "Nothing in the account: the stack owned none of it."
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        stack=found.stack,
        namespace=found.outputs.get("namespace", "NAMESPACE"),
        manager=FIELD_MANAGER,
        objects=len(found.objects),
        releases=len(found.releases),
        secrets=_secrets(found.secrets),
        cloud="\n\n".join([cloud, *map(_release, found.releases)]),
        unfinished=_section(
            "Cut off in the middle",
            "An operation was ended at these. Look which exist, and which to keep:",
            found.unfinished,
        ),
        given=_section("Given", "The stack read these, and never owned them:", found.given),
    )


def _secrets(secrets: Iterable[Manifest]) -> str:
    commands = "\n".join(map(_command, secrets))
    if not commands:
        return ""
    text = (
        "They are in the cluster, and not here. To make one anew or change it, put each value into a FILE of its own:"
    )
    return f"\n## Secrets\n\n{text}\n\n```sh\n{commands}\n```\n"


def _command(secret: Manifest) -> str:
    """How one is made. Values come from files: everybody can list the arguments of a command."""
    kind, metadata = secret["kind"], secret["metadata"]
    name, namespace = metadata["name"], metadata.get("namespace", "")
    if kind != "Secret":
        return f"# {kind} {namespace}/{name} has secret values in it, so it has no file here"
    type_ = secret.get("type", "Opaque")
    keys = _KEYS.get(type_) or (("username", "password") if name == NACOS_SECRET else ("KEY",))
    files = " ".join(f"--from-file={key}=FILE" for key in keys)
    labels = " ".join(f"{key}={value}" for key, value in sorted((metadata.get("labels") or {}).items()))
    return (
        f"kubectl create secret generic {name} --namespace={namespace} --type={type_} {files} "
        "--dry-run=client -o yaml |\n"
        f"  kubectl label --local -f - {labels} -o yaml |\n"
        f"  kubectl apply --server-side --force-conflicts --field-manager={FIELD_MANAGER} -f -"
    )


def _release(release: Release) -> str:
    version = f" {release.version}" if release.version else ""
    return (
        f"Helm release `{release.name}` in `{release.namespace}`, chart `{release.chart}`{version}. "
        f"`helm upgrade {release.name} CHART --namespace {release.namespace} --values {release.file}` changes it."
    )


def _section(title: str, text: str, left: Iterable[Left]) -> str:
    table = _table(left)
    return f"\n## {title}\n\n{text}\n\n{table}\n" if table else ""


def _table(left: Iterable[Left]) -> str:
    rows = [f"| {each.type} | {each.name} | {f'`{each.id}`' if each.id else 'unknown'} |" for each in left]
    return "\n".join(["| Type | Name in the program | Id |", "|---|---|---|", *rows]) if rows else ""
