"""What people are told of the cloud account: what is given there, and where it and the cluster do not agree."""

from __future__ import annotations

from collections.abc import Iterator

from adopt.account import Account, alb_ids, nas_servers
from adopt.finding import Finding
from adopt.snapshot import Snapshot
from components.manifests.addon import ALB_INGRESS_CONTROLLER, EXTEND_NETWORK_CONTROLLER


def account_findings(account: Account, snapshot: Snapshot) -> Iterator[Finding]:
    """What the account says about the cluster's surroundings; nothing of it is ever written.

    Args:
        account: What was read of the account.
        snapshot: What was read of the cluster.
    """
    if account.cluster is not None:
        version = account.cluster.get("current_version", "?")
        note = f"cluster.id; {account.cluster.get('name', 'without a name')}, Kubernetes {version}"
        yield Finding("given", f"Cluster/{account.cluster['cluster_id']}", note=f"{note}, by the cloud account")
    yield from _add_ons(account)
    yield from _balancers(account, snapshot)
    yield from _mount_targets(account, snapshot)
    yield from account.notes


def _add_ons(account: Account) -> Iterator[Finding]:
    if account.add_ons is None:
        return
    for name in (ALB_INGRESS_CONTROLLER, EXTEND_NETWORK_CONTROLLER):
        if name in account.add_ons:
            yield Finding("given", f"Add-on/{name}", note=f"installed, {account.add_ons[name]}")
    if ALB_INGRESS_CONTROLLER not in account.add_ons:
        note = "addons.albIngressController says given, and ACK has not installed it: `pulumi preview` will refuse"
        yield Finding("differs", f"Add-on/{ALB_INGRESS_CONTROLLER}", note=note)


def _balancers(account: Account, snapshot: Snapshot) -> Iterator[Finding]:
    stated = {
        each["metadata"]["name"]: {
            (int(one["port"]), str(one["protocol"])) for one in each["spec"].get("listeners") or ()
        }
        for each in snapshot.alb_configs
    }
    ids = alb_ids(snapshot)
    for name, found in account.balancers.items():
        subject = f"ALB/{ids[name]}"
        if found is None:
            yield Finding("differs", subject, note=f"AlbConfig/{name} names it, and the account has no such ALB")
            continue
        balancer, listeners = found
        vpc, edition = balancer.get("VpcId"), balancer.get("LoadBalancerEdition", "?")
        yield Finding("given", subject, note=f"of AlbConfig/{name}; {edition}, in {vpc}")
        yield from _elsewhere(account, subject, vpc)
        live = stated[name] if listeners is None else set(listeners)
        for port, protocol in sorted(live ^ stated[name]):
            there, not_there = (
                ("the ALB", f"AlbConfig/{name}") if (port, protocol) in live else (f"AlbConfig/{name}", "the ALB")
            )
            note = f"{there} has it, and {not_there} has not"
            yield Finding("differs", subject, f"listener {protocol}/{port}", note)


def _mount_targets(account: Account, snapshot: Snapshot) -> Iterator[Finding]:
    for volume, server in sorted(nas_servers(snapshot).items()):
        if server not in account.mount_targets:
            continue
        found = account.mount_targets[server]
        if found is None:
            note = f"PersistentVolume/{volume} names it, and the account has no such mount target in the region"
            yield Finding("differs", f"MountTarget/{server}", note=note)
            continue
        system, vpc = found
        yield Finding("given", f"NAS/{system}", note=f"of PersistentVolume/{volume}, in {vpc}")
        yield from _elsewhere(account, f"MountTarget/{server}", vpc)


def _elsewhere(account: Account, subject: str, vpc: object) -> Iterator[Finding]:
    own = (account.cluster or {}).get("vpc_id")
    if own and vpc != own:
        yield Finding("differs", subject, note=f"it is in {vpc}, and the cluster in {own}")
