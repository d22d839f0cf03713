"""Helm releases: what ``kubernetes:helm.sh/v3:Release`` does, without rendering the chart.

The objects of a chart are not made; only the CustomResourceDefinitions that its controller brings appear.
"""

from typing import Any

from sandbox.cloud.cloud import Checked, Properties
from sandbox.cloud.contents import Contents, Entry
from sandbox.cloud.digests import digested
from sandbox.cloud.kinds import CHART_CRDS, CRD, HELM_RELEASE, definition
from sandbox.cloud.refusal import Refusal
from sandbox.cloud.wire import reveal

IMMUTABLE: tuple[tuple[str, ...], ...] = (("name",), ("namespace",))


def check(inputs: Properties, automatic: str | None, namespace: str) -> Checked:
    """Demand a chart; fill in name and namespace."""
    failures = [] if inputs.get("chart") else [("chart", "required value: the chart to install")]
    filled = dict(inputs)
    if not inputs.get("name") and automatic:
        filled["name"] = automatic
    elif not inputs.get("name"):
        failures.append(("name", "autonaming is disabled, resource requires the .name field to be set"))
    if not inputs.get("namespace"):
        filled["namespace"] = namespace
    return Checked(inputs if filled == inputs else filled, failures)


def install(contents: Contents, urn: str, inputs: Properties) -> tuple[str, Properties]:
    """Install a release.

    Raises:
        Refusal: the name is taken, or the namespace is missing.
    """
    plain = reveal(inputs)
    identity = f"{plain['namespace']}/{plain['name']}"
    if contents.get(HELM_RELEASE.type, identity):
        raise Refusal("cannot re-use a name that is still in use")
    if contents.get("kubernetes:core/Namespace", plain["namespace"]) is None and not plain.get("createNamespace"):
        raise Refusal(f'create: failed to create: namespaces "{plain["namespace"]}" not found')
    return identity, _deploy(contents, urn, identity, inputs, 1)


def upgrade(contents: Contents, existing: Entry, urn: str, inputs: Properties) -> Properties:
    """Make the next revision of a release."""
    return _deploy(contents, urn, existing.id, inputs, existing.object["status"]["revision"] + 1)


def _deploy(contents: Contents, urn: str, identity: str, inputs: Properties, revision: int) -> Properties:
    plain = reveal(inputs)
    chart = str(plain["chart"]).rstrip("/").rpartition("/")[2]
    status: dict[str, Any] = {
        "status": "deployed",
        "revision": revision,
        "name": plain["name"],
        "namespace": plain["namespace"],
        "chart": chart,
        "version": plain.get("version", ""),
    }
    outputs = {**inputs, "status": status}
    contents.put(Entry(HELM_RELEASE.type, identity, digested(outputs), urn))
    if chart in CHART_CRDS:
        crd = definition(*CHART_CRDS[chart])
        contents.put(Entry(CRD.type, crd["metadata"]["name"], crd))
    return outputs
