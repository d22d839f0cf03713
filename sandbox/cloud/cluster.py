"""The Kubernetes cluster: what the ``kubernetes`` provider of the sandbox is in front of."""

from collections.abc import Sequence

from sandbox.cloud import helm
from sandbox.cloud.admission import Admission, admit, refuse_deletion, release, settle
from sandbox.cloud.cloud import Checked, Difference, Properties
from sandbox.cloud.contents import Contents, Entry
from sandbox.cloud.difference import changes
from sandbox.cloud.digests import digested, restored
from sandbox.cloud.kinds import HELM_RELEASE, Kind, kind_of
from sandbox.cloud.observed import observed
from sandbox.cloud.properties import added, merged, names, present, shaped, shielded, without
from sandbox.cloud.refusal import NotReady, Refusal
from sandbox.cloud.wire import UNKNOWN, reveal

_NOT_LIVE = "failed to fully initialize or become live"
_REPLACING_CONFIG = ("clusterIdentifier", "renderYamlToDirectory")


class Cluster:
    """Objects by kind, namespace and name, behind the questions a provider asks."""

    package = "pulumi-kubernetes"

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._namespace = "default"
        self._mutable: set[str] = set()
        self._upserts = False

    def configure(self, arguments: Properties) -> None:
        """Take the default namespace, and what may be changed in place or taken over."""
        plain = reveal(arguments)
        self._namespace = plain.get("namespace") or "default"
        options = {"ConfigMap": "enableConfigMapMutable", "Secret": "enableSecretMutable"}
        self._mutable = {kind for kind, option in options.items() if str(plain.get(option)).lower() == "true"}
        self._upserts = str(plain.get("upsertExistingObjects")).lower() == "true"

    def config_replaces(self, old: Properties, new: Properties) -> Sequence[str]:
        """Name what makes another cluster of it: the identifier where there is one, else the kubeconfig."""
        watched = _REPLACING_CONFIG if "clusterIdentifier" in {*old, *new} else (*_REPLACING_CONFIG, "kubeconfig")
        return [name for name in watched if old.get(name) != new.get(name)]

    def check(self, token: str, inputs: Properties, automatic: str | None) -> Checked:
        """Fill in name and namespace; demand what the API server would demand."""
        kind = kind_of(token, self._contents)
        if kind is HELM_RELEASE:
            return helm.check(inputs, automatic, self._namespace)
        metadata = reveal(inputs.get("metadata") or {})
        if metadata == UNKNOWN:
            return Checked(inputs)
        failures = _missing(kind, inputs) if kind else []
        filled: Properties = {}
        if not metadata.get("name") and automatic:
            filled["name"] = automatic
            filled["annotations"] = {**metadata.get("annotations", {}), "pulumi.com/autonamed": "true"}
        elif not metadata.get("name"):
            text = "autonaming is disabled, resource requires the .metadata.name field to be set"
            failures.append(("metadata.name", text))
        # A kind that the cluster does not know yet is taken for a namespaced one, as the real provider does.
        if not metadata.get("namespace") and (kind is None or kind.namespaced):
            filled["namespace"] = self._namespace
        if not filled:
            return Checked(inputs, failures)
        return Checked({**inputs, "metadata": merged(inputs.get("metadata") or {}, filled)}, failures)

    def settled(self, token: str) -> bool:  # noqa: ARG002 - so for all kinds
        """Equal inputs are no difference: drift shows at a refresh only."""
        return True

    def diff(self, token: str, old: Properties, new: Properties, state: Properties) -> Difference:  # noqa: ARG002 - the state is the engine's affair here
        """Compare inputs; an immutable field needs a new object, and one of the same name the old one's place."""
        kind = kind_of(token, self._contents)
        cluster_scoped = kind is not None and not kind.namespaced
        found = [
            change
            for change in changes(old, new)
            if not (cluster_scoped and change.path == ("metadata", "namespace") and change.kind == "DELETE")
        ]
        immutable = helm.IMMUTABLE if kind is HELM_RELEASE else (("metadata", "name"), ("metadata", "namespace"))
        if kind is not None and kind.kind not in self._mutable:
            immutable += kind.immutable
        replaces = [change for change in found if any(change.under(path) for path in immutable)]
        return Difference(found, replaces, delete_first=names(old) == names(new))

    def planned(self, token: str, inputs: Properties, state: Properties | None) -> Properties:  # noqa: ARG002 - all kinds alike
        """Return the inputs, and what the API server had added before."""
        return merged(added(state, inputs), inputs) if state else shielded(inputs)

    def create(self, token: str, urn: str, inputs: Properties) -> tuple[str, Properties]:
        """Create an object.

        Raises:
            Refusal: the API server's words.
            NotReady: it exists, and its pods or its load balancer do not come up.
        """
        with self._contents:
            kind, plain = self._known(token), reveal(inputs)
            if kind is HELM_RELEASE:
                return helm.install(self._contents, urn, inputs)
            if not kind.namespaced and "namespace" in plain["metadata"]:
                inputs = {**inputs, "metadata": without(inputs["metadata"], "namespace")}
                plain = reveal(inputs)
            identity = kind.identity(plain["metadata"])
            existing = self._contents.get(kind.type, identity) if self._upserts else None
            try:
                admission = admit(self._contents, kind, plain, existing.object if existing else None)
            except Refusal as refusal:
                text = f'resource "{urn}" was not successfully created by the Kubernetes API server: {refusal}'
                raise Refusal(text) from None
            outputs = self._store(kind, identity, inputs, admission, urn=urn, existing=existing)
        if admission.problems:
            wrapping = f'resource "{urn}" was successfully created, but the Kubernetes API server reported that it'
            raise NotReady(identity, outputs, _waited_in_vain(wrapping, identity, admission.problems))
        return identity, outputs

    def update(self, token: str, urn: str, identity: str, inputs: Properties, old: Properties) -> Properties:
        """Change an object.

        Raises:
            Refusal: it is gone, or the API server refused the change.
            NotReady: it was changed and does not become ready.
        """
        with self._contents:
            kind, plain = self._known(token), reveal(inputs)
            existing = self._contents.get(kind.type, identity)
            if existing is None:
                raise Refusal(f'update of resource "{urn}" failed: {kind.resource} "{_name(identity)}" not found')
            if kind is HELM_RELEASE:
                return helm.upgrade(self._contents, existing, urn, inputs)
            wrapping = f'the Kubernetes API server reported that "{identity}"'
            try:
                admission = admit(self._contents, kind, plain, reveal(old))
            except Refusal as refusal:
                raise Refusal(f"{wrapping} {_NOT_LIVE}: {refusal}") from None
            outputs = self._store(kind, identity, inputs, admission, urn=urn, existing=existing)
        if admission.problems:
            raise NotReady(identity, outputs, _waited_in_vain(wrapping, identity, admission.problems))
        return outputs

    def delete(self, token: str, identity: str) -> None:
        """Delete an object, and with a namespace all that is in it."""
        with self._contents:
            kind = kind_of(token, self._contents)
            entry = self._contents.get(kind.type, identity) if kind else None
            if kind is None or entry is None:
                return
            refuse_deletion(self._contents, entry)
            self._forget(entry)

    def read(
        self, token: str, identity: str, inputs: Properties, state: Properties
    ) -> tuple[str, Properties, Properties] | None:
        """Return an object as it is; its secret values only where the engine holds them already."""
        kind = kind_of(token, self._contents)
        if kind and kind.namespaced and "/" not in identity:
            identity = f"{self._namespace}/{identity}"
        entry = self._contents.get(kind.type, identity) if kind else None
        if entry is None:
            return None
        outputs = restored(entry.object, state)
        return identity, outputs, shaped(outputs, inputs) if inputs else outputs

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """Refuse: charts and YAML files are rendered by the real provider only."""
        raise Refusal(f"{token} is not served by the sandbox ({', '.join(sorted(arguments)) or 'no arguments'})")

    def vanish(self, token: str, identity: str) -> None:
        """Delete without asking anybody."""
        with self._contents:
            kind = kind_of(token, self._contents)
            entry = self._contents.get(kind.type, identity) if kind else None
            if entry:
                self._forget(entry)

    def _known(self, token: str) -> Kind:
        kind = kind_of(token, self._contents)
        if kind is None:
            _, version, name = token.split(":")
            raise Refusal(f'no matches for kind "{name}" in version "{version.removeprefix("core/")}"')
        return kind

    def _store(
        self,
        kind: Kind,
        identity: str,
        inputs: Properties,
        admission: Admission,
        *,
        urn: str,
        existing: Entry | None = None,
    ) -> Properties:
        plain = reveal(inputs)
        extra = observed(self._contents, kind, identity, plain, existing, ready=not admission.problems)
        outputs = shielded(merged(inputs, extra))
        entry = Entry(kind.type, identity, digested(outputs), urn, admission.uses, admission.demand)
        self._contents.put(entry)
        settle(self._contents, entry)
        return outputs

    def _forget(self, entry: Entry) -> None:
        self._contents.remove(entry.type, entry.id)
        if entry.type == "kubernetes:core/Namespace":
            for inside in self._contents.within(entry.id):
                self._contents.remove(inside.type, inside.id)
        release(self._contents, entry)


def _waited_in_vain(wrapping: str, identity: str, problems: list[str]) -> list[str]:
    """What the provider says after its wait, which the sandbox spares, and what the events say then."""
    return [f"{wrapping} {_NOT_LIVE}: '{_name(identity)}' timed out waiting to be Ready", *problems]


def _name(identity: str) -> str:
    return identity.rpartition("/")[2]


def _missing(kind: Kind, inputs: Properties) -> list[tuple[str, str]]:
    reason = f"required value: the API server refuses a {kind.kind} without it"
    return [(".".join(path), reason) for path in kind.required if not present(inputs, path)]
