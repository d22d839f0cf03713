"""What no single field can know: rules across the settings of a stack.

Each module yields a problem for every rule of its noun that is broken; nothing here raises.
"""

from collections.abc import Callable, Iterator

from config.checks import (
    addons,
    alb,
    annotations,
    autoscaling,
    cluster,
    eip,
    environment,
    image,
    ingress,
    ingress_rules,
    jvm,
    labels,
    limit_range,
    log_retention,
    names,
    nas,
    network_policies,
    options,
    patched_elements,
    patches,
    pod_security,
    probes,
    protection,
    quota,
    registration,
    registry,
    resources,
    secrets,
    tls,
    variables,
    volumes,
    waivers,
)
from config.errors import Problem
from config.stack import StackSettings

_Check = Callable[[StackSettings], Iterator[Problem]]

_CHECKS: tuple[tuple[_Check, tuple[str, ...]], ...] = (
    (addons.check, ("cluster", "addons")),
    (alb.check, ("cluster", "alb")),
    (annotations.check, ("alb",)),
    (autoscaling.check, ()),
    (cluster.check, ("cluster",)),
    (eip.check, ("cluster", "addons", "environment")),
    (environment.check, ("environment",)),
    (image.check, ("environment",)),
    (ingress.check, ("cluster", "alb", "environment", "nacos")),
    (ingress_rules.check, ("alb", "environment")),
    (jvm.check, ()),
    (labels.check, ()),
    (limit_range.check, ("environment", "nacos", "log_retention")),
    (log_retention.check, ("log_retention",)),
    (names.check, ("alb", "environment", "nacos", "log_retention")),
    (nas.check, ("cluster", "nas")),
    (network_policies.check, ("cluster", "environment", "nacos")),
    (options.check, ("environment", "nacos")),
    (patched_elements.check, ("nacos",)),
    (patches.check, ("environment",)),
    (pod_security.check, ("cluster", "environment")),
    (probes.check, ()),
    (protection.check, ("addons", "alb", "nas", "environment", "allow_replace")),
    (quota.check, ("cluster", "environment", "nas", "nacos", "log_retention")),
    (registration.check, ("cluster", "nacos")),
    (registry.check, ("cluster", "registry", "environment")),
    (resources.check, ()),
    (secrets.check, ()),
    (tls.check, ("cluster", "alb", "environment")),
    (variables.check, ("environment",)),
    (volumes.check, ("environment",)),
    (waivers.check, ("log_retention", "waivers")),
)
"""Each check with the sections that it reads: it runs where these are valid, whatever is wrong with the others."""


def problems_of(settings: StackSettings) -> Iterator[Problem]:
    """Everything that is wrong across the settings of a stack.

    Args:
        settings: made of the valid sections and services only; the others are not among its ``model_fields_set``.
    """
    for check, sections in _CHECKS:
        if settings.model_fields_set.issuperset(sections):
            yield from check(settings)
