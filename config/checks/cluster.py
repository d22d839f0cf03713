"""The cluster's vSwitches."""

import ipaddress
from collections.abc import Iterator
from itertools import combinations

from config.errors import Problem
from config.stack import StackSettings


def check(settings: StackSettings) -> Iterator[Problem]:
    """Zones of another region, a vSwitch named twice, networks that overlap."""
    region, v_switches = settings.cluster.region, settings.cluster.v_switches
    for index, each in enumerate(v_switches):
        if each.zone[:-1].removesuffix("-") != region:
            rule = f"must be a zone of cluster.region, {region}"
            yield Problem(f"cluster.vSwitches[{index}].zone", rule, f"for example {_example_zone(region)}", each.zone)
    for (_, one), (index, other) in combinations(enumerate(v_switches), 2):
        if one.id == other.id:
            yield Problem(f"cluster.vSwitches[{index}].id", "must not be there twice", "remove one", other.id)
        elif ipaddress.ip_network(one.cidr).overlaps(ipaddress.ip_network(other.cidr)):
            rule = f"must not overlap {one.id}, {one.cidr}: the vSwitches of a VPC never do"
            mend = "the network that the console shows for this vSwitch"
            yield Problem(f"cluster.vSwitches[{index}].cidr", rule, mend, other.cidr)


def _example_zone(region: str) -> str:
    return f"{region}a" if region[-1].isdigit() else f"{region}-h"
