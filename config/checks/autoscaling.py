"""How many pods: autoscaler and disruption budget."""

from collections.abc import Iterator

from config.errors import Problem
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """Bounds in the wrong order, a budget that protects nothing, an Ingress in front of nobody."""
    for name, service in settings.services.items():
        scaler, budget = service.autoscaler, service.disruption_budget
        if scaler is not None and scaler.min_replicas > scaler.max_replicas:
            rule = f"must not be above maxReplicas, which is {scaler.max_replicas}"
            mend = f"minReplicas: {scaler.max_replicas} at most"
            yield Problem(f"services.{name}.autoscaler.minReplicas", rule, mend, scaler.min_replicas)
        if budget is not None and 1 < service.fewest_replicas <= budget.max_unavailable:
            rule = f"must be below the number of replicas, {service.fewest_replicas}: else it protects nothing"
            mend = f"maxUnavailable: {service.fewest_replicas - 1} at most, or disruptionBudget: null"
            yield Problem(f"services.{name}.disruptionBudget.maxUnavailable", rule, mend, budget.max_unavailable)
        if service.most_replicas == 0 and service.ingress is not None:
            rule = "must be at least 1 beside an Ingress: its host would answer 503"
            yield Problem(f"services.{name}.replicas", rule, "replicas: 1, or ingress: null", 0)
