"""The commands of kubectl that pages show: their options, the objects, labels and fields that they name.

Source of options and of the two forms of paths: https://kubernetes.io/docs/reference/kubectl/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FOR_ALL = frozenset({"-n"})
_VALUES: dict[str, frozenset[str]] = {
    "create": frozenset({"--from", "--cert", "--key", "-o"}),
    "delete": frozenset(),
    "describe": frozenset(),
    "exec": frozenset({"-c"}),
    "get": frozenset({"-l", "-o", "--field-selector", "--sort-by"}),
    "logs": frozenset({"-l", "-c", "--tail"}),
    "patch": frozenset({"--type", "-p"}),
    "port-forward": frozenset(),
    "replace": frozenset({"-f"}),
    "rollout": frozenset(),
}
"""The options that take a value, of each verb."""
_SWITCHES: dict[str, frozenset[str]] = {
    "create": frozenset({"--dry-run=client"}),
    "delete": frozenset({"--ignore-not-found"}),
    "get": frozenset({"-A"}),
    "logs": frozenset({"-f", "--prefix"}),
}

KINDS = {
    "albconfig": ("alibabacloud.com/v1", "AlbConfig"),
    "cronjob": ("batch/v1", "CronJob"),
    "deployment": ("apps/v1", "Deployment"),
    "deployments": ("apps/v1", "Deployment"),
    "endpointslices": ("discovery.k8s.io/v1", "EndpointSlice"),
    "events": ("v1", "Event"),
    "ingress": ("networking.k8s.io/v1", "Ingress"),
    "job": ("batch/v1", "Job"),
    "networkpolicy": ("networking.k8s.io/v1", "NetworkPolicy"),
    "pod": ("v1", "Pod"),
    "podeip": ("alibabacloud.com/v1beta1", "PodEIP"),
    "podeips": ("alibabacloud.com/v1beta1", "PodEIP"),
    "pods": ("v1", "Pod"),
    "secret": ("v1", "Secret"),
}
"""What kubectl calls the kinds."""


@dataclass(frozen=True)
class Kubectl:
    """One command.

    Attributes:
        verb: What it does.
        words: What stands behind the verb and is no option.
        options: The options with their values; of a switch, nothing.
        inside: What `exec` runs.
    """

    verb: str
    words: tuple[str, ...]
    options: dict[str, str]
    inside: tuple[str, ...] = ()

    @classmethod
    def parsed(cls, command: list[str]) -> Kubectl:
        """The command, or an assertion that fails: a verb or an option that is none."""
        _, verb, *rest = command
        assert verb in _VALUES, f"no verb of kubectl: {verb}"
        before = rest
        inside: tuple[str, ...] = ()
        if "--" in rest:
            assert verb == "exec", command
            cut = rest.index("--")
            before, inside = rest[:cut], tuple(rest[cut + 1 :])
        words, options = [], {}
        left = iter(before)
        for word in left:
            if not word.startswith("-") or word == "-":
                words.append(word)
            elif word in _SWITCHES.get(verb, frozenset()):
                options[word] = ""
            else:
                option, _, value = word.partition("=")
                assert option in _VALUES[verb] | _FOR_ALL, f"no option of kubectl {verb}: {word}"
                options[option] = value or next(left, "")
                assert options[option], f"{option} has no value: {command}"
        return cls(verb, tuple(words), options, inside)

    @property
    def kind(self) -> str:
        """The kind that it is about, in kubectl's word."""
        if self.verb == "rollout":
            return self.words[1].partition("/")[0]
        if self.verb in ("logs", "exec", "port-forward"):
            kind, slash, _ = self.words[0].partition("/") if self.words else ("pod", "", "")
            return kind if slash else "pod"
        return self.words[0] if self.words else ""

    @property
    def objects(self) -> list[tuple[str, str]]:
        """Kind and name of each object that it names."""
        found = [
            (kind, name)
            for word in (*self.words, self.options.get("--from", ""))
            for kind, slash, name in [word.partition("/")]
            if slash
        ]
        if self.verb in ("get", "describe", "delete", "patch") and len(self.words) > 1:
            found.append((self.words[0], self.words[1]))
        return found

    @property
    def labels(self) -> dict[str, str]:
        """What `-l` selects."""
        return dict(pair.split("=") for pair in self.options.get("-l", "").split(",") if pair)

    @property
    def paths(self) -> Iterator[list[str]]:
        """The fields that `-o` prints, each as the names that lead to it."""
        form, _, text = self.options.get("-o", "").partition("=")
        if form == "custom-columns":
            for column in text.split(","):
                yield _names(column.partition(":")[2])
        elif form == "jsonpath":
            prefix: list[str] = []
            for part in re.findall(r"\{([^{}]*)\}", text):
                if part.startswith("range "):
                    prefix = _names(part.removeprefix("range "))
                elif part.startswith("."):
                    yield [*prefix, *_names(part)]
        else:
            assert form in ("", "wide", "yaml"), self.options["-o"]

    @property
    def conditions(self) -> list[str]:
        """The types of conditions that `-o` looks for."""
        return re.findall(r'@\.type=="([^"]+)"', self.options.get("-o", ""))


def _names(path: str) -> list[str]:
    """`.status.conditions[?(@.type=="Ready")].status` is status, conditions, status."""
    plain = re.sub(r"\[[^\]]*\]", "", path)
    assert re.fullmatch(r"(\.[A-Za-z]+)+", plain), path
    return plain[1:].split(".")
