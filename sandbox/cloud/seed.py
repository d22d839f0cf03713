"""What is in the cloud before the first command: ``seed.yaml``, applied to a new contents file only."""

from pathlib import Path
from typing import Any

from sandbox.cloud.cluster import Cluster
from sandbox.cloud.contents import Contents, Entry, key
from sandbox.cloud.digests import digested
from sandbox.cloud.products import ADDON, CLUSTER, PRODUCTS
from sandbox.cloud.refusal import NotReady, Refusal
from sandbox.cloud.services import install_addon, reported, uses


def plant(contents: Contents, path: Path) -> None:
    """Put the entries of a seed file into new contents, in their order.

    Raises:
        ValueError: an entry is not complete, or names what the seed does not have.
    """
    import yaml  # noqa: PLC0415 - only a new sandbox reads the seed

    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        for kind, items in document.get("alicloud", {}).items():
            for item in items:
                _plant_resource(contents, f"alicloud:{kind}", dict(item), document["region"])
        cluster = Cluster(contents)
        for item in document.get("kubernetes", []):
            _plant_object(cluster, item)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path}: an entry is not complete: {error}") from None
    except (NotReady, Refusal) as error:
        raise ValueError(f"{path}: {error}") from None


def _plant_resource(contents: Contents, kind: str, item: dict[str, Any], region: str) -> None:
    identity = item.pop("id")
    product = PRODUCTS.get(kind)
    if product:
        item = {**product.defaults, **item, **reported(contents, kind, identity, item, region)}
    elif kind == CLUSTER:
        item = {"regionId": region, **item}
    contents.put(Entry(kind, identity, digested(item), uses=tuple(key(*used) for used in uses(kind, item))))
    if kind == ADDON:
        install_addon(contents, item)


def _plant_object(cluster: Cluster, item: dict[str, Any]) -> None:
    version = item["apiVersion"] if "/" in item["apiVersion"] else f"core/{item['apiVersion']}"
    token = f"kubernetes:{version}:{item['kind']}"
    checked = cluster.check(token, item, None)
    for name, reason in checked.failures:
        raise Refusal(f"{item['kind']} {item['metadata'].get('name')}: {name}: {reason}")
    cluster.create(token, "", checked.inputs)
