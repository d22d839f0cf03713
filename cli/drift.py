"""`ackp drift`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer

from cli.options import ROOT, AsJson, Context, StackKubeconfig, StackName

if TYPE_CHECKING:
    from rich.console import Console

    from drift.drift import Drift, Field, Found

DRIFTED = 3
"""The exit code where something drifted."""
_LONGEST = 100


def drift(
    stack: StackName, *, kubeconfig: StackKubeconfig = None, context: Context = None, json_: AsJson = False
) -> None:
    """Say what the cluster has otherwise than the stack states it: fields that were changed by hand, objects gone.

    Each object is compared with what applying it would make of it, by a dry run of the API server; nothing is changed.
    Only what the stack states is compared: what others add stays theirs, and so does what controllers write, replicas
    under an autoscaler among it. What a Secret holds is never shown.

    Example: ackp drift uat --context uat-admin

    Exit codes: 0 no drift; 3 drift; 1 the cluster could not be compared.
    """
    from adopt.server import ApiServer  # noqa: PLC0415 - help does not need it
    from adopt.stack_cluster import connect  # noqa: PLC0415 - help does not need it
    from cli.console import cluster_errors, output, progress, readable_errors  # noqa: PLC0415 - help does not need it
    from config import load_stack  # noqa: PLC0415 - help does not need it
    from drift.drift import find  # noqa: PLC0415 - help does not need it

    with readable_errors(), cluster_errors():
        settings = load_stack(stack, ROOT, secrets="generated")
        with progress("Comparing by dry runs") as told:
            found = find(settings, ApiServer(connect(settings, kubeconfig, context)), told.live)
    if json_:
        drifts = [_as_json(each) for each in found.drifts]
        typer.echo(json.dumps({"stack": stack, "objects": found.objects, "drifts": drifts}, indent=2))
    else:
        _show(output(), stack, found)
    if found.drifts:
        raise typer.Exit(DRIFTED)


def _show(console: Console, stack: str, found: Found) -> None:
    missing = sum(each.missing for each in found.drifts)
    changed = len(found.drifts) - missing
    head = f"{stack}: of {found.objects} objects {changed} drifted, {missing} missing"
    console.print(head, style="yellow" if found.drifts else "green", markup=False)
    for each in found.drifts:
        state = "missing" if each.missing else f"refused: {each.refused}" if each.refused else ""
        console.print(f"{each.called}{f'  {state}' if state else ''}", style="bold", markup=False, highlight=False)
        width = max((len(field.path) for field in each.fields), default=0)
        for field in each.fields:
            by = f"  (by {', '.join(field.owners)})" if field.owners else ""
            values = f"{_text(field.stated)} → {_text(field.live)}"
            console.print(f"  {field.path:<{width}}  {values}{by}", markup=False, highlight=False)
    if found.drifts:
        console.print("stated → live; docs/how-to/find-drift.md says how to bring back what is stated", markup=False)


def _text(value: Any) -> str:  # noqa: ANN401 - JSON
    if value is ...:
        return "unset"
    text = value if isinstance(value, str) and "\n" not in value else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _as_json(each: Drift) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "namespace": each.namespace,
        "name": each.name,
        "missing": each.missing,
        "refused": each.refused or None,
        "fields": [_field_as_json(field) for field in each.fields],
    }


def _field_as_json(field: Field) -> dict[str, Any]:
    values = {"stated": field.stated, "live": field.live}
    return {
        "path": field.path,
        **{key: value for key, value in values.items() if value is not ...},
        "owners": list(field.owners),
    }
