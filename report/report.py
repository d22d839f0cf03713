"""The report on a preview: one row for each service that changes, one for each shared object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cost.prices import Prices
from report.change import Change, Impact, change
from report.cost import CostChange, cost_change
from report.exemptions import Exemption, exemptions
from report.exposure import is_intranet
from report.preview import Preview
from report.quota import QuotaUse, quota_uses
from report.steps import Step

SCHEMA_VERSION = 1
"""Of the report as JSON."""
NOTHING_WORSE, REFUSED, PUBLIC, DOWNTIME, DATA_LOSS = 0, 1, 3, 4, 5
"""Exit codes: nothing worse than a rolling restart; the `up` would fail; something becomes public; something is down;
data is lost."""


@dataclass(frozen=True, kw_only=True)
class Row(Change):
    """What becomes of a service, or of a shared object: all its changes together, the worst of them said first."""

    name: str
    """The service; for what is shared ``Namespace uat``."""

    @property
    def public(self) -> bool:
        """Whether something of it can be reached from outside that could not before."""
        return any(each.public for each in self.exposure)


@dataclass(frozen=True)
class Report:
    """What an `up` would mean."""

    stack: str
    """The stack."""
    services: tuple[Row, ...]
    """Services that change, the worst first."""
    shared: tuple[Row, ...]
    """Objects of the environment that change, the worst first."""
    unchanged: tuple[str, ...]
    """Services that stay as they are; empty where the preview does not name them."""
    warnings: tuple[str, ...]
    """The engine's and the program's own warnings, and what could not be looked up."""
    exemptions: tuple[Exemption, ...]
    """What the stack file that was previewed allows until a day."""
    quota: tuple[QuotaUse, ...] = ()
    """How full the quota is, the fullest resource first; empty where the preview does not say all that runs."""
    cost: CostChange | None = None
    """What a month costs more or less; None where the preview does not say all that runs."""
    existing: tuple[str, ...] = ()
    """Objects that exist already, at which the `up` would fail."""

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows."""
        return (*self.services, *self.shared)

    @property
    def headline(self) -> str:
        """The report in one line."""
        down = sum(row.impact >= Impact.DOWNTIME and not row.replaced for row in self.rows)
        lost = sum(row.impact is Impact.DATA_LOSS for row in self.rows)
        counts = [
            _count(sum(row.impact is Impact.RESTART for row in self.services), "service restarts", "services restart"),
            f"{sum(row.replaced for row in self.rows)} replaced",
            f"{sum(row.public for row in self.rows)} newly public",
            *([f"{down} no longer served"] if down else []),
            *([f"DATA LOSS: {lost}"] if lost else []),
            *([f"REFUSED: {len(self.existing)} exist already"] if self.existing else []),
        ]
        for impact, words in _MORE.items():
            count = sum(row.impact is impact for row in self.services)
            counts += [_count(count, *words)] if count else []
        counts += [f"quota {self.quota[0]} ({self.quota[0].resource})"] if self.quota else []
        counts += [str(self.cost)] if self.cost and self.cost.items else []
        return f"{self.stack}: {', '.join(counts)}"

    @property
    def exit_code(self) -> int:
        """The worst class: greater is worse, but that an `up` which fails comes before all."""
        if self.existing:
            return REFUSED
        worst = max((row.impact for row in self.rows), default=Impact.NONE)
        if worst >= Impact.DOWNTIME:
            return DATA_LOSS if worst is Impact.DATA_LOSS else DOWNTIME
        return PUBLIC if any(row.public for row in self.rows) else NOTHING_WORSE

    @property
    def json(self) -> dict[str, Any]:
        """The report for machines: keys in a fixed order, impacts as words."""
        return {
            "schemaVersion": SCHEMA_VERSION,
            "stack": self.stack,
            "headline": self.headline,
            "exitCode": self.exit_code,
            "services": [_as_json(row) for row in self.services],
            "shared": [_as_json(row) for row in self.shared],
            "unchanged": list(self.unchanged),
            "warnings": list(self.warnings),
            "existing": list(self.existing),
            "exemptions": [asdict(each) for each in self.exemptions],
            "quota": {each.resource: [float(each.before), float(each.after)] for each in self.quota},
            "cost": self.cost.json if self.cost else None,
        }


_MORE = {
    Impact.NEW: ("new service", "new services"),
    Impact.REMOVED: ("service removed", "services removed"),
    Impact.SCALE: ("service scales", "services scale"),
}


def report(preview: Preview, prices: Prices, existing: Iterable[str] = (), hidden: Iterable[str] = ()) -> Report:
    """Judge a preview.

    Args:
        preview: what the engine said.
        prices: for the estimate of what it costs.
        existing: a line for each object that it would create and that exists already.
        hidden: a line for each that may not be looked up.
    """
    intranet = is_intranet(preview.steps)
    components = {step.urn.text: step.op for step in preview.steps if step.is_component}
    pods = _pods(preview.steps)
    services: dict[str, list[Change]] = defaultdict(list)
    shared: list[Row] = []
    names = {step.service for step in preview.steps if step.service}
    for step in preview.steps:
        if step.is_component:
            continue
        owner = components.get(step.parent.text if step.parent else "", "")
        judged = change(
            step,
            pods=pods.get(step.service or ""),
            owner_goes=owner == "delete",
            owner_is_new=owner == "create",
            intranet=intranet,
        )
        if judged is None:
            continue
        if step.service:
            services[step.service].append(judged)
        else:
            shared.append(_row(step.title, [judged], said=f"{step.title}: "))
    rows = [_row(name, found) for name, found in services.items()]
    return Report(
        stack=preview.stack,
        services=_worst_first(rows),
        shared=_worst_first(shared),
        unchanged=tuple(sorted(names - services.keys())),
        warnings=(*preview.warnings, *hidden),
        exemptions=exemptions(preview.config),
        quota=quota_uses(preview.steps) if preview.complete else (),
        cost=cost_change(preview.steps, prices) if preview.complete else None,
        existing=tuple(existing),
    )


def _row(name: str, changes: Iterable[Change], said: str = "") -> Row:
    """What several changes are together: the worst of them, and why it is.

    Args:
        name: of the row.
        changes: at least one.
        said: what need not be said again at the beginning of a line.
    """
    found = list(changes)
    worst = max(each.impact for each in found)
    lost = any(exposure.gone for each in found for exposure in each.exposure)
    worst = max(worst, Impact.DOWNTIME) if lost else worst
    why = [text for each in found for text in each.why if each.impact is worst]
    also = [text for each in found for text in (*(each.why if each.impact is not worst else ()), *each.also)]
    return Row(
        name=name,
        impact=worst,
        why=tuple(dict.fromkeys(why)),
        also=tuple(dict.fromkeys(each.removeprefix(said) for each in also)),
        variables=tuple(text for each in found for text in each.variables),
        exposure=tuple(dict.fromkeys(exposure for each in found for exposure in each.exposure)),
        rollout=next((each.rollout for each in found if each.rollout), None),
        replaced=any(each.replaced for each in found),
    )


def _pods(steps: Iterable[Step]) -> dict[str, int]:
    """How many pods each service runs: what the settings say, or the fewest that the autoscaler keeps."""
    found: dict[str, int] = {}
    for step in steps:
        spec = step.inputs.get("spec") or {}
        stated = {"Deployment": "replicas", "HorizontalPodAutoscaler": "minReplicas"}.get(step.kind)
        if step.service and stated and isinstance(spec.get(stated), int | float):
            found[step.service] = int(spec[stated])
    return found


def _worst_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (-row.impact, not row.public, row.name)))


def _as_json(row: Row) -> Mapping[str, Any]:
    return {
        "name": row.name,
        "impact": row.impact.words,
        "why": list(row.why),
        "also": list(row.also),
        "variables": list(row.variables),
        "exposure": [asdict(each) for each in row.exposure],
        "rollout": asdict(row.rollout) if row.rollout else None,
        "replaced": row.replaced,
    }


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
