"""Made-up objects of the kinds that a service has, with few names, so that two of them have much in common."""

from typing import Any

from hypothesis import strategies as st

Object = dict[str, Any]

_TEXTS = st.sampled_from(["a", "b", "c"])
_MAPS = st.dictionaries(_TEXTS, _TEXTS, max_size=3)


def _some(required: Object | None = None, **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Object]:
    return st.fixed_dictionaries(required or {}, optional=optional)


def _unique(key: str, elements: st.SearchStrategy[Object], least: int = 0) -> st.SearchStrategy[list[Object]]:
    return st.lists(elements, min_size=least, max_size=4, unique_by=lambda each: each[key])


def _list(elements: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[list[Any]]:
    return st.lists(elements, min_size=least, max_size=3)


_ENV = _some({"name": _TEXTS}, value=_TEXTS)
_PORTS = _some({"containerPort": st.sampled_from([53, 80, 443])}, protocol=st.sampled_from(["TCP", "UDP"]), name=_TEXTS)
_CONTAINERS = _unique(
    "name",
    _some(
        {"name": _TEXTS, "image": _TEXTS},
        args=_list(_TEXTS),
        env=_unique("name", _ENV) | _list(_ENV),
        lifecycle=_some(preStop=st.just({"sleep": {"seconds": 5}})),
        ports=_list(_PORTS),
        resources=_some(limits=_MAPS, requests=_MAPS),
        volumeMounts=_unique("mountPath", st.fixed_dictionaries({"mountPath": _TEXTS, "name": _TEXTS})),
    ),
)
_SOURCES = _some(emptyDir=_MAPS, hostPath=st.fixed_dictionaries({"path": _TEXTS}))
_VOLUMES = _unique("name", st.tuples(_TEXTS, _SOURCES).map(lambda pair: {"name": pair[0], **pair[1]}))
_POD = _some(
    {"containers": _CONTAINERS},
    hostAliases=_unique("ip", st.fixed_dictionaries({"ip": _TEXTS, "hostnames": _list(_TEXTS)})),
    imagePullSecrets=_unique("name", st.fixed_dictionaries({"name": _TEXTS})),
    initContainers=_CONTAINERS,
    securityContext=_some(runAsUser=st.integers(0, 2), runAsNonRoot=st.booleans()),
    tolerations=_list(_some(key=_TEXTS, operator=_TEXTS)),
    topologySpreadConstraints=_list(
        _some({"topologyKey": _TEXTS, "maxSkew": st.integers(1, 2)}, matchLabelKeys=_list(_TEXTS))
    ),
    volumes=_VOLUMES,
)
_METADATA = _some(annotations=_MAPS, labels=_MAPS)
_TEMPLATE = st.fixed_dictionaries({"metadata": _METADATA, "spec": _POD})
_SPECS = {
    "Deployment": _some(
        {"template": _TEMPLATE},
        replicas=st.integers(0, 2),
        strategy=_some(type=_TEXTS, rollingUpdate=_MAPS),
    ),
    "Service": _some(
        ports=_list(_some({"port": st.sampled_from([53, 80])}, name=_TEXTS, protocol=_TEXTS, targetPort=_TEXTS)),
        selector=_MAPS,
        type=_TEXTS,
    ),
    "Ingress": _some(rules=_list(_some(host=_TEXTS, http=_some(paths=_list(_MAPS)))), tls=_list(_MAPS)),
    "PodDisruptionBudget": _some(maxUnavailable=st.integers(0, 2) | st.just("50%"), selector=_some(matchLabels=_MAPS)),
}
KINDS = tuple(_SPECS)


def objects(kind: str) -> st.SearchStrategy[Object]:
    """Objects of a kind."""
    return st.fixed_dictionaries({"kind": st.just(kind), "metadata": _METADATA, "spec": _SPECS[kind]})


def pairs() -> st.SearchStrategy[tuple[Object, Object]]:
    """Two objects of one kind."""
    return st.sampled_from(KINDS).flatmap(lambda kind: st.tuples(objects(kind), objects(kind)))
