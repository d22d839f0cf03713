"""The Alibaba Cloud account: what the ``alicloud`` provider of the sandbox is in front of."""

import difflib
from collections.abc import Sequence
from typing import Any

from sandbox.cloud import lookups
from sandbox.cloud.cloud import Checked, Difference, Properties
from sandbox.cloud.contents import Contents, Entry, key
from sandbox.cloud.difference import Change, changes
from sandbox.cloud.digests import digested, restored
from sandbox.cloud.products import ADDON, GIVEN, LOAD_BALANCER, PRODUCTS, Product, product_of, region
from sandbox.cloud.refusal import Refusal
from sandbox.cloud.services import demand_deletable, demand_valid, identify, install_addon, reported, uses
from sandbox.cloud.wire import UNKNOWN, Secret, Value, reveal


class Account:
    """Resources by type and id, behind the questions a provider asks."""

    package = "pulumi-alicloud"

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._region = ""

    def configure(self, arguments: Properties) -> None:
        """Take the region."""
        stated = reveal(arguments).get("region")
        self._region = stated if stated and stated != UNKNOWN else ""

    def config_replaces(self, old: Properties, new: Properties) -> Sequence[str]:
        """Another region is another provider."""
        return ["region"] if old.get("region") != new.get("region") else []

    def check(self, token: str, inputs: Properties, automatic: str | None) -> Checked:  # noqa: ARG002 - no name is made up here
        """Refuse what the provider's schema refuses."""
        kind, product = product_of(token)
        if product is None:
            if kind in GIVEN:
                return Checked(inputs)  # read, not created: `create` refuses
            served = ", ".join(sorted(PRODUCTS))
            return Checked(inputs, [("", f"resource type {token} is not served by the sandbox; it serves {served}")])
        plain = reveal(inputs)
        failures = [_unknown(name, product) for name in sorted(plain) if name not in product.inputs]
        failures += [
            (name, f'Missing required argument: the argument "{name}" is required, but no definition was found')
            for name in product.required
            if plain.get(name) in (None, "", [], {})
        ]
        failures += [
            (group[0], f"Missing required argument: one of `{','.join(group)}` must be specified")
            for group in product.either
            if not any(plain.get(name) for name in group)
        ]
        failures += [
            (name, f"expected {name} to be one of {_listing(values)}, got {plain[name]}")
            for name, values in sorted(product.allowed.items())
            if plain.get(name) not in (None, UNKNOWN, *values)
        ]
        return Checked(inputs, failures)

    def settled(self, token: str) -> bool:
        """Equal inputs may still differ from what the cloud reports (`Product.not_computed`)."""
        product = product_of(token)[1]
        return product is None or not product.not_computed

    def diff(self, token: str, old: Properties, new: Properties, state: Properties) -> Difference:
        """Compare inputs, and with the cloud's report what the provider compares with it (`Product.not_computed`)."""
        _, product = product_of(token)
        found = list(changes(old, new))
        if product is None:
            return Difference(found)
        touched = {change.path[0] for change in found}
        known = reveal(state)
        for name in product.not_computed:
            wanted, there = reveal(new).get(name) or None, known.get(name) or None
            if name not in touched and wanted != there and name in known:
                found.append(Change((name,), "DELETE" if wanted is None else "UPDATE"))
        return Difference(found, [change for change in found if change.path[0] in product.force_new])

    def planned(self, token: str, inputs: Properties, state: Properties | None) -> Properties:
        """Return the inputs, with the outputs of before, or unknown ones."""
        _, product = product_of(token)
        if state is not None:
            return {**state, **inputs}
        return {**dict.fromkeys(product.computed if product else (), UNKNOWN), **inputs}

    def create(self, token: str, urn: str, inputs: Properties) -> tuple[str, Properties]:
        """Create a resource; an add-on that is installed already is taken over.

        Raises:
            Refusal: the API's code and words.
        """
        kind, product = product_of(token)
        if product is None:
            raise Refusal(f"{token} is not created by the sandbox: it is given by its id")
        with self._contents:
            plain = reveal(inputs)
            demand_valid(self._contents, kind, plain)
            identity = identify(self._contents, kind, urn, plain)
            return identity, self._store(kind, urn, identity, inputs, product)

    def update(self, token: str, urn: str, identity: str, inputs: Properties, old: Properties) -> Properties:  # noqa: ARG002 - the whole input is known
        """Change a resource in place.

        Raises:
            Refusal: it is gone, or the API refuses the change.
        """
        kind, product = product_of(token)
        with self._contents:
            if product is None or self._contents.get(kind, identity) is None:
                raise Refusal(f"ResourceNotFound: {kind} {identity} was deleted outside Pulumi; run `pulumi refresh`")
            demand_valid(self._contents, kind, reveal(inputs), identity)
            return self._store(kind, urn, identity, inputs, product)

    def delete(self, token: str, identity: str) -> None:
        """Delete a resource. An add-on stays installed: the provider's delete does nothing since 1.273.0.

        Raises:
            Refusal: something still needs it.
        """
        kind, _ = product_of(token)
        with self._contents:
            entry = self._contents.get(kind, identity)
            if entry is None or kind == ADDON:
                return
            demand_deletable(self._contents, entry)
            self._contents.remove(kind, identity)

    def read(
        self, token: str, identity: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties] | None:
        """Return a resource as it is."""
        kind, product = product_of(token)
        entry = self._contents.get(kind, identity)
        if entry is None:
            return None
        outputs = restored(entry.object, state)
        if inputs:
            return identity, outputs, {name: outputs[name] for name in inputs if name in outputs}
        known = product.inputs if product else frozenset(outputs)
        return identity, outputs, {name: value for name, value in outputs.items() if name in known}

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Answer a data source.

        Raises:
            Refusal: the sandbox does not have it, or an argument is missing.
        """
        with self._contents:
            return lookups.answer(self._contents, token, reveal(arguments))

    def vanish(self, token: str, identity: str) -> None:
        """Delete without asking anybody."""
        self._contents.remove(product_of(token)[0], identity)

    def _store(self, kind: str, urn: str, identity: str, inputs: Properties, product: Product) -> Properties:
        place = self._region or region(self._contents)
        outputs = {**product.defaults, **inputs, **reported(self._contents, kind, identity, reveal(inputs), place)}
        existing = self._contents.get(kind, identity)
        if kind == LOAD_BALANCER and existing and "tags" not in inputs:
            outputs["tags"] = existing.object.get("tags", {})  # the ALB Ingress controller writes tags too
        owner = "" if kind == ADDON else urn  # an add-on outlives the stack
        entry = Entry(kind, identity, digested(outputs), owner, tuple(key(*used) for used in uses(kind, outputs)))
        self._contents.put(entry)
        if kind == ADDON:
            install_addon(self._contents, reveal(outputs))
        return {name: value for name, value in outputs.items() if not _empty(value)}


def _unknown(name: str, product: Product) -> tuple[str, str]:
    near = difflib.get_close_matches(name, product.inputs, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return name, f"An argument named {name!r} is not expected here{hint}"


def _listing(values: Sequence[Any]) -> str:
    numbers = all(isinstance(value, int) for value in values)
    return f"{values[0]} to {values[-1]}" if numbers else ", ".join(values)


def _empty(value: Value) -> bool:
    return value is None and not isinstance(value, Secret)
